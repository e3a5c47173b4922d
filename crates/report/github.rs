//! Annotations of GitHub Actions: a workflow command for each finding.

use std::cmp::Reverse;
use std::io::{self, Write};

use facts::Problem;
use lint::{Finding, Outcome, Severity};
use source::redact;

use crate::Surroundings;

/// Writes a workflow command for each finding and problem, the gravest first, since GitHub shows ten of a kind and step;
/// then a plain line with the verdict.
pub fn github(outcome: &Outcome, around: &Surroundings<'_>, out: &mut dyn Write) -> io::Result<()> {
    for problem in outcome.problems.iter().filter(|problem| problem.blocking) {
        write_problem(problem, around, out)?;
    }
    let mut findings: Vec<&Finding> = outcome.findings.iter().collect();
    findings.sort_by_key(|finding| Reverse(finding.severity));
    for finding in findings {
        write_finding(finding, around, out)?;
    }
    for problem in outcome.problems.iter().filter(|problem| !problem.blocking) {
        write_problem(problem, around, out)?;
    }
    writeln!(out, "shipworthy: {}", outcome.verdict.name())
}

fn write_finding(finding: &Finding, around: &Surroundings<'_>, out: &mut dyn Write) -> io::Result<()> {
    let at = &finding.at;
    let path = around.below_top(&at.place.path);
    write!(
        out,
        "::{} file={},line={},endLine={}",
        command(finding.severity),
        property(&path),
        at.start.line,
        at.end.line
    )?;
    // Columns have a meaning within one line only.
    if at.start.line == at.end.line {
        write!(out, ",col={},endColumn={}", at.start.column, at.end.column)?;
    }
    writeln!(out, ",title={}::{}", property(&finding.rule), data(&message(finding)))
}

/// What is wrong, and each place that says why on a line of its own.
fn message(finding: &Finding) -> String {
    let because = finding.because.iter().map(|because| {
        let place = &because.at;
        format!("\n{}:{}: {}", place.place.path, place.start.line, redact::sentence(&because.message))
    });
    std::iter::once(redact::sentence(&finding.message).into_owned()).chain(because.take(5)).collect()
}

fn write_problem(problem: &Problem, around: &Surroundings<'_>, out: &mut dyn Write) -> io::Result<()> {
    let command = if problem.blocking { "error" } else { "notice" };
    let place = match &*problem.path {
        "" => String::new(),
        path => format!("file={},line={},", property(&around.below_top(path)), problem.line),
    };
    let title = if problem.blocking { "not judged" } else { "note" };
    writeln!(out, "::{command} {place}title={title}::{}", data(&redact::sentence(&problem.message)))
}

const fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

/// A message as a workflow command spells it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value as a workflow command spells it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
