//! Typed values out of a table, each mistake told with its line.

use std::collections::BTreeMap;

use facts::Problem;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use source::{Place, Span};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Config, Note, Written};
use crate::document::Document;
use crate::nearest::did_you_mean;
use crate::{Fault, Pattern};

/// A key of a table.
pub(super) type Key<'d> = Spanned<DeString<'d>>;
/// A value of a table.
pub(super) type Value<'d> = Spanned<DeValue<'d>>;

/// Reads one file into a configuration.
pub(super) struct Reader<'r> {
    /// The file.
    pub(super) document: &'r Document,
    /// What has been read so far.
    pub(super) config: &'r mut Config,
}

/// A pattern as the root sees it that was written for a directory. One without a slash stands for a name at any depth.
fn below(directory: &str, written: Written) -> Written {
    let pattern = written.text.trim_start_matches("./");
    let is_name = !pattern.trim_end_matches('/').contains('/');
    let depth = if is_name { "**/" } else { "" };
    // What stands for something in a pattern is a letter in the name of a directory: `app/[id]`.
    let directory = globset::escape(directory);
    Written { text: format!("{directory}/{depth}{pattern}"), ..written }
}

impl Reader<'_> {
    /// Where a key or value stands.
    pub(super) fn place<T>(&self, item: &Spanned<T>) -> Place {
        let range = item.span();
        self.document.place(Span::new(range.start, range.end))
    }

    /// Tells what could not be understood.
    pub(super) fn problem(&mut self, at: &Place, message: impl Into<String>) {
        self.config.problems.push(Problem {
            path: at.path.clone(),
            line: at.line,
            message: message.into(),
            blocking: true,
        });
    }

    /// Tells a key that no reader knows.
    pub(super) fn unknown_key(&mut self, section: &str, key: &Key<'_>, known: &[&str]) {
        let name = key.get_ref();
        let subject = if section.is_empty() { name.to_string() } else { format!("{section}.{name}") };
        let place =
            if section.is_empty() { "the configuration".to_owned() } else { format!("`[{section}]`") };
        let hint = did_you_mean(name, known.iter().copied());
        let message = format!("`{name}` is not a key of {place}, so it has no effect.{hint}");
        let fault = Fault::new(subject, self.place(key), message);
        self.config.notes.push(Note { rule: "config-unknown-key", fault });
    }

    /// The keys and values of a table.
    pub(super) fn table<'d>(&mut self, name: &str, value: &'d Value<'d>) -> Option<&'d DeTable<'d>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => self.wrong(name, value, "a table"),
        }
    }

    /// The tables of an array of tables.
    pub(super) fn tables<'d>(&mut self, name: &str, value: &'d Value<'d>) -> Vec<&'d Value<'d>> {
        match value.get_ref() {
            DeValue::Array(array) => array.iter().collect(),
            _ => {
                self.wrong::<()>(name, value, &format!("written as `[[{name}]]`"));
                Vec::new()
            }
        }
    }

    pub(super) fn string(&mut self, name: &str, value: &Value<'_>) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => self.wrong(name, value, "a string"),
        }
    }

    pub(super) fn written(&mut self, name: &str, value: &Value<'_>) -> Option<Written> {
        let at = self.place(value);
        self.string(name, value).map(|text| Written { text, at })
    }

    pub(super) fn boolean(&mut self, name: &str, value: &Value<'_>) -> Option<bool> {
        match value.get_ref() {
            DeValue::Boolean(answer) => Some(*answer),
            _ => self.wrong(name, value, "true or false"),
        }
    }

    pub(super) fn list(&mut self, name: &str, value: &Value<'_>) -> Vec<Written> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong::<()>(name, value, "a list of strings");
            return Vec::new();
        };
        items.iter().filter_map(|item| self.written(name, item)).collect()
    }

    pub(super) fn strings(&mut self, name: &str, value: &Value<'_>) -> Vec<String> {
        self.list(name, value).into_iter().map(|item| item.text).collect()
    }

    /// A pattern, below a directory where one is given.
    pub(super) fn pattern(
        &mut self,
        name: &str,
        directory: Option<&str>,
        value: &Value<'_>,
    ) -> Option<Pattern> {
        let written = self.written(name, value)?;
        match directory {
            Some(directory) => self.compiled(&below(directory, written)),
            None => self.compiled(&written),
        }
    }

    /// Patterns below a directory.
    pub(super) fn patterns_below(&mut self, directory: &str, name: &str, value: &Value<'_>) -> Vec<Pattern> {
        let list = self.list(name, value);
        list.into_iter().filter_map(|written| self.compiled(&below(directory, written))).collect()
    }

    pub(super) fn patterns(&mut self, name: &str, value: &Value<'_>) -> Vec<Pattern> {
        let list = self.list(name, value);
        list.into_iter().filter_map(|written| self.compiled(&written)).collect()
    }

    fn compiled(&mut self, written: &Written) -> Option<Pattern> {
        match Pattern::new(&written.text, written.at.clone()) {
            Ok(pattern) => Some(pattern),
            Err(message) => {
                self.problem(&written.at, message);
                None
            }
        }
    }

    /// A table of variables: strings, numbers and booleans.
    pub(super) fn variables<'d>(&mut self, name: &str, value: &'d Value<'d>) -> BTreeMap<String, String> {
        let Some(table) = self.table(name, value) else { return BTreeMap::new() };
        let mut variables = BTreeMap::new();
        for (key, value) in table {
            let text = match value.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                DeValue::Integer(number) => Some(number.to_string()),
                DeValue::Float(number) => Some(number.to_string()),
                DeValue::Boolean(answer) => Some(answer.to_string()),
                _ => self.wrong(
                    &format!("{name}.{}", key.get_ref()),
                    value,
                    "a string, a number or true or false",
                ),
            };
            variables.extend(text.map(|text| (key.get_ref().to_string(), text)));
        }
        variables
    }

    /// Any value, without its spans.
    pub(super) fn any(&mut self, name: &str, value: &Value<'_>) -> Option<toml::Value> {
        let read = toml::Value::deserialize(value.clone().into_deserializer());
        read.map_or_else(|_| self.wrong(name, value, "a plain value"), Some)
    }

    fn wrong<T>(&mut self, name: &str, value: &Value<'_>, wanted: &str) -> Option<T> {
        let at = self.place(value);
        self.problem(&at, format!("`{name}` must be {wanted}"));
        None
    }
}
