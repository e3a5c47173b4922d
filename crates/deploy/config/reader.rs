//! Typed values out of tables; the first mistake ends the reading, with its place.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use lint::did_you_mean;
use source::{LineIndex, MAX_CONFIG_BYTES, Tree, decode};
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use super::{Argv, Deploying, gate, target};
use crate::runner;

/// What is wrong with the configuration of deployments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line, self.message)
    }
}

impl std::error::Error for ConfigError {}

type Found<T> = Result<T, ConfigError>;

pub(super) type Value<'d> = Spanned<DeValue<'d>>;

/// One file that is being read.
pub(super) struct Reader<'r> {
    path: &'r str,
    lines: LineIndex,
    /// The rest of the configuration.
    pub(super) config: &'r lint::Config,
}

pub(super) fn load(tree: &dyn Tree, config: &lint::Config) -> Found<Deploying> {
    if let Some(problem) = config.problems.first() {
        return Err(ConfigError {
            path: problem.path.to_string(),
            line: problem.line,
            message: problem.message.clone(),
        });
    }
    let mut deploying = Deploying { gate: gate::default(), targets: BTreeMap::new() };
    for path in &config.files {
        let unread = |line, message: String| ConfigError { path: path.clone(), line, message };
        let bytes = tree.read(path, MAX_CONFIG_BYTES).map_err(|error| unread(1, error.to_string()))?;
        let text = decode(bytes).map_err(|error| unread(error.line, error.message.to_owned()))?;
        let lines = LineIndex::new(&text);
        let table = DeTable::parse(&text).map_err(|error| unread(1, error.message().to_owned()))?;
        let reader = Reader { path, lines, config };
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "gate" => gate::read(value, &reader, &mut deploying.gate)?,
                "target" => {
                    for (name, value) in reader.table("target", value)? {
                        let read = target::read(name, value, &reader)?;
                        deploying.targets.insert(read.name.clone(), read);
                    }
                }
                _ => {}
            }
        }
    }
    Ok(deploying)
}

impl Reader<'_> {
    pub(super) fn error<T, V>(&self, at: &Spanned<V>, message: impl Into<String>) -> Found<T> {
        let line = self.lines.line(at.span().start);
        Err(ConfigError { path: self.path.to_owned(), line, message: message.into() })
    }

    /// A key that nobody reads; the gate would not be what its author believes.
    pub(super) fn unknown<T>(&self, section: &str, key: &Spanned<DeString<'_>>, known: &[&str]) -> Found<T> {
        let name = key.get_ref();
        let hint = did_you_mean(name, known.iter().copied());
        self.error(key, format!("`{name}` is not a key of `{section}`.{hint}"))
    }

    /// A key that is known and that this build does not act on.
    pub(super) fn later<T>(&self, section: &str, key: &Spanned<DeString<'_>>) -> Found<T> {
        let name = key.get_ref();
        self.error(
            key,
            format!("`{name}` of `{section}` is not supported by this version, and is never skipped; take it out, or do it in `smoke`"),
        )
    }

    pub(super) fn table<'d>(&self, name: &str, value: &'d Value<'d>) -> Found<&'d DeTable<'d>> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            _ => self.error(value, format!("`{name}` must be a table")),
        }
    }

    pub(super) fn string(&self, name: &str, value: &Value<'_>) -> Found<String> {
        match value.get_ref() {
            DeValue::String(text) if text.contains('\0') => {
                self.error(value, format!("`{name}` holds a NUL byte"))
            }
            DeValue::String(text) => Ok(text.to_string()),
            _ => self.error(value, format!("`{name}` must be a string")),
        }
    }

    /// A name that becomes part of file names, labels and arguments.
    pub(super) fn word(&self, name: &str, value: &Value<'_>) -> Found<String> {
        let text = self.string(name, value)?;
        if is_word(&text) {
            return Ok(text);
        }
        self.error(
            value,
            format!("`{name}` must be letters, digits, `-`, `_`, `.` and begin with a letter or digit"),
        )
    }

    pub(super) fn boolean(&self, name: &str, value: &Value<'_>) -> Found<bool> {
        match value.get_ref() {
            DeValue::Boolean(answer) => Ok(*answer),
            _ => self.error(value, format!("`{name}` must be true or false")),
        }
    }

    pub(super) fn array<'d>(&self, name: &str, value: &'d Value<'d>) -> Found<&'d DeArray<'d>> {
        match value.get_ref() {
            DeValue::Array(items) => Ok(items),
            _ => self.error(value, format!("`{name}` must be a list")),
        }
    }

    pub(super) fn strings(&self, name: &str, value: &Value<'_>) -> Found<Vec<String>> {
        self.array(name, value)?.iter().map(|item| self.string(name, item)).collect()
    }

    pub(super) fn number(&self, name: &str, value: &Value<'_>, least: u64, most: u64) -> Found<u64> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if (least..=most).contains(&number) => Ok(number),
            _ => self.error(value, format!("`{name}` must be a whole number from {least} to {most}")),
        }
    }

    pub(super) fn duration(&self, name: &str, value: &Value<'_>) -> Found<Duration> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.as_ref(),
            DeValue::Integer(number) => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            _ => "",
        };
        super::length_of_time(text).or_else(|why| self.error(value, format!("`{name}` {why}")))
    }

    /// Commands, each a list of words: `[["program", "argument"], …]`.
    pub(super) fn commands(&self, name: &str, value: &Value<'_>) -> Found<Vec<Argv>> {
        let wanted = || {
            format!(
                "`{name}` must be a list of commands, each a list of words: [[\"program\", \"argument\"]]"
            )
        };
        let DeValue::Array(items) = value.get_ref() else { return self.error(value, wanted()) };
        let mut commands = Vec::new();
        for item in items {
            if !matches!(item.get_ref(), DeValue::Array(_)) {
                return self.error(item, wanted());
            }
            let argv = self.strings(name, item)?;
            if argv.first().is_none_or(String::is_empty) {
                return self.error(item, format!("a command of `{name}` names no program"));
            }
            if let Some(program) = argv.first().filter(|program| runner::is_absolute(program)) {
                return self.error(item, format!("`{name}`: {}", runner::absolute(program)));
            }
            commands.push(argv);
        }
        Ok(commands)
    }

    pub(super) fn variables(&self, name: &str, value: &Value<'_>) -> Found<BTreeMap<String, String>> {
        let mut variables = BTreeMap::new();
        for (key, value) in self.table(name, value)? {
            let text = match value.get_ref() {
                DeValue::Integer(number) => number.as_str().to_owned(),
                DeValue::Boolean(answer) => answer.to_string(),
                _ => self.string(name, value)?,
            };
            variables.insert(key.get_ref().to_string(), text);
        }
        Ok(variables)
    }

    /// One of a few names.
    pub(super) fn choice<T: Copy>(&self, name: &str, value: &Value<'_>, known: &[(&str, T)]) -> Found<T> {
        let text = self.string(name, value)?;
        if let Some((_, choice)) = known.iter().find(|(known, _)| *known == text) {
            return Ok(*choice);
        }
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let hint = did_you_mean(&text, names.iter().copied());
        self.error(value, format!("`{name}` is `{text}`, which is none of {}.{hint}", names.join(", ")))
    }

    /// A path of the repository that stays inside of it.
    pub(super) fn path(&self, name: &str, value: &Value<'_>) -> Found<String> {
        let text = self.string(name, value)?;
        match source::join("", &text).filter(|_| !text.starts_with('/')) {
            Some(path) => Ok(path),
            None => self.error(value, format!("`{name}` must be a path inside the repository")),
        }
    }
}

/// Whether a text is safe as a file name, a label and an argument.
pub(crate) fn is_word(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
