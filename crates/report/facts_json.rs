//! The facts, as they were understood.

use std::io::{self, Write};

use facts::image::{Copied, CopyStatus};
use facts::{Facts, Scope};
use serde_json::{Map, Value, json};
use source::{Place, redact};

use crate::detect;
use crate::hidden::Hidden;

/// The kinds of facts, by the keys of the JSON object.
pub const KINDS: &[&str] = &[
    "files",
    "settings",
    "env_reads",
    "imports",
    "images",
    "secrets",
    "limits",
    "deployments",
    "detectors",
    "problems",
];

/// Writes the facts of these kinds as one JSON object; all kinds where none is named.
pub fn facts_json(facts: &Facts, kinds: &[String], out: &mut dyn Write) -> io::Result<()> {
    let mut object = Map::new();
    object.insert("version".to_owned(), json!(1));
    for kind in wanted(kinds) {
        object.insert((*kind).to_owned(), Value::Array(of_kind(facts, kind)));
    }
    serde_json::to_writer_pretty(&mut *out, &object)?;
    writeln!(out)
}

/// Writes the facts of these kinds, a line each; all kinds where none is named.
pub fn facts_text(facts: &Facts, kinds: &[String], out: &mut dyn Write) -> io::Result<()> {
    for kind in wanted(kinds) {
        let items = of_kind(facts, kind);
        writeln!(out, "{kind} ({})", items.len())?;
        for item in items {
            writeln!(out, "  {}", line(&item))?;
        }
    }
    Ok(())
}

fn wanted(kinds: &[String]) -> impl Iterator<Item = &&'static str> {
    KINDS.iter().filter(|kind| kinds.is_empty() || kinds.iter().any(|wanted| wanted == *kind))
}

/// `path:line  key=value  ...`, without what is not known.
fn line(item: &Value) -> String {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let place = match (text("path").or(text("dockerfile")), item.get("line")) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (Some(path), None) => path.to_owned(),
        _ => String::new(),
    };
    let mut parts = vec![place];
    for (key, value) in item.as_object().into_iter().flatten() {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if matches!(key.as_str(), "path" | "line" | "dockerfile") || empty {
            continue;
        }
        parts.push(match value {
            Value::String(text) => format!("{key}={text}"),
            other => format!("{key}={other}"),
        });
    }
    parts.join("  ").trim_start().to_owned()
}

fn of_kind(facts: &Facts, kind: &str) -> Vec<Value> {
    match kind {
        "files" => facts
            .files
            .iter()
            .map(|file| json!({"path": *file.path, "kind": file.kind.name(), "environments": file.environments}))
            .collect(),
        "settings" => settings(facts),
        "env_reads" => env_reads(facts),
        "imports" => facts
            .imports
            .iter()
            .map(|import| at(&import.at, json!({"module": import.module, "how": import.how.name()})))
            .collect(),
        "images" => images(facts),
        "secrets" => secrets(facts),
        "limits" => limits(facts),
        "deployments" => deployments(facts),
        "detectors" => detect::detectors(facts),
        _ => facts
            .problems
            .iter()
            .map(|problem| {
                json!({
                    "path": *problem.path, "line": problem.line,
                    "message": redact::sentence(&problem.message), "blocking": problem.blocking,
                })
            })
            .collect(),
    }
}

/// The place's path and line, then the rest.
fn at(place: &Place, rest: Value) -> Value {
    let mut object = Map::new();
    object.insert("path".to_owned(), json!(*place.path));
    object.insert("line".to_owned(), json!(place.line));
    if let Value::Object(rest) = rest {
        object.extend(rest);
    }
    Value::Object(object)
}

fn settings(facts: &Facts) -> Vec<Value> {
    let hidden = Hidden::of(facts);
    let shown = facts.settings.iter().enumerate().map(|(index, setting)| {
        let Scope { environment, service, .. } = &setting.scope;
        let masked = |value| hidden.shown(index, setting, value);
        at(
            &setting.at,
            json!({
                "key": setting.key,
                "value": masked(&setting.value),
                "raw": masked(&setting.raw),
                "environment": environment, "service": service,
                "source": setting.source.name(), "dialect": setting.dialect,
            }),
        )
    });
    shown.collect()
}

fn env_reads(facts: &Facts) -> Vec<Value> {
    let shown = facts.env_reads.iter().map(|read| {
        let default = read.default.as_deref().map(|default| facts.concealed.value(&read.name, default));
        at(&read.at, json!({"name": read.name, "required": read.required, "default": default}))
    });
    shown.collect()
}

fn images(facts: &Facts) -> Vec<Value> {
    let shown = facts.images.iter().map(|image| {
        let context = if image.context.is_empty() { "." } else { &image.context };
        json!({
            "dockerfile": *image.dockerfile, "context": context,
            "ignore_file": image.ignore_file.as_deref(), "builder": image.builder,
            "line": image.line, "target": image.target,
            "entry": image.entry.iter().map(|entry| redact::sentence(&entry.written)).collect::<Vec<_>>(),
            "copies": image.copies.iter().map(copied).collect::<Vec<_>>(),
        })
    });
    shown.collect()
}

fn copied(copied: &Copied) -> Value {
    let status = match &copied.status {
        CopyStatus::Present => "present",
        CopyStatus::Missing { generated: true, .. } | CopyStatus::NoMatch { generated: true, .. } => {
            "generated"
        }
        CopyStatus::Missing { .. } | CopyStatus::NoMatch { excluded_by: None, .. } => "missing",
        CopyStatus::Excluded { .. } | CopyStatus::NoMatch { .. } => "excluded",
        CopyStatus::Unknown | CopyStatus::WholeContext { .. } => "unknown",
    };
    json!({
        "line": copied.at.line, "source": copied.written, "destination": copied.destination,
        "from": copied.from.as_ref().map(|from| &from.name), "status": status,
    })
}

fn secrets(facts: &Facts) -> Vec<Value> {
    let shown = facts.secrets.iter().map(|secret| {
        at(
            &secret.at,
            json!({
                "variable": secret.variable, "name": secret.name,
                "environment": secret.scope.environment, "service": secret.scope.service,
                "source": secret.source.name(),
            }),
        )
    });
    shown.collect()
}

fn limits(facts: &Facts) -> Vec<Value> {
    let shown = facts.limits.iter().map(|limit| {
        at(
            &limit.at,
            json!({
                "key": limit.key, "seconds": limit.seconds,
                "raw": facts.concealed.value(&limit.key, &limit.raw),
                "environment": limit.scope.environment, "service": limit.scope.service,
                "source": limit.source.name(),
            }),
        )
    });
    shown.collect()
}

fn deployments(facts: &Facts) -> Vec<Value> {
    let shown = facts.deployments.iter().map(|deployment| {
        let variables = detect::variables(deployment, &facts.concealed);
        json!({
            "id": deployment.id, "service": deployment.service, "environment": deployment.environment,
            "complete": deployment.complete, "variables": variables,
        })
    });
    shown.collect()
}
