//! Env files: one setting a line.

use std::collections::BTreeMap;

use source::Span;
use syntax::dotenv::{self, Dialect, Entry, Value};

use crate::record::{Document, Record};
use crate::{RepeatedKey, Role, Scope, Setting, SettingSource};

/// The settings of an env file, read as `dialect` reads it.
#[must_use]
pub(crate) fn record(document: &Document, dialect: Dialect) -> Record {
    let parsed = dotenv::parse(&document.text, dialect);
    Record {
        settings: parsed.tree.entries.iter().filter_map(|entry| setting(document, dialect, entry)).collect(),
        repeats: repeats(document, &parsed.tree.entries),
        problems: document.problems(&parsed.errors).collect(),
        is_foreign: !parsed.errors.is_empty() && is_foreign(&document.text),
        mentioned: mentioned(&document.text),
        ..Record::default()
    }
}

/// Whether a text that readers of env files refuse is one for somebody else: a template that a script fills in, or a list
/// with branches or arrays that a shell sources.
fn is_foreign(text: &str) -> bool {
    text.contains("${{") || text.lines().any(is_of_shell)
}

/// Whether a line is one that shells read and env files cannot have: an end of a block, an element, `export NAME` alone.
fn is_of_shell(line: &str) -> bool {
    let line = line.trim();
    let is_name = |text: &str| {
        !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    let set = line.split_once('=').and_then(|(name, _)| name.strip_suffix(']')?.split_once('['));
    matches!(line, "fi" | "done" | "esac")
        || set.is_some_and(|(name, _)| is_name(name))
        || line.strip_prefix("export ").is_some_and(is_name)
}

/// The keys that are set again, each with the nearest place before.
fn repeats(document: &Document, entries: &[Entry]) -> Vec<RepeatedKey> {
    let mut last: BTreeMap<&str, &Entry> = BTreeMap::new();
    let mut repeats = Vec::new();
    for entry in entries.iter().filter(|entry| entry.value != Value::Absent) {
        let Some(before) = last.insert(&entry.key.value, entry) else { continue };
        repeats.push(RepeatedKey {
            key: entry.key.value.clone(),
            first: document.place(before.value_span),
            second: document.place(entry.value_span),
            lines: lines(&document.text, entry),
            same: before.value == entry.value
                && document.slice(before.value_span) == document.slice(entry.value_span),
            scope: Scope::default(),
        });
    }
    repeats
}

/// Names of variables in comments: what the file says that it leaves out.
fn mentioned(text: &str) -> Vec<String> {
    let comments = text.lines().filter_map(|line| line.trim_start().strip_prefix('#'));
    let words = comments.flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    let is_name = |word: &&str| word.contains('_') && !word.contains(char::is_lowercase);
    words.filter(is_name).map(str::to_owned).collect()
}

/// The bytes from the beginning of an entry's first line to the end of its last.
fn lines(text: &str, entry: &Entry) -> Span {
    let before = text.get(..entry.key.span.start).unwrap_or("");
    let after = text.get(entry.value_span.end..).unwrap_or("");
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = after.find('\n').map_or(text.len(), |at| entry.value_span.end + at + 1);
    Span::new(start, end)
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
