//! What is allowed at the gate: only what will end.

use crate::config::Allow;
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

fn covers(entry: &Allow, finding: &Finding, today: Date) -> bool {
    entry.rule.text == finding.rule
        && entry.until.is_some_and(|last| last >= today)
        && !entry.reason.trim().is_empty()
        && entry.path.as_ref().is_none_or(|pattern| pattern.matches(&finding.at.place.path))
        && entry.subject.as_ref().is_none_or(|subject| *subject == finding.subject)
}
