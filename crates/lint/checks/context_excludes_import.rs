//! Modules that the code of an image imports and the ignore file of its build leaves out.

use std::collections::BTreeMap;
use std::sync::Arc;

use facts::image::{Image, Language, LeftOut, Need, Phase, Reinclude};
use facts::{Facts, How};
use serde::Deserialize;
use source::{Place, directory_of, file_name, is_within, redact};

use super::reinclude_fix;
use crate::{Check, Fault, Fix, Safety, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The languages whose imports are followed.
    #[serde(default)]
    languages: Vec<Name>,
}

/// The languages by the names that the policy gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Name {
    Python,
    JavaScript,
    Rust,
}

impl Name {
    const fn of(language: Language) -> Self {
        match language {
            Language::Python => Self::Python,
            Language::JavaScript => Self::JavaScript,
            Language::Rust => Self::Rust,
        }
    }
}

/// A module left out, with the image that misses it.
type Missed<'f> = (&'f Image, &'f LeftOut);

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut groups: BTreeMap<(Place, Arc<str>), Vec<Missed<'_>>> = BTreeMap::new();
        for image in &facts.images {
            let followed = |left: &&LeftOut| self.languages.contains(&Name::of(left.language));
            for left in image.left_out.iter().filter(|left| left.need == Need::Import).filter(followed) {
                let key = (left.by.clone(), Arc::clone(&image.dockerfile));
                groups.entry(key).or_default().push((image, left));
            }
        }
        groups.into_iter().filter_map(|((by, dockerfile), group)| fault(by, &dockerfile, group)).collect()
    }
}

/// One fault for each line of an ignore file and Dockerfile; the worst import first.
fn fault(by: Place, dockerfile: &str, mut group: Vec<Missed<'_>>) -> Option<Fault> {
    group.sort_by_key(|(image, left)| (consequence(image, left), left.how, Arc::clone(&left.path)));
    group.dedup_by(|one, other| one.1.path == other.1.path);
    let mut group = without_packages(&group);
    // Severities sort from mild to grave.
    let (image, worst) =
        *group.iter().max_by_key(|(image, left)| (consequence(image, left), std::cmp::Reverse(left.how)))?;
    group.sort_by_key(|(image, left)| std::cmp::Reverse(consequence(image, left)));
    let severity = consequence(image, worst);
    let subject = format!("{} {dockerfile}", worst.pattern);
    let mut fault = Fault::new(subject, by, message(image, worst, group.len(), dockerfile, severity))
        .in_environment(image.scope.environment.as_deref())
        .at_most(severity);
    for (_, left) in &group {
        if let Some(link) = left.chain.last() {
            fault = fault.because(link.at.clone(), evidence(left));
        }
    }
    if let Some((at, _, reason)) = &worst.not_brought_back_by {
        fault = fault.because(at.clone(), reason.clone());
    }
    fault.fix = worst.reinclude.as_deref().map(|reinclude| bring_back(reinclude, worst, severity));
    Some(fault)
}

/// The modules, and of the packages those that no module in them stands for.
fn without_packages<'f>(group: &[Missed<'f>]) -> Vec<Missed<'f>> {
    let weight = |(image, left): &Missed<'_>| (consequence(image, left), std::cmp::Reverse(left.how));
    let is_told = |package: &Missed<'_>| {
        file_name(&package.1.path) == "__init__.py"
            && group.iter().any(|module| {
                module.1.path != package.1.path
                    && is_within(&module.1.path, directory_of(&package.1.path))
                    && weight(module) >= weight(package)
            })
    };
    group.iter().filter(|missed| !is_told(missed)).copied().collect()
}

/// Lines that bring the modules back. They are safe where the program cannot start without them and they bring nothing
/// else, under no builder; a module that is named like a secret may be left out on purpose.
fn bring_back(reinclude: &Reinclude, worst: &LeftOut, severity: Severity) -> Fix {
    let stem = |path: &Arc<str>| file_name(path).split('.').next().unwrap_or("").to_owned();
    let is_secret = |path: &Arc<str>| redact::is_secret_name(&stem(path));
    let is_safe =
        reinclude.is_exact && severity == Severity::Error && !reinclude.modules.iter().any(is_secret);
    reinclude_fix(reinclude, &worst.pattern, if is_safe { Safety::Safe } else { Safety::Unsafe })
}

/// How grave the absence of a module is where its import runs.
fn consequence(image: &Image, left: &LeftOut) -> Severity {
    let is_started = left.command.is_some() || !image.entry.is_empty();
    // Python's own images are judged wherever they are built.
    let is_certain = left.language == Language::Python || image.context_is_certain;
    match left.how {
        _ if !left.reachable => Severity::Info,
        How::TopLevel if is_started && is_certain => Severity::Error,
        How::TopLevel | How::Lazy => Severity::Warning,
        How::Guarded | How::TypeChecking => Severity::Info,
    }
}

fn message(image: &Image, worst: &LeftOut, count: usize, dockerfile: &str, severity: Severity) -> String {
    let others = match count {
        1 => String::new(),
        2 => " and one more module".to_owned(),
        count => format!(" and {} more modules", count - 1),
    };
    let module = match worst.language {
        Language::Python => &worst.module,
        Language::JavaScript | Language::Rust => &*worst.path,
    };
    let pattern = &worst.pattern;
    let builder = image.builder;
    let left_out =
        format!("`{pattern}` leaves `{module}`{others} out of the image of {dockerfile} ({builder})");
    format!("{left_out}; {}", what_follows(image, worst, severity))
}

fn what_follows(image: &Image, worst: &LeftOut, severity: Severity) -> String {
    let entry = || image.entry.first().map_or("the program", |entry| entry.written.as_str());
    let command = worst.command.as_deref().unwrap_or_else(entry);
    let failure = match worst.language {
        Language::Python => "ModuleNotFoundError",
        Language::JavaScript => "a module that is not found",
        Language::Rust => "a file that is not found",
    };
    match (severity, worst.how) {
        (Severity::Error | Severity::Warning, How::TopLevel) if worst.phase == Phase::Build => {
            format!("`{command}` needs it, so the build of the image stops with {failure}")
        }
        (Severity::Error, _) => {
            format!("`{command}` imports it when it starts, so the container ends with {failure}")
        }
        (Severity::Warning, How::Lazy) => format!("the code path that imports it fails with {failure}"),
        (Severity::Warning, _) if worst.command.is_some() => {
            format!("`{command}` imports it when it starts; whether this build is in use is not known")
        }
        (Severity::Warning, _) => {
            "code of the image imports it; what the container starts is not known".to_owned()
        }
        (Severity::Info, How::Guarded) if worst.reachable => {
            "its absence is caught where it is imported".to_owned()
        }
        (Severity::Info, _) => "only code that nothing starts imports it".to_owned(),
    }
}

/// The way from the entry point to the import.
fn evidence(left: &LeftOut) -> String {
    let way: Vec<String> =
        left.chain.iter().map(|link| format!("{}:{}", link.at.path, link.at.line)).collect();
    let how = match left.how {
        How::TopLevel => "imported",
        How::Lazy => "imported when it is called",
        How::Guarded => "imported, its absence is caught",
        How::TypeChecking => "imported for type checkers",
    };
    if way.len() > 1 {
        format!("{how} here: {} -> {}", way.join(" -> "), left.path)
    } else {
        format!("{how} here: {}", left.path)
    }
}
