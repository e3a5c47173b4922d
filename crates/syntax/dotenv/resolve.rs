//! What a reader makes of the references in an env file.

use std::collections::HashMap;

use super::{Dialect, Entry, EnvFile, Operator, OperatorKind, Part, Value};
use crate::{Parsed, SyntaxError};

/// How many bytes the values of a file may come to; references make them grow without limit.
const MAX_BYTES: usize = 16 << 20;

/// What the real reader hands on: the index of an entry and its text, in the order of the file. A key that comes
/// twice is listed twice; the last one wins, but for dotenvy's `dotenv()`, which keeps the first. Entries without a
/// value are left out, unless the reader takes it from the environment.
///
/// `lookup` answers with the variables of the environment. Compose and dotenvy ask it first, python-dotenv (as
/// `dotenv_values` does) asks the file first. The errors are those of references: `${X:?message}`.
#[must_use]
pub fn resolve(file: &EnvFile, lookup: &dyn Fn(&str) -> Option<String>) -> Parsed<Vec<(usize, String)>> {
    let mut values = Values { dialect: file.dialect, lookup, known: HashMap::new(), left: MAX_BYTES };
    let mut resolved = Parsed { tree: Vec::new(), errors: Vec::new() };
    for (index, entry) in file.entries.iter().enumerate().take(file.accepted) {
        match values.of(entry) {
            Ok(Some(text)) => resolved.tree.push((index, text)),
            Ok(None) => {}
            Err(message) => {
                resolved.tree.clear();
                resolved.errors.push(SyntaxError { span: entry.raw.span, message });
                break;
            }
        }
    }
    if file.dialect == Dialect::PythonDotenv {
        let is_set = |entry: &Entry| values.known.get(entry.key.value.as_str()).is_some_and(Option::is_some);
        resolved.tree.retain(|(index, _)| file.entries.get(*index).is_some_and(is_set));
    }
    resolved
}

struct Values<'f> {
    dialect: Dialect,
    lookup: &'f dyn Fn(&str) -> Option<String>,
    /// What the file has set so far; python-dotenv also knows keys without a value.
    known: HashMap<&'f str, Option<String>>,
    /// How many bytes may still be made.
    left: usize,
}

impl<'f> Values<'f> {
    /// The text of an entry; an error refuses the whole file.
    fn of(&mut self, entry: &'f Entry) -> Result<Option<String>, String> {
        let text = match (&entry.value, self.dialect) {
            (Value::Text(parts), _) => Some(self.joined(parts)?),
            (Value::Absent, Dialect::Compose | Dialect::DockerEnvFile) => (self.lookup)(&entry.key.value),
            (Value::Absent, _) => None,
        };
        if text.is_some() || self.dialect == Dialect::PythonDotenv {
            self.known.insert(&entry.key.value, text.clone());
        }
        Ok(text)
    }

    fn joined(&mut self, parts: &[Part]) -> Result<String, String> {
        let mut text = String::new();
        for part in parts {
            let piece = match part {
                Part::Literal(literal) => literal.clone(),
                Part::Variable { name, operator } => self.variable(name, operator.as_ref())?,
            };
            self.left = self
                .left
                .checked_sub(piece.len())
                .ok_or_else(|| format!("the values of this file come to more than {MAX_BYTES} bytes"))?;
            text.push_str(&piece);
        }
        Ok(text)
    }

    fn variable(&mut self, name: &str, operator: Option<&Operator>) -> Result<String, String> {
        let value = self.value(name);
        let Some(Operator { kind, empty_is_unset, operand }) = operator else {
            return Ok(value.unwrap_or_default());
        };
        let is_set = value.as_ref().is_some_and(|text| !empty_is_unset || !text.is_empty());
        match kind {
            OperatorKind::Default if !is_set => self.joined(operand),
            OperatorKind::Replacement if is_set => self.joined(operand),
            OperatorKind::Required if !is_set => {
                let message = self.joined(operand)?;
                Err(format!("{name} must be set: {message}"))
            }
            _ => Ok(value.unwrap_or_default()),
        }
    }

    fn value(&self, name: &str) -> Option<String> {
        let in_file = self.known.get(name);
        if self.dialect == Dialect::PythonDotenv {
            return match in_file {
                Some(value) => Some(value.clone().unwrap_or_default()),
                None => (self.lookup)(name),
            };
        }
        (self.lookup)(name).or_else(|| in_file.cloned().flatten())
    }
}
