//! What is allowed at the gate: only what will end.

use std::collections::BTreeSet;

use source::{FileKind, Place, Tree};

use crate::config::Allow;
use crate::finding::Because;
use crate::suppress::{self, Comment};
use crate::texts::Texts;
use crate::{Config, Date, Finding, Registry, Suppressed};

/// Parts findings into those that stay and those that an entry with a last day allows. Comments have no last day, so
/// none of them counts here.
pub(super) fn part(
    findings: Vec<Finding>,
    config: &Config,
    registry: &Registry,
    today: Date,
) -> (Vec<Finding>, Vec<Suppressed>) {
    let mut kept = Vec::new();
    let mut suppressed = Vec::new();
    for finding in findings {
        let ignorable = registry.get(&finding.rule).is_some_and(|rule| rule.head.ignorable);
        let entry = config.allow.iter().find(|entry| ignorable && covers(entry, &finding, today));
        match entry {
            None => kept.push(finding),
            Some(entry) => suppressed.push(Suppressed {
                finding,
                reason: entry.reason.clone(),
                until: entry.until.map(|day| day.to_string()),
            }),
        }
    }
    (kept, suppressed)
}

/// Says of findings that stay where they are allowed elsewhere, and why that does not count here.
pub(super) fn tell(kept: &mut [Finding], tree: &dyn Tree, config: &Config, registry: &Registry) {
    let paths: BTreeSet<String> = kept.iter().map(|finding| finding.at.place.path.to_string()).collect();
    let mut texts = Texts::default();
    texts.read(tree, &paths);
    texts.read(tree, &config.allow.iter().map(|entry| entry.rule.at.path.to_string()).collect());
    let comments: Vec<Comment> = texts
        .documents()
        .filter(|document| paths.contains(&*document.path) && !config.excludes(&document.path))
        .flat_map(|document| suppress::comments(document, FileKind::of(&document.path)))
        .collect();
    for finding in kept {
        let ignorable = registry.get(&finding.rule).is_some_and(|rule| rule.head.ignorable);
        let of_config = || {
            let entry = config.allow.iter().find(|entry| is_meant(entry, finding))?;
            Some((&entry.rule.at, missing_in(entry)))
        };
        let of_comment = || {
            let comment = comments.iter().find(|comment| comment.is_about(finding))?;
            Some((&comment.at, "by a comment".to_owned()))
        };
        let found: Option<(&Place, String)> = if ignorable { of_config().or_else(of_comment) } else { None };
        if let Some((place, how)) = found {
            let message = format!(
                "allowed here {how}, which the gate does not take; an `[[allow]]` counts with a `reason` and an `until` \
                 that has not passed"
            );
            finding.because.insert(0, Because { at: texts.locate(place.clone()), message });
        }
    }
}

/// Why an entry does not count.
fn missing_in(entry: &Allow) -> String {
    match entry.until {
        None => "without `until`".to_owned(),
        Some(_) if entry.reason.trim().is_empty() => "without `reason`".to_owned(),
        Some(last) => format!("until {last} only"),
    }
}

fn covers(entry: &Allow, finding: &Finding, today: Date) -> bool {
    entry.until.is_some_and(|last| last >= today)
        && !entry.reason.trim().is_empty()
        && is_meant(entry, finding)
}

fn is_meant(entry: &Allow, finding: &Finding) -> bool {
    entry.rule.text == finding.rule
        && entry.path.as_ref().is_none_or(|pattern| pattern.matches(&finding.at.place.path))
        && entry.subject.as_ref().is_none_or(|subject| *subject == finding.subject)
}
