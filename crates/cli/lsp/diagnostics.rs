//! Findings and problems as an editor shows them. Secrets are masked as in every other output.

use std::path::Path;

use ::facts::Problem;
use lint::{Because, Finding, Severity};
use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Range,
};
use source::redact;

use super::texts::Texts;
use super::uri;

const SOURCE: &str = "shipworthy";

/// A finding, with the other places that make it one.
pub(super) fn of_finding(finding: &Finding, root: &Path, texts: &Texts) -> Diagnostic {
    let severity = match finding.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Info => DiagnosticSeverity::INFORMATION,
    };
    let related = finding.because.iter().filter_map(|because| related(because, root, texts));
    Diagnostic {
        related_information: Some(related.collect()),
        code: Some(NumberOrString::String(finding.rule.clone())),
        ..diagnostic(texts.location(&finding.at), severity, &finding.message)
    }
}

/// What could not be read or understood.
pub(super) fn of_problem(problem: &Problem, texts: &Texts) -> Diagnostic {
    let severity = if problem.blocking { DiagnosticSeverity::ERROR } else { DiagnosticSeverity::INFORMATION };
    diagnostic(texts.line(&problem.path, problem.line), severity, &problem.message)
}

fn diagnostic(range: Range, severity: DiagnosticSeverity, message: &str) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(severity),
        source: Some(SOURCE.to_owned()),
        message: redact::sentence(message).into_owned(),
        ..Diagnostic::default()
    }
}

fn related(because: &Because, root: &Path, texts: &Texts) -> Option<DiagnosticRelatedInformation> {
    let uri = uri::of_path(&root.join(&*because.at.place.path))?;
    let location = Location { uri, range: texts.location(&because.at) };
    let message = redact::sentence(&because.message).into_owned();
    Some(DiagnosticRelatedInformation { location, message })
}
