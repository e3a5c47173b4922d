//! Files with secrets that an image takes from its context.

use std::collections::BTreeSet;

use facts::image::{Copied, CopyStatus, Held, HeldKind, Image};
use facts::{Facts, Setting, SettingSource};
use serde::Deserialize;
use source::{Place, Span, directory_of, file_name, has_word, is_illustration, is_test, redact};

use super::copy_source::grave;
use crate::{Check, Edit, Fault, Fix, Safety, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Policy {
    /// The kinds of files that are looked for.
    #[serde(default)]
    kinds: Vec<Kind>,
    /// Words in a value of an env file that show that it is no secret.
    #[serde(default)]
    harmless: Vec<String>,
    /// Beginnings of variables that a bundler writes into what browsers load.
    #[serde(default)]
    public_prefixes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    PrivateKey,
    TerraformState,
    EnvFile,
}

/// Letters that a value needs to count as a secret.
const SHORTEST: usize = 12;

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut seen = BTreeSet::new();
        let mut faults = Vec::new();
        let shipped = facts.images.iter().filter(|image| !is_for_tests(image));
        for image in shipped {
            for held in image.held.iter().filter(|held| self.kinds.contains(&kind(held.kind))) {
                if !stops_before(image, held) && seen.insert((&image.dockerfile, &held.path)) {
                    faults.extend(self.fault(facts, image, held));
                }
            }
        }
        faults
    }
}

impl Policy {
    fn fault(&self, facts: &Facts, image: &Image, held: &Held) -> Option<Fault> {
        let (what, at, severity) = match held.kind {
            HeldKind::PrivateKey if held.self_signed.is_some() => (
                "the private key of a certificate that vouches for itself",
                first_line(held),
                Severity::Warning,
            ),
            HeldKind::PrivateKey => ("a private key", first_line(held), Severity::Error),
            HeldKind::TerraformState => {
                ("Terraform's state, with every secret in plain text", first_line(held), Severity::Error)
            }
            HeldKind::EnvFile => {
                let secret = facts.settings.iter().find(|setting| {
                    setting.at.path == held.path
                        && setting.source == SettingSource::EnvFile
                        && self.is_secret(setting)
                })?;
                let deployed = secret.scope.deployed;
                ("secrets", secret.at.clone(), if deployed { Severity::Error } else { Severity::Warning })
            }
        };
        let message = format!(
            "this copies `{}`, which holds {what}, into the image of {}: whoever can pull it can read them",
            held.path, image.dockerfile
        );
        // What is made for tests and developers by its name opens nothing.
        let severity = if is_of_developers(&held.path) { Severity::Info } else { severity };
        let mut fault = Fault::new(held.path.to_string(), held.copied_at.clone(), message)
            .at_most(severity.min(grave(image)))
            .because(at, "what is copied");
        // A program may open a key by a path that it puts together.
        let safety = if held.kind == HeldKind::PrivateKey { Safety::Unsafe } else { Safety::Safe };
        let ignore = held.ignore.as_ref().filter(|_| severity > Severity::Info);
        fault.fix = ignore.map(|(at, line)| Fix {
            title: format!("Add `{}` to {}", line.trim(), at.path),
            safety,
            edits: vec![Edit { path: at.path.to_string(), span: at.span, text: line.clone() }],
        });
        Some(fault)
    }

    /// Whether a variable of an env file holds a secret and no stand-in for one. Words that are joined by hyphens are a
    /// person's: `unsafe-default-for-developers`.
    fn is_secret(&self, setting: &Setting) -> bool {
        let value = setting.value.to_ascii_lowercase();
        let is_words = value.contains('-') && value.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        redact::is_secret_name(&setting.key)
            && !self.public_prefixes.iter().any(|start| setting.key.starts_with(start.as_str()))
            && value.len() >= SHORTEST
            && !is_words
            && !value.contains(['$', '<', '{', ' '])
            && !self.harmless.iter().any(|word| value.contains(word.as_str()))
    }
}

/// Whether the instruction that would copy a file has another source that is not there: the build stops at it.
fn stops_before(image: &Image, held: &Held) -> bool {
    let is_missing = |copied: &&Copied| matches!(copied.status, CopyStatus::Missing { generated: false, .. });
    let line = held.copied_at.line;
    image.copies.iter().filter(is_missing).any(|copied| copied.from.is_none() && copied.at.line == line)
}

/// Whether an image is built to run tests, by the name of its Dockerfile or of the stage.
fn is_for_tests(image: &Image) -> bool {
    let is_for_tests = |name: &str| is_test(name) || has_word(name, &["cypress", "playwright"]);
    is_for_tests(file_name(&image.dockerfile)) || image.target.as_deref().is_some_and(is_for_tests)
}

/// Whether a file's name, or that of a folder of stand-ins around it, says that it is for tests or developers.
fn is_of_developers(path: &str) -> bool {
    const NAMES: &[&str] = &[
        "dev",
        "develop",
        "development",
        "devcontainer",
        "devlocal",
        "local",
        "localdev",
        "localhost",
        "dummy",
        "fake",
    ];
    const FOLDERS: &[&str] = &["stub", "stubs", "fake", "fakes", "dummy", "devlocal", "localdev"];
    is_illustration(path)
        || is_test(file_name(path))
        || has_word(file_name(path), NAMES)
        || has_word(directory_of(path), FOLDERS)
}

fn kind(kind: HeldKind) -> Kind {
    match kind {
        HeldKind::PrivateKey => Kind::PrivateKey,
        HeldKind::TerraformState => Kind::TerraformState,
        HeldKind::EnvFile => Kind::EnvFile,
    }
}

fn first_line(held: &Held) -> Place {
    Place { path: held.path.clone(), line: 1, span: Span::at(0) }
}
