//! Sources of COPY and ADD that the build context does not hold.

use std::collections::BTreeMap;

use facts::Facts;
use facts::image::{Copied, CopyStatus, Image};
use serde::Deserialize;
use source::{FileKind, Place, file_name, has_word};

use crate::{Check, Fault, Severity};

/// Which of the two faults a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Which {
    /// Nothing stands there.
    Missing,
    /// The ignore file leaves it out.
    Excluded,
    /// Nothing is left of it, so that everything is copied.
    Everything,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Empty: nothing is looked for.
    #[serde(default)]
    source: Option<Which>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults: BTreeMap<(Place, String), Fault> = BTreeMap::new();
        for image in &facts.images {
            if self.source == Some(Which::Missing)
                && let Some(fault) = wrong_build(image, facts)
            {
                faults.insert((fault.at.clone(), fault.message.clone()), fault);
                continue;
            }
            for copied in &image.copies {
                let fault = match self.source {
                    Some(Which::Missing) => missing(image, copied),
                    Some(Which::Excluded) => excluded(image, copied),
                    Some(Which::Everything) => everything(image, copied),
                    None => None,
                };
                let Some(fault) = fault else { continue };
                // One Dockerfile may be built several times with the same context; the gravest consequence counts.
                let known =
                    faults.entry((fault.at.clone(), fault.message.clone())).or_insert_with(|| fault.clone());
                if known.severity < fault.severity {
                    *known = fault;
                }
            }
        }
        faults.into_values().collect()
    }
}

/// The one fault of a build whose context lacks what lies elsewhere.
fn wrong_build(image: &Image, facts: &Facts) -> Option<Fault> {
    let right = right_build(image, facts);
    right.and_then(|right| wrong_context(image, right)).or_else(|| too_deep(image, right))
}

/// The build whose context lacks several sources, all of which lie in one folder above.
fn too_deep(image: &Image, right: Option<&Image>) -> Option<Fault> {
    let folder = image.whole_from.as_deref()?;
    let at = image.built_by.first()?;
    let lacking = lacking(image);
    let first = lacking.first()?;
    let message = format!(
        "this builds `{}` with {}, where `{}` and {} more do not exist, so the build stops; all of them lie in {}: build with \
         that as the context",
        image.dockerfile,
        context_name(image),
        first.written,
        lacking.len() - 1,
        if folder.is_empty() { "the root".to_owned() } else { format!("`{folder}/`") }
    );
    // Whether anybody asks for a target of a Makefile is not told.
    let is_asked = !is_makefile(&at.path) && right.is_none();
    let severity = if is_asked { grave(image) } else { grave(image).min(Severity::Warning) };
    let mut fault = Fault::new(image.dockerfile.to_string(), at.clone(), message)
        .in_environment(image.scope.environment.as_deref())
        .at_most(severity);
    if let Some(by) = right.and_then(|right| right.built_by.first()) {
        fault = fault.because(by.clone(), "this build has everything");
    }
    Some(lacking.into_iter().fold(fault, |fault, copied| {
        fault.because(copied.at.clone(), format!("`{}` is taken from the context", copied.written))
    }))
}

/// What the context lacks and the tree should have.
fn lacking(image: &Image) -> Vec<&Copied> {
    let lacks = |copied: &&Copied| {
        copied.from.is_none() && matches!(copied.status, CopyStatus::Missing { generated: false, .. })
    };
    image.copies.iter().filter(lacks).collect()
}

fn is_makefile(path: &str) -> bool {
    let name = file_name(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(name, "Makefile" | "makefile" | "GNUmakefile") || ending == "mk"
}

/// Another build of the same Dockerfile, from another context that has everything which this one lacks.
fn right_build<'f>(image: &Image, facts: &'f Facts) -> Option<&'f Image> {
    let lacks = |copied: &Copied| matches!(copied.status, CopyStatus::Missing { .. });
    let is_right = |other: &&Image| {
        other.dockerfile == image.dockerfile
            && other.context != image.context
            && other.target == image.target
            && !other.built_by.is_empty()
            && !other.copies.iter().any(lacks)
    };
    facts.images.iter().find(is_right)
}

/// The script that builds from a context which lacks sources, where another place builds the same from the right one: the
/// command is wrong, and not the Dockerfile.
fn wrong_context(image: &Image, right: &Image) -> Option<Fault> {
    let at = image.built_by.first().filter(|at| FileKind::of(&at.path) == FileKind::Shell)?;
    let lacking = lacking(image);
    let first = lacking.first()?;
    let more = if lacking.len() > 1 { format!(" and {} more", lacking.len() - 1) } else { String::new() };
    let message = format!(
        "this builds `{}` with {}, where `{}`{more} does not exist, so the build stops; another build of it takes {}",
        image.dockerfile,
        context_name(image),
        first.written,
        context_name(right)
    );
    let fault = Fault::new(format!("{} {}", image.dockerfile, first.written), at.clone(), message)
        .at_most(grave(image).min(Severity::Warning))
        .because(first.at.clone(), "this is taken from the context");
    Some(match right.built_by.first() {
        Some(by) => fault.because(by.clone(), "this build has everything"),
        None => fault,
    })
}

fn missing(image: &Image, copied: &Copied) -> Option<Fault> {
    let written = &copied.written;
    let context = context_name(image);
    let (message, severity) = match &copied.status {
        CopyStatus::Missing { .. } if copied.is_shell_operator() => (
            format!(
                "`{written}` is a word of the shell, and no shell reads this instruction: it is taken for the name of a \
                file, which does not exist, so the build stops here"
            ),
            Severity::Error,
        ),
        CopyStatus::Missing { similar: Some(like), .. } if copied.from.is_some() => (
            format!(
                "`{written}` is not among what the context brings into that stage, and no command of the stage names \
                it: if none makes it, the build stops here; did you mean the name of `{like}`?"
            ),
            Severity::Warning,
        ),
        CopyStatus::Missing { generated: true, .. }
            if is_lock_file(written) && is_checked_out(image) && !copied.made =>
        {
            (
                format!(
                    "`{written}` is not in {context}, and .gitignore keeps it out: no checkout has it, so a build from one stops \
                here. A lock file belongs into the repository"
                ),
                grave(image).min(Severity::Warning),
            )
        }
        CopyStatus::Missing { generated: true, .. } => (
            format!(
                "`{written}` is not in {context}; it is no part of the repository, so it has to be made before \
                this build"
            ),
            Severity::Info,
        ),
        CopyStatus::Missing { generated: false, similar } => {
            // A certificate lies beside its key: another ending is another file.
            let similar =
                similar.as_deref().filter(|path| !is_credential(written) || has_same_ending(path, written));
            let is_laid_there = similar.is_none() && is_credential(written);
            let hint = match similar {
                Some(path) => format!("; did you mean `{path}`?"),
                None if is_laid_there => "; if it is a secret, it has to be laid there before".to_owned(),
                None => String::new(),
            };
            let may_be_there = is_laid_there || may_differ(image, copied, similar);
            let severity = if may_be_there { grave(image).min(Severity::Warning) } else { grave(image) };
            (format!("`{written}` does not exist in {context}, so the build stops here{hint}"), severity)
        }
        CopyStatus::NoMatch { excluded_by: None, only_source: true, generated } => (
            format!(
                "`{written}` matches nothing in {context}: BuildKit copies nothing, the classic builder, \
                buildah and kaniko stop"
            ),
            if *generated { Severity::Info } else { unless_buildkit(image) },
        ),
        _ => return None,
    };
    Some(fault(image, copied, message, severity))
}

/// Whether somebody who builds a Dockerfile that nothing here builds may have what is missing: an argument with another
/// value than its default, or a context one folder above the repository.
fn may_differ(image: &Image, copied: &Copied, similar: Option<&str>) -> bool {
    let below = copied.source.split_once('/').map(|(_, rest)| rest);
    let is_from_above = below.is_some() && below == similar;
    image.built_by.is_empty() && (copied.written.contains('$') || is_from_above)
}

fn has_same_ending(one: &str, other: &str) -> bool {
    let ending = |path: &str| file_name(path).rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending(one) == ending(other)
}

/// Whether a name is that of a key or of credentials, which no repository holds.
fn is_credential(path: &str) -> bool {
    const ENDINGS: [&str; 6] = [".jks", ".key", ".p12", ".pem", ".pfx", "kubeconfig"];
    let name = file_name(path).to_ascii_lowercase();
    let is_account = has_word(&name, &["credential", "credentials"])
        && name.rsplit_once('.').is_some_and(|(_, ending)| ending == "json");
    is_account || name.starts_with("id_rsa") || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn excluded(image: &Image, copied: &Copied) -> Option<Fault> {
    let written = &copied.written;
    let (by, pattern, message, severity) = match &copied.status {
        CopyStatus::Excluded { by, pattern, silently: false } => {
            let message = format!(
                "`{written}` is left out of the build context by `{pattern}`, so the build stops here"
            );
            (by, pattern, message, grave(image))
        }
        CopyStatus::Excluded { by, pattern, silently: true } => {
            let message = format!(
                "all of `{written}` is left out of the build context by `{pattern}`: the build goes on and the \
                image has an empty directory"
            );
            (by, pattern, message, grave(image))
        }
        CopyStatus::NoMatch { excluded_by: Some((by, pattern)), only_source, .. } => {
            let message = format!(
                "everything that `{written}` matches is left out of the build context by `{pattern}`: BuildKit \
                copies nothing, the classic builder, buildah and kaniko stop"
            );
            (by, pattern, message, if *only_source { unless_buildkit(image) } else { Severity::Info })
        }
        _ => return None,
    };
    let evidence = format!("`{pattern}` leaves it out");
    Some(fault(image, copied, message, severity).because(by.clone(), evidence))
}

fn everything(image: &Image, copied: &Copied) -> Option<Fault> {
    let CopyStatus::WholeContext { variable, outside, may_be_inherited } = &copied.status else {
        return None;
    };
    let written = &copied.written;
    let message = format!(
        "nothing sets `{variable}` here, so `{written}` is empty and the whole build context is copied in its place"
    );
    let certain = outside.is_some() || !may_be_inherited;
    let fault = fault(image, copied, message, if certain { Severity::Error } else { Severity::Warning });
    Some(match outside {
        Some(at) => fault.because(
            at.clone(),
            format!("`{variable}` is set before the first FROM only; repeat `ARG {variable}` in the stage"),
        ),
        None => fault,
    })
}

fn fault(image: &Image, copied: &Copied, message: String, severity: Severity) -> Fault {
    let fault = Fault::new(copied.written.clone(), copied.at.clone(), message)
        .in_environment(image.scope.environment.as_deref())
        .at_most(severity);
    match image.built_by.first() {
        Some(at) => fault.because(at.clone(), format!("this builds it with {}", context_name(image))),
        None => fault,
    }
}

/// Whether a path is that of a file in which a package manager keeps the versions that it chose.
fn is_lock_file(path: &str) -> bool {
    const NAMES: &[&str] = &[
        "Cargo.lock",
        "Gemfile.lock",
        "Pipfile.lock",
        "bun.lock",
        "bun.lockb",
        "composer.lock",
        "go.sum",
        "package-lock.json",
        "pdm.lock",
        "pnpm-lock.yaml",
        "poetry.lock",
        "uv.lock",
        "yarn.lock",
    ];
    NAMES.contains(&source::file_name(path))
}

/// Whether a workflow or the configuration of a build service builds the image, from a checkout.
fn is_checked_out(image: &Image) -> bool {
    image.built_by.iter().any(|at| matches!(FileKind::of(&at.path), FileKind::Workflow | FileKind::Yaml))
}

/// Where the context is only guessed, so is the fault.
pub(super) fn grave(image: &Image) -> Severity {
    // Only developers' machines, or tests, build it.
    let environment = image.scope.environment.as_deref();
    let is_undeployed = environment.is_some_and(|name| !facts::environment::is_deployed(name));
    if image.dockerfile.split('/').any(|folder| folder == ".devcontainer") {
        return Severity::Warning;
    }
    match (image.context_is_certain, image.context_is_unknown) {
        (true, _) if is_undeployed => Severity::Warning,
        (true, _) => Severity::Error,
        (false, false) => Severity::Warning,
        (false, true) => Severity::Info,
    }
}

/// What follows where a wildcard matches nothing and nothing else is copied: `BuildKit` goes on, all others stop.
fn unless_buildkit(image: &Image) -> Severity {
    match image.builder {
        "buildkit" => Severity::Info,
        _ => grave(image),
    }
}

fn context_name(image: &Image) -> String {
    match image.context.as_str() {
        "" => "the build context (the root)".to_owned(),
        directory => format!("the build context `{directory}/`"),
    }
}
