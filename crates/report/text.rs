//! The report for people.

use std::io::{self, Write};

use codespan_reporting::diagnostic::{Diagnostic, Label, Severity as Shown};
use codespan_reporting::term::termcolor::{Ansi, NoColor};
use codespan_reporting::term::{self, Styles, StylesWriter};
use facts::Problem;
use lint::{Finding, Outcome, Safety, Severity};
use source::{Tree, redact};

use crate::masked::Masked;
use crate::summary;

/// How much evidence is shown; JSON has all of it.
const MOST_EVIDENCE: usize = 5;

/// How the text is written.
#[derive(Debug, Clone, Copy)]
pub struct TextOptions<'o> {
    /// Whether colours are wanted.
    pub colors: bool,
    /// Whether only what holds the deployment back is shown.
    pub quiet: bool,
    /// The mildest severity that holds the deployment back.
    pub fail_on: Severity,
    /// The command that judges the same again and can be given `--fix`, as a shell takes it: `shipworthy check --env staging`.
    pub check: Option<&'o str>,
}

/// Writes findings with the lines they are about, problems, and one line for each environment.
pub fn text(
    outcome: &Outcome,
    tree: &dyn Tree,
    options: &TextOptions<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_shown = |severity: Severity| !options.quiet || severity >= options.fail_on;
    let findings: Vec<&Finding> =
        outcome.findings.iter().filter(|finding| is_shown(finding.severity)).collect();
    let masked = Masked::read(tree, &findings, &outcome.concealed);
    for finding in findings {
        write_finding(finding, &masked, options.colors, out)?;
    }
    for problem in outcome.problems.iter().filter(|problem| !options.quiet || problem.blocking) {
        write_problem(problem, options.colors, out)?;
    }
    for fixed in &outcome.fixed {
        let title = redact::sentence(&fixed.title);
        writeln!(out, "fixed: {}:{}: {}: {title}", fixed.path, fixed.line, fixed.rule)?;
    }
    if !outcome.suppressed.is_empty() && !options.quiet {
        writeln!(out, "{} allowed; `--no-allow` shows them", outcome.suppressed.len())?;
    }
    summary::write(outcome, options, out)
}

fn write_finding(finding: &Finding, masked: &Masked, colors: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut diagnostic = Diagnostic::new(shown(finding.severity))
        .with_code(&finding.rule)
        .with_message(redact::sentence(&finding.message));
    let mut notes = Vec::new();
    match masked.range(&finding.at) {
        Some((file, range)) => diagnostic = diagnostic.with_label(Label::primary(file, range)),
        None => notes.push(format!("at {}:{}", finding.at.place.path, finding.at.start.line)),
    }
    for because in finding.because.iter().take(MOST_EVIDENCE) {
        let message = redact::sentence(&because.message);
        match masked.range(&because.at) {
            Some((file, range)) => {
                diagnostic = diagnostic.with_label(Label::secondary(file, range).with_message(message));
            }
            None => notes.push(format!("{}:{}: {message}", because.at.place.path, because.at.start.line)),
        }
    }
    if let Some(more) = finding.because.len().checked_sub(MOST_EVIDENCE).filter(|more| *more > 0) {
        notes.push(format!("and {more} more; `--format json` lists all"));
    }
    if let Some(fix) = &finding.fix {
        let title = redact::sentence(&fix.title);
        notes.push(match fix.safety {
            Safety::Safe => format!("fix: {title}"),
            Safety::Unsafe => format!("possible fix: {title}"),
            Safety::Shown => format!("hint: {title}"),
        });
    }
    emit(&diagnostic.with_notes(notes), masked, colors, out)
}

fn write_problem(problem: &Problem, colors: bool, out: &mut dyn Write) -> io::Result<()> {
    let place = match (&*problem.path, problem.line) {
        ("", _) => String::new(),
        (path, line) => format!("{path}:{line}: "),
    };
    let message = format!("{place}{}", redact::sentence(&problem.message));
    let (severity, kind) =
        if problem.blocking { (Shown::Error, "not judged") } else { (Shown::Note, "note") };
    let bold = if colors { style(severity) } else { ("", "") };
    writeln!(out, "{}{kind}{}: {message}\n", bold.0, bold.1)
}

/// The escape sequences before and after a word in the colour of a severity.
fn style(severity: Shown) -> (&'static str, &'static str) {
    match severity {
        Shown::Error => ("\u{1b}[1;91m", "\u{1b}[0m"),
        _ => ("\u{1b}[1;92m", "\u{1b}[0m"),
    }
}

fn shown(severity: Severity) -> Shown {
    match severity {
        Severity::Error => Shown::Error,
        Severity::Warning => Shown::Warning,
        Severity::Info => Shown::Note,
    }
}

fn emit(
    diagnostic: &Diagnostic<usize>,
    masked: &Masked,
    colors: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let config = term::Config::default();
    let styles = Styles::default();
    let mut buffer = Vec::new();
    let written = if colors {
        let mut writer = StylesWriter::new(Ansi::new(&mut buffer), &styles);
        term::emit_to_write_style(&mut writer, &config, &masked.files, diagnostic)
    } else {
        let mut writer = StylesWriter::new(NoColor::new(&mut buffer), &styles);
        term::emit_to_write_style(&mut writer, &config, &masked.files, diagnostic)
    };
    match written {
        Ok(()) => out.write_all(&buffer),
        // The renderer refused a place; what was found must be told all the same.
        Err(_) => writeln!(out, "{}\n", diagnostic.message),
    }
}
