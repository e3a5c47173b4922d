//! The baseline: findings that are known and left for later, in a file of their own.
//!
//! An entry stands for one finding by its fingerprint, so that it holds when lines move and covers no second one of the
//! same subject. A baseline is made once and may only shrink from then on: what is new has to be mended or allowed.

use std::collections::BTreeMap;

use facts::Problem;
use serde::{Deserialize, Serialize};
use source::redact;

use crate::{Finding, Outcome, Registry, Severity, Suppressed};

/// The version of the file's shape.
const VERSION: u32 = 1;

/// Findings that are known and left for later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    findings: Vec<Known>,
}

/// One known finding. The fingerprint decides; the rest is for who reads the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    path: String,
    rule: String,
    subject: String,
    fingerprint: String,
}

impl Baseline {
    /// Reads what [`Baseline::to_json`] wrote.
    ///
    /// # Errors
    /// What is wrong with the text, with its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Self =
            serde_json::from_str(text).map_err(|error| format!("this is no baseline: {error}"))?;
        if read.version == VERSION {
            Ok(read)
        } else {
            Err(format!("this baseline is of version {}, and only {VERSION} is understood", read.version))
        }
    }

    /// A baseline of these findings. Those of rules that cannot be allowed are left out.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>, registry: &Registry) -> Self {
        let known = |finding: &Finding| Known {
            path: finding.at.place.path.to_string(),
            rule: finding.rule.clone(),
            subject: redact::sentence(&finding.subject).into_owned(),
            fingerprint: finding.fingerprint.clone(),
        };
        let can_be = findings.into_iter().filter(|finding| is_ignorable(registry, &finding.rule));
        let mut findings: Vec<Known> = can_be.map(known).collect();
        findings.sort();
        Self { version: VERSION, findings }
    }

    /// The entries that still stand for a finding.
    #[must_use]
    pub fn shrunk_to<'f>(&self, findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in findings {
            *found.entry(&finding.fingerprint).or_default() += 1;
        }
        let mut left = self.clone();
        left.findings.retain(|known| take(&mut found, &known.fingerprint));
        left
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// The text of its file.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings and numbers can always be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Moves what it stands for to the suppressed findings of an outcome, and decides again. `name` is the baseline's
    /// file; where the run was about the whole repository, entries that stand for nothing are told.
    #[must_use]
    pub fn apply(
        &self,
        mut outcome: Outcome,
        registry: &Registry,
        name: &str,
        is_whole: bool,
        fail_on: Severity,
    ) -> Outcome {
        let parted = self.part(std::mem::take(&mut outcome.findings), registry, name);
        outcome.findings = parted.kept;
        outcome.suppressed.extend(parted.known);
        outcome.suppressed.sort_by(|one, other| one.finding.order().cmp(&other.finding.order()));
        outcome.with_problems(parted.gone.filter(|_| is_whole), fail_on)
    }

    /// Parts findings into those that it does not stand for and those that are known. `name` is the baseline's file.
    pub(crate) fn part(&self, findings: Vec<Finding>, registry: &Registry, name: &str) -> Parted {
        let mut left = self.counted();
        let mut parted = Parted { kept: Vec::new(), known: Vec::new(), gone: None };
        for finding in findings {
            if is_ignorable(registry, &finding.rule) && take(&mut left, &finding.fingerprint) {
                let reason = format!("known in the baseline {name}");
                parted.known.push(Suppressed { finding, reason, until: None });
            } else {
                parted.kept.push(finding);
            }
        }
        let gone: usize = left.values().sum();
        parted.gone = (gone > 0).then(|| Problem {
            path: name.into(),
            line: 1,
            message: format!("{gone} of its entries stand for nothing any more; run `shipworthy baseline`"),
            blocking: false,
        });
        parted
    }

    /// How many entries it has that `before` has not.
    #[must_use]
    pub fn grown_since(&self, before: &Self) -> usize {
        let mut known = before.counted();
        self.findings.iter().filter(|entry| !take(&mut known, &entry.fingerprint)).count()
    }

    /// The entries by fingerprint.
    fn counted(&self) -> BTreeMap<&str, usize> {
        let mut counted = BTreeMap::new();
        for known in &self.findings {
            *counted.entry(known.fingerprint.as_str()).or_default() += 1;
        }
        counted
    }
}

/// Findings, parted by a baseline.
pub(crate) struct Parted {
    /// Those that it does not stand for.
    pub(crate) kept: Vec<Finding>,
    /// Those that it stands for.
    pub(crate) known: Vec<Suppressed>,
    /// That entries stand for nothing any more; none where each stands for a finding.
    pub(crate) gone: Option<Problem>,
}

fn is_ignorable(registry: &Registry, rule: &str) -> bool {
    registry.get(rule).is_some_and(|rule| rule.head.ignorable)
}

/// Takes one of what is counted.
fn take(counted: &mut BTreeMap<&str, usize>, name: &str) -> bool {
    match counted.get_mut(name) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;
    use crate::finding::tests::finding;

    fn outcome(findings: Vec<Finding>) -> Outcome {
        Outcome { findings, ..Outcome::nothing_asked("") }
    }

    #[test]
    fn an_entry_covers_one_finding_and_no_more() {
        let registry = Registry::built_in();
        let known = finding("localhost-url", "a.env", 3, Severity::Error);
        let baseline = Baseline::of([&known], &registry);
        assert_eq!(Baseline::parse(&baseline.to_json()), Ok(baseline.clone()));
        let moved = finding("localhost-url", "a.env", 9, Severity::Error);
        let judged = baseline.apply(outcome(vec![moved.clone()]), &registry, "b.json", true, Severity::Error);
        assert_eq!((judged.verdict, judged.suppressed.len()), (Verdict::Clear, 1));
        let twice = outcome(vec![known, moved]);
        let judged = baseline.apply(twice, &registry, "b.json", true, Severity::Error);
        assert_eq!((judged.verdict, judged.findings.len()), (Verdict::Held, 1));
    }

    #[test]
    fn a_baseline_shrinks_and_tells_what_is_gone() {
        let registry = Registry::built_in();
        let (one, other) = (
            finding("localhost-url", "a.env", 1, Severity::Error),
            finding("placeholder-value", "a.env", 2, Severity::Error),
        );
        let baseline = Baseline::of([&one, &other], &registry);
        assert_eq!(baseline.shrunk_to([&one]).len(), 1);
        let judged = baseline.apply(outcome(vec![one.clone()]), &registry, "b.json", true, Severity::Error);
        assert!(judged.problems.iter().any(|problem| problem.message.starts_with("1 of its entries")));
        let part = baseline.apply(outcome(vec![one]), &registry, "b.json", false, Severity::Error);
        assert!(part.problems.iter().all(|problem| !problem.message.contains("entries")));
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        for text in ["", "[]", "{\"version\":2,\"findings\":[]}", "{\"version\":1,\"findings\":[{}]}"] {
            assert!(Baseline::parse(text).is_err(), "{text}");
        }
    }
}
