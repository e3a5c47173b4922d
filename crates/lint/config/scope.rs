//! `[[scope]]`: a part of a repository of several projects that has wishes of its own.

use std::collections::BTreeMap;

use source::{Place, join};

use super::reader::{Reader, Value};
use super::{Written, sections};
use crate::Level;

const KEYS: &[&str] = &["path", "exclude", "rule", "allow"];
const RULE: &[&str] = &["severity"];

/// One `[[scope]]`. Its `exclude` and `[[scope.allow]]` stand among those of the whole configuration, their paths with
/// that of the scope before them.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The directory that it speaks of, relative to the root.
    pub path: Written,
    /// `[scope.rule.ID]`: the severity of a rule's findings there, and where the section names the rule.
    pub rules: BTreeMap<String, (Level, Place)>,
}

impl Scope {
    /// Whether the file at `path` belongs to it.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        path.strip_prefix(self.path.text.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// What the innermost scope around `path` that names the rule wants of it.
pub(super) fn level(scopes: &[Scope], rule: &str, path: &str) -> Option<Level> {
    let around = scopes.iter().filter(|scope| scope.holds(path));
    let wanted = around.filter_map(|scope| Some((scope.path.text.len(), scope.rules.get(rule)?.0)));
    wanted.max_by_key(|(depth, _)| *depth).map(|(_, level)| level)
}

pub(super) fn read<'d>(value: &'d Value<'d>, reader: &mut Reader<'_>) {
    let Some(table) = reader.table("scope", value) else { return };
    let written = table.get("path").and_then(|path| reader.written("path", path));
    let directory =
        written.as_ref().and_then(|written| join("", &written.text)).filter(|path| !path.is_empty());
    let (Some(written), Some(directory)) = (written, directory) else {
        let at = reader.place(value);
        reader.problem(&at, "a `[[scope]]` needs the `path` of a directory below the root");
        return;
    };
    let mut rules = BTreeMap::new();
    for (key, value) in table {
        match &**key.get_ref() {
            "path" => {}
            "exclude" => {
                let patterns = reader.patterns_below(&directory, "exclude", value);
                reader.config.exclude.extend(patterns);
            }
            "rule" => rules = levels(value, reader),
            "allow" => {
                for entry in reader.tables("scope.allow", value) {
                    sections::allow(entry, Some(&directory), reader);
                }
            }
            _ => reader.unknown_key("scope", key, KEYS),
        }
    }
    reader.config.scopes.push(Scope { path: Written { text: directory, ..written }, rules });
}

/// `[scope.rule.ID]`: a policy is that of the whole repository, so a severity is all that can be wished for.
fn levels<'d>(value: &'d Value<'d>, reader: &mut Reader<'_>) -> BTreeMap<String, (Level, Place)> {
    let mut levels = BTreeMap::new();
    for (id, value) in reader.table("scope.rule", value).into_iter().flatten() {
        let section = format!("scope.rule.{}", id.get_ref());
        for (key, value) in reader.table(&section, value).into_iter().flatten() {
            if *key.get_ref() == "severity" {
                let level = sections::level(value, reader);
                levels.extend(level.map(|level| (id.get_ref().to_string(), (level, reader.place(id)))));
            } else {
                reader.unknown_key(&section, key, RULE);
            }
        }
    }
    levels
}
