//! The truth table: what each detector answers in each deployment.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use facts::environment::canonical;
use facts::{Answer, Cell, Deployment, Detector, Facts};
use serde_json::{Map, Value, json};
use source::redact::{Concealed, REDACTED};

/// Writes the table as JSON.
///
/// # Errors
/// Those of `out`.
pub fn detect_json(facts: &Facts, out: &mut dyn Write) -> io::Result<()> {
    let deployments = facts.deployments.iter().map(|deployment| {
        json!({
            "id": deployment.id, "service": deployment.service, "environment": deployment.environment,
            "complete": deployment.complete, "variables": variables(deployment, &facts.concealed),
        })
    });
    let answers = Answers::of(facts);
    let report = json!({
        "version": 1,
        "detectors": detectors(facts),
        "deployments": deployments.collect::<Vec<_>>(),
        "cells": facts.cells.iter().map(|one| cell(one, &answers)).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

/// The places in code that say which environment this is.
pub(crate) fn detectors(facts: &Facts) -> Vec<Value> {
    let shown = facts.detectors.iter().map(|detector| {
        json!({
            "id": detector.id, "name": detector.name, "path": *detector.at.path, "line": detector.at.line,
            "language": detector.language,
        })
    });
    shown.collect()
}

/// The variables of a deployment, for people to read.
pub(crate) fn variables(deployment: &Deployment, concealed: &Concealed) -> Map<String, Value> {
    let shown = |name: &str, value: &str| json!(concealed.value(name, value));
    deployment.variables.iter().map(|(name, value)| (name.clone(), shown(name, value))).collect()
}

/// What of the answers is for people to read.
struct Answers<'f> {
    concealed: &'f Concealed,
    /// Values of variables whose names say that they are secret: code may answer with one of them.
    secrets: BTreeSet<&'f str>,
}

impl<'f> Answers<'f> {
    fn of(facts: &'f Facts) -> Self {
        let all = facts.deployments.iter().flat_map(|deployment| &deployment.variables);
        let is_secret = |name: &str, value: &str| {
            canonical(value).is_none() && facts.concealed.value(name, value) == REDACTED
        };
        let secrets = all.filter(|(name, value)| is_secret(name, value)).map(|(_, value)| value.as_str());
        Self { concealed: &facts.concealed, secrets: secrets.collect() }
    }

    fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.secrets.contains(text.trim_matches('"')) {
            return Cow::Borrowed(REDACTED);
        }
        self.concealed.text(text)
    }

    fn plain(&self, answer: &Answer) -> Value {
        match answer {
            Answer::Bool(value) => json!(value),
            Answer::Text(text) => json!(self.text(text)),
            Answer::Nothing | Answer::Raises(_) | Answer::Unknown { .. } => Value::Null,
        }
    }
}

fn cell(cell: &Cell, answers: &Answers<'_>) -> Value {
    let plain = |answer: &Answer| answers.plain(answer);
    let (unknown, raises) = match &cell.answer {
        Answer::Unknown { reason, at } => (Some(format!("{reason} ({}:{})", at.path, at.line)), None),
        Answer::Raises(class) => (None, Some(class.clone())),
        _ => (None, None),
    };
    json!({
        "detector": cell.detector, "deployment": cell.deployment, "answer": plain(&cell.answer),
        "unknown": unknown.map(|reason| answers.text(&reason).into_owned()),
        "as_declared": cell.as_declared.as_ref().map(plain),
        "expected": cell.expected.as_ref().map(plain), "agrees": cell.agrees,
        "path": *cell.at.path, "line": cell.at.line, "raises": raises,
        "possible": cell.possible.iter().map(plain).collect::<Vec<_>>(), "reads": cell.reads,
    })
}

/// Writes the table for people: one line for each detector and deployment, the wrong ones marked.
///
/// # Errors
/// Those of `out`.
pub fn detect_text(facts: &Facts, out: &mut dyn Write) -> io::Result<()> {
    if facts.detectors.is_empty() {
        return writeln!(out, "No code that says which environment this is was found.");
    }
    if facts.deployments.is_empty() {
        writeln!(
            out,
            "No deployment was found. Declare one, so that the detectors can be evaluated:\n\n\
             [service.NAME.deploy.production]\nvariables = {{ ENVIRONMENT = \"production\" }}\ncomplete = true\n"
        )?;
    }
    let answers = Answers::of(facts);
    let mut cells: BTreeMap<&str, Vec<&Cell>> = BTreeMap::new();
    for cell in &facts.cells {
        cells.entry(&cell.detector).or_default().push(cell);
    }
    let width = facts.deployments.iter().map(|deployment| deployment.id.chars().count()).max().unwrap_or(0);
    for detector in &facts.detectors {
        writeln!(out, "{} {}:{}", detector.name, detector.at.path, detector.at.line)?;
        for cell in cells.get(detector.id.as_str()).into_iter().flatten() {
            write_row(cell, width, &answers, out)?;
        }
        writeln!(out)?;
    }
    summary(facts, out)
}

fn write_row(cell: &Cell, width: usize, answers: &Answers<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mark = match cell.agrees {
        Some(true) => "ok",
        Some(false) => "WRONG",
        None => "",
    };
    let shown = match (&cell.answer, &cell.as_declared) {
        (Answer::Unknown { .. }, Some(declared)) => {
            format!("? ({} where nothing more is set)", declared.shown())
        }
        (answer, _) => answer.shown(),
    };
    let answer = answers.text(&shown).into_owned();
    let expected = match (&cell.expected, cell.agrees) {
        (Some(expected), Some(false)) => format!(", expected {}", answers.text(&expected.shown())),
        _ => String::new(),
    };
    let why = match &cell.answer {
        Answer::Unknown { reason, at } => format!("{reason} ({}:{})", at.path, at.line),
        _ => format!("{}:{}", cell.at.path, cell.at.line),
    };
    let row = format!("  {mark:<5} {:<width$}  {answer}{expected}", cell.deployment);
    writeln!(out, "{row}  [{}]", answers.text(&why))
}

fn summary(facts: &Facts, out: &mut dyn Write) -> io::Result<()> {
    let count = |agrees: Option<bool>| facts.cells.iter().filter(|cell| cell.agrees == agrees).count();
    let unknown = || facts.cells.iter().filter(|cell| !cell.answer.is_known());
    let declared = unknown().filter(|cell| cell.as_declared.is_some()).count();
    let unknown = unknown().count();
    let detectors: Vec<&Detector> = facts.detectors.iter().collect();
    writeln!(
        out,
        "{} detectors, {} deployments: {} right, {} wrong, {unknown} cannot be told ({declared} of them if \
         nothing more is set)",
        detectors.len(),
        facts.deployments.len(),
        count(Some(true)),
        count(Some(false)),
    )
}
