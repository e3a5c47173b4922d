//! Env files: one setting a line.

use syntax::dotenv::{self, Dialect, Entry, Value};

use crate::record::{Document, Record};
use crate::{Role, Scope, Setting, SettingSource};

/// The settings of an env file, read as `dialect` reads it.
#[must_use]
pub(crate) fn record(document: &Document, dialect: Dialect) -> Record {
    let parsed = dotenv::parse(&document.text, dialect);
    Record {
        settings: parsed.tree.entries.iter().filter_map(|entry| setting(document, dialect, entry)).collect(),
        problems: document.problems(&parsed.errors).collect(),
        ..Record::default()
    }
}

fn setting(document: &Document, dialect: Dialect, entry: &Entry) -> Option<Setting> {
    if entry.value == Value::Absent {
        return None;
    }
    let written = document.slice(entry.value_span);
    Some(Setting {
        key: entry.key.value.clone(),
        within: Vec::new(),
        value: entry.value.literal().unwrap_or_else(|| written.to_owned()),
        raw: entry.raw.value.clone(),
        at: document.place(entry.value_span),
        scope: Scope::default(),
        source: SettingSource::EnvFile,
        dialect: Some(dialect.name()),
        role: Role::of_host_key(&entry.key.value, written),
        expands_variables: dialect != Dialect::DockerEnvFile,
        is_template: false,
    })
}
