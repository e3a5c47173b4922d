//! Modules that the code of an image imports and the ignore file of its build leaves out.

use std::collections::BTreeMap;
use std::sync::Arc;

use facts::image::{Image, LeftOut, Need, Reinclude};
use facts::{Facts, How};
use serde::Deserialize;
use source::{Place, file_name, redact};

use super::{policy, reinclude_fix};
use crate::{Check, CheckContext, Fault, Fix, Safety, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// The languages whose imports are followed, by the ending of their files.
    #[serde(default)]
    endings: Vec<String>,
}

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(policy::<Policy>(table)?))
}

/// A module left out, with the image that misses it.
type Missed<'f> = (&'f Image, &'f LeftOut);

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut groups: BTreeMap<(Place, Arc<str>), Vec<Missed<'_>>> = BTreeMap::new();
        for image in &facts.images {
            let followed =
                |left: &&LeftOut| self.endings.iter().any(|ending| left.path.ends_with(ending.as_str()));
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

/// Lines that bring the modules back. They are safe where the program cannot start without them and they bring nothing
/// else, under no builder; a module that is named like a secret may be left out on purpose.
fn bring_back(reinclude: &Reinclude, worst: &LeftOut, severity: Severity) -> Fix {
    let is_secret = |path: &Arc<str>| redact::is_secret_name(file_name(path).trim_end_matches(".py"));
    let is_safe =
        reinclude.is_exact && severity == Severity::Error && !reinclude.modules.iter().any(is_secret);
    reinclude_fix(reinclude, &worst.pattern, if is_safe { Safety::Safe } else { Safety::Unsafe })
}

/// How grave the absence of a module is where its import runs.
fn consequence(image: &Image, left: &LeftOut) -> Severity {
    match left.how {
        _ if !left.reachable => Severity::Info,
        How::TopLevel if image.entry.is_empty() => Severity::Warning,
        How::TopLevel => Severity::Error,
        How::Lazy => Severity::Warning,
        How::Guarded | How::TypeChecking => Severity::Info,
    }
}

fn message(image: &Image, worst: &LeftOut, count: usize, dockerfile: &str, severity: Severity) -> String {
    let others = match count {
        1 => String::new(),
        2 => " and one more module".to_owned(),
        count => format!(" and {} more modules", count - 1),
    };
    let module = &worst.module;
    let pattern = &worst.pattern;
    let builder = image.builder;
    let left_out =
        format!("`{pattern}` leaves `{module}`{others} out of the image of {dockerfile} ({builder})");
    let consequence = match (severity, worst.how) {
        (Severity::Error, _) => {
            let entry = image.entry.first().map_or("the program", |entry| entry.written.as_str());
            format!("`{entry}` imports it when it starts, so the container ends with ModuleNotFoundError")
        }
        (Severity::Warning, How::Lazy) => {
            "the code path that imports it fails with ModuleNotFoundError".to_owned()
        }
        (Severity::Warning, _) => {
            "code of the image imports it; what the container starts is not known".to_owned()
        }
        (Severity::Info, How::Guarded) if worst.reachable => {
            "its absence is caught where it is imported".to_owned()
        }
        (Severity::Info, _) => "only code that nothing starts imports it".to_owned(),
    };
    format!("{left_out}; {consequence}")
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
