//! The report as Markdown: the summary of a job, the comment on a pull request.

use std::cmp::Reverse;
use std::io::{self, Write};

use lint::{Finding, Outcome, Safety};
use source::redact;

use crate::{Surroundings, summary};

/// The most findings that are listed; the gravest are. A job summary of GitHub takes 1 MiB.
const MOST_ROWS: usize = 500;

/// Writes the verdict, a row for each environment, and a row for each finding, the gravest first.
pub fn markdown(outcome: &Outcome, around: &Surroundings<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## shipworthy: {}\n", outcome.verdict.name())?;
    writeln!(out, "| environment | verdict | found |\n|---|---|---|")?;
    for row in summary::rows(outcome, around.fail_on) {
        writeln!(out, "| {} | {} | {} |", cell(&row.name), row.verdict.name(), row.found)?;
    }
    write_findings(outcome, out)?;
    for problem in &outcome.problems {
        let kind = if problem.blocking { "not judged" } else { "note" };
        let place = match &*problem.path {
            "" => String::new(),
            path => format!("{}: ", code(&format!("{path}:{}", problem.line))),
        };
        writeln!(out, "\n- **{kind}**: {place}{}", cell(&redact::sentence(&problem.message)))?;
    }
    for fixed in &outcome.fixed {
        let place = code(&format!("{}:{}", fixed.path, fixed.line));
        writeln!(out, "\n- **fixed** {}: {place}: {}", fixed.rule, cell(&redact::sentence(&fixed.title)))?;
    }
    if !outcome.suppressed.is_empty() {
        writeln!(out, "\n{} allowed; `--no-allow` shows them.", outcome.suppressed.len())?;
    }
    if let Some(command) = summary::next_command(outcome, around.fail_on, around.check) {
        writeln!(out, "\nNext: `{command}`")?;
    }
    Ok(())
}

fn write_findings(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: Vec<&Finding> = outcome.findings.iter().collect();
    if findings.is_empty() {
        return Ok(());
    }
    findings.sort_by_key(|finding| Reverse(finding.severity));
    writeln!(out, "\n| severity | where | rule | what is wrong |\n|---|---|---|---|")?;
    for finding in findings.iter().take(MOST_ROWS) {
        let place = code(&format!("{}:{}", finding.at.place.path, finding.at.start.line));
        let fix = finding.fix.as_ref().map_or_else(String::new, |fix| {
            let title = cell(&redact::sentence(&fix.title));
            if fix.safety == Safety::Safe {
                format!("<br>Fix: {title}")
            } else {
                format!("<br>Hint: {title}")
            }
        });
        let message = cell(&redact::sentence(&finding.message));
        writeln!(out, "| {} | {place} | {} | {message}{fix} |", finding.severity, finding.rule)?;
    }
    if let Some(more) = findings.len().checked_sub(MOST_ROWS).filter(|more| *more > 0) {
        writeln!(out, "\nand {more} more; `--format json` lists all.")?;
    }
    Ok(())
}

/// A text inside a table: on one line, with nothing in it that ends the cell or is HTML. What stands in backticks stays
/// code.
fn cell(text: &str) -> String {
    let mut in_code = false;
    let mut cell = String::with_capacity(text.len());
    for letter in text.chars() {
        in_code ^= letter == '`';
        match letter {
            '|' => cell.push_str("\\|"),
            '\n' | '\r' => cell.push(' '),
            '<' if !in_code => cell.push_str("&lt;"),
            '*' | '_' | '[' | ']' | '@' | '#' | '!' if !in_code => cell.extend(['\\', letter]),
            _ => cell.push(letter),
        }
    }
    // A backtick without its other half would take the rest of the table with it.
    if in_code { cell.replace('`', "\\`") } else { cell }
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|").replace(['\n', '\r'], " "))
}
