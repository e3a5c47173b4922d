//! The report for machines; its shape is a contract (`docs/schema/check.schema.json`).

use std::borrow::Cow;
use std::io::{self, Write};

use facts::Problem;
use lint::{Because, Finding, Fix, Fixed, Outcome, Safety, Severity, Suppressed, Verdict};
use serde::Serialize;
use source::redact;

/// Writes the whole outcome as one JSON object.
pub fn json(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        version: 1,
        verdict: outcome.verdict,
        files: outcome.files,
        findings: outcome.findings.iter().map(finding).collect(),
        suppressed: outcome.suppressed.iter().map(suppressed).collect(),
        fixed: outcome.fixed.iter().map(fixed).collect(),
        problems: outcome.problems.iter().map(problem).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

/// Findings in the form that they have in the report.
#[must_use]
pub fn findings_json(findings: &[Finding]) -> serde_json::Value {
    serde_json::json!(findings.iter().map(finding).collect::<Vec<_>>())
}

/// Problems in the form that they have in the report.
#[must_use]
pub fn problems_json(problems: &[Problem]) -> serde_json::Value {
    serde_json::json!(problems.iter().map(problem).collect::<Vec<_>>())
}

#[derive(Serialize)]
struct Report<'o> {
    version: u32,
    verdict: Verdict,
    files: usize,
    findings: Vec<JsonFinding<'o>>,
    suppressed: Vec<JsonSuppressed<'o>>,
    fixed: Vec<JsonFixed<'o>>,
    problems: Vec<JsonProblem<'o>>,
}

#[derive(Serialize)]
struct JsonFinding<'o> {
    rule: &'o str,
    severity: Severity,
    path: &'o str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    subject: Cow<'o, str>,
    message: Cow<'o, str>,
    environment: Option<&'o str>,
    because: Vec<JsonBecause<'o>>,
    fix: Option<JsonFix<'o>>,
    fingerprint: &'o str,
}

#[derive(Serialize)]
struct JsonBecause<'o> {
    path: &'o str,
    line: u32,
    column: u32,
    message: Cow<'o, str>,
}

#[derive(Serialize)]
struct JsonFix<'o> {
    title: Cow<'o, str>,
    safety: Safety,
    edits: Vec<JsonEdit<'o>>,
}

#[derive(Serialize)]
struct JsonEdit<'o> {
    path: &'o str,
    start: usize,
    end: usize,
    text: Cow<'o, str>,
}

#[derive(Serialize)]
struct JsonSuppressed<'o> {
    #[serde(flatten)]
    finding: JsonFinding<'o>,
    reason: Cow<'o, str>,
    until: Option<&'o str>,
}

#[derive(Serialize)]
struct JsonFixed<'o> {
    rule: &'o str,
    path: &'o str,
    line: u32,
    title: Cow<'o, str>,
}

#[derive(Serialize)]
struct JsonProblem<'o> {
    path: &'o str,
    line: u32,
    message: Cow<'o, str>,
    blocking: bool,
}

fn finding(finding: &Finding) -> JsonFinding<'_> {
    JsonFinding {
        rule: &finding.rule,
        severity: finding.severity,
        path: &finding.at.place.path,
        line: finding.at.start.line,
        column: finding.at.start.column,
        end_line: finding.at.end.line,
        end_column: finding.at.end.column,
        subject: redact::sentence(&finding.subject),
        message: redact::sentence(&finding.message),
        environment: finding.environment.as_deref(),
        because: finding.because.iter().map(because).collect(),
        fix: finding.fix.as_ref().map(fix),
        fingerprint: &finding.fingerprint,
    }
}

fn because(because: &Because) -> JsonBecause<'_> {
    JsonBecause {
        path: &because.at.place.path,
        line: because.at.start.line,
        column: because.at.start.column,
        message: redact::sentence(&because.message),
    }
}

fn fix(fix: &Fix) -> JsonFix<'_> {
    let edits = fix.edits.iter().map(|edit| JsonEdit {
        path: &edit.path,
        start: edit.span.start,
        end: edit.span.end,
        text: redact::sentence(&edit.text),
    });
    JsonFix { title: redact::sentence(&fix.title), safety: fix.safety, edits: edits.collect() }
}

fn suppressed(suppressed: &Suppressed) -> JsonSuppressed<'_> {
    JsonSuppressed {
        finding: finding(&suppressed.finding),
        reason: redact::sentence(&suppressed.reason),
        until: suppressed.until.as_deref(),
    }
}

fn fixed(fixed: &Fixed) -> JsonFixed<'_> {
    JsonFixed {
        rule: &fixed.rule,
        path: &fixed.path,
        line: fixed.line,
        title: redact::sentence(&fixed.title),
    }
}

fn problem(problem: &Problem) -> JsonProblem<'_> {
    JsonProblem {
        path: &problem.path,
        line: problem.line,
        message: redact::sentence(&problem.message),
        blocking: problem.blocking,
    }
}
