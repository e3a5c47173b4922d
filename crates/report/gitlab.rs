//! GitLab's code quality report.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use facts::Problem;
use lint::{Finding, Outcome, Severity, fingerprint};
use serde::Serialize;
use source::redact;

use crate::Surroundings;

/// Writes findings and problems as one JSON array. Fingerprints in it are unique, as GitLab wants them.
pub fn gitlab(outcome: &Outcome, around: &Surroundings<'_>, out: &mut dyn Write) -> io::Result<()> {
    let problems = outcome.problems.iter().map(|problem| of_problem(problem, around));
    let mut items: Vec<Item<'_>> =
        outcome.findings.iter().map(|finding| of_finding(finding, around)).chain(problems).collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for item in &mut items {
        let count = seen.entry(item.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            item.fingerprint = fingerprint(item.check_name, &item.fingerprint, &count.to_string());
        }
    }
    serde_json::to_writer_pretty(&mut *out, &items)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Item<'o> {
    description: Cow<'o, str>,
    check_name: &'o str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'o>,
}

#[derive(Serialize)]
struct Location<'o> {
    path: Cow<'o, str>,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

fn of_finding<'o>(finding: &'o Finding, around: &Surroundings<'_>) -> Item<'o> {
    Item {
        description: redact::sentence(&finding.message),
        check_name: &finding.rule,
        fingerprint: finding.fingerprint.clone(),
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Info => "info",
        },
        location: Location {
            path: around.below_top(&finding.at.place.path),
            lines: Lines { begin: finding.at.start.line, end: finding.at.end.line },
        },
    }
}

fn of_problem<'o>(problem: &'o Problem, around: &Surroundings<'_>) -> Item<'o> {
    let check_name = if problem.blocking { "not-judged" } else { "note" };
    // A problem of the run as a whole stands in no file, and GitLab wants one.
    let path = if problem.path.is_empty() { "." } else { &problem.path };
    Item {
        description: redact::sentence(&problem.message),
        check_name,
        fingerprint: fingerprint(check_name, path, &redact::sentence(&problem.message)),
        severity: if problem.blocking { "blocker" } else { "info" },
        location: Location {
            path: around.below_top(path),
            lines: Lines { begin: problem.line, end: problem.line },
        },
    }
}
