//! The last lines of the text report: what each environment's verdict is, and what to do next.

use std::collections::BTreeSet;
use std::io::{self, Write};

use lint::{Finding, Outcome, Safety, Severity, Verdict};

use crate::TextOptions;

/// What a run for one environment alone would say.
pub(crate) struct Row {
    /// The environment; `verdict` for the whole where none is known.
    pub(crate) name: String,
    /// The verdict of such a run.
    pub(crate) verdict: Verdict,
    /// What was found, in words.
    pub(crate) found: String,
}

/// A row for each environment, in byte order of the names.
pub(crate) fn rows(outcome: &Outcome, fail_on: Severity) -> Vec<Row> {
    let named = outcome.findings.iter().filter_map(|finding| finding.environment.as_ref());
    let environments: BTreeSet<&String> = outcome.environments.iter().chain(named).collect();
    if environments.is_empty() {
        let all: Vec<&Finding> = outcome.findings.iter().collect();
        return vec![row("verdict", &all, outcome, fail_on)];
    }
    let of_environment = environments.into_iter().map(|name| {
        let concerns = |finding: &&Finding| finding.environment.as_ref().is_none_or(|other| other == name);
        let findings: Vec<&Finding> = outcome.findings.iter().filter(concerns).collect();
        row(name, &findings, outcome, fail_on)
    });
    of_environment.collect()
}

/// Writes one line for each environment, and the next command.
pub(crate) fn write(outcome: &Outcome, options: &TextOptions<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rows = rows(outcome, options.fail_on);
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    for Row { name, verdict, found } in rows {
        writeln!(out, "{name:width$}  {:6}  {found}", verdict.name())?;
    }
    if let Some(command) = next_command(outcome, options.fail_on, options.check) {
        writeln!(out, "next: {command}")?;
    }
    Ok(())
}

fn row(name: &str, findings: &[&Finding], outcome: &Outcome, fail_on: Severity) -> Row {
    let holds = findings.iter().any(|finding| finding.severity >= fail_on);
    let blocking = outcome.problems.iter().filter(|problem| problem.blocking).count();
    let verdict = match (holds, blocking) {
        (true, _) => Verdict::Held,
        (false, 0) => Verdict::Clear,
        (false, _) => Verdict::Unsure,
    };
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let is_safe = |finding: &&&Finding| finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
    let parts = [
        counted(of(Severity::Error), "error", "errors"),
        counted(of(Severity::Warning), "warning", "warnings"),
        counted(of(Severity::Info), "note", "notes"),
        counted(findings.iter().filter(is_safe).count(), "fixable", "fixable"),
        counted(blocking, "file or step not judged", "files or steps not judged"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let found = if parts.is_empty() { "nothing found".to_owned() } else { parts.join(", ") };
    Row { name: name.to_owned(), verdict, found }
}

fn counted(count: usize, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    }
}

/// What to do next: fix what can be fixed, else read about the gravest finding.
pub(crate) fn next_command(outcome: &Outcome, fail_on: Severity, check: Option<&str>) -> Option<String> {
    let is_safe = |finding: &Finding| finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
    if let Some(check) = check.filter(|_| outcome.findings.iter().any(is_safe)) {
        return Some(format!("{check} --fix"));
    }
    let gravest = outcome.findings.iter().max_by_key(|finding| finding.severity);
    let held = outcome.findings.iter().find(|finding| finding.severity >= fail_on);
    let explained = held.or(gravest)?;
    Some(format!("shipworthy explain {}", explained.rule))
}
