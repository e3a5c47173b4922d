//! Env files, as five readers of them understand the same bytes.
//!
//! There is no standard: of 283 texts that were measured, 241 get different answers from different readers. So a
//! text is always read in a [`Dialect`], and the same text may be read in several to find where they disagree.

mod compose;
mod docker;
mod dotenvy;
mod node;
mod python;
mod reading;
mod resolve;
mod template;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use source::Span;

use crate::{Parsed, Spanned};

pub use resolve::resolve;

use reading::Reading;

/// A reader of env files whose rules are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// `env_file` and `.env` of Docker Compose (compose-go 2.14): quotes, escapes, `${X:-d}`, `export`.
    Compose,
    /// `docker run --env-file` (docker CLI 28): every byte after `=` is value; no quotes, comments or `export`.
    DockerEnvFile,
    /// python-dotenv 1.2: quotes, `${X}` and `${X:-d}` (even in single quotes), a bad line loses only itself.
    PythonDotenv,
    /// dotenv 18 of npm: quotes (also backticks), cuts at any `#`, no expansion, never an error.
    NodeDotenv,
    /// dotenvy 0.15 of crates.io: shell-like words, `$X` and `${X}`, unquoted blanks are an error.
    Dotenvy,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 5] =
        [Self::Compose, Self::DockerEnvFile, Self::PythonDotenv, Self::NodeDotenv, Self::Dotenvy];

    /// Its name in reports and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::DockerEnvFile => "docker_env_file",
            Self::PythonDotenv => "python_dotenv",
            Self::NodeDotenv => "node_dotenv",
            Self::Dotenvy => "dotenvy",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name).ok_or(UnknownDialect)
    }
}

/// A name that is no [`Dialect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownDialect;

impl fmt::Display for UnknownDialect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Dialect::ALL.map(Dialect::name).join(", ");
        write!(out, "is no dialect of env files; known are {names}")
    }
}

impl std::error::Error for UnknownDialect {}

/// An env file as one dialect reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvFile {
    /// Whose rules the text was read by.
    pub dialect: Dialect,
    /// The settings in the order of the text, also those that come after an error; a key may come twice.
    pub entries: Vec<Entry>,
    /// How many of the entries the real reader hands on: all, or, where an error stops it, none (Compose,
    /// docker) or those before the error (dotenvy).
    pub accepted: usize,
}

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The variable's name, without quotes.
    pub key: Spanned<String>,
    /// The value as written, quotes included; blanks around it and what this dialect takes for a comment are not.
    pub raw: Spanned<String>,
    /// What a fix may replace: the bytes inside the quotes, or `raw`'s where there are none. Empty, at the end of
    /// the key, where there is no `=`.
    pub value_span: Span,
    /// What it is set to, references unresolved.
    pub value: Value,
    /// The quote around the whole value: `"`, `'` or, for node, a backtick.
    pub quote: Option<char>,
    /// Whether `export` stands before the key.
    pub export: bool,
    /// 1-based line of the key.
    pub line: u32,
}

/// What a setting is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The key stands without `=`. Compose and docker hand on the variable of the environment, if there is one;
    /// python-dotenv knows the key but sets nothing.
    Absent,
    /// Text after `=`; no parts where it is empty.
    Text(Vec<Part>),
}

impl Value {
    /// The text, where it refers to no variable.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        let Self::Text(parts) = self else { return None };
        parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Some(text.as_str()),
                Part::Variable { .. } => None,
            })
            .collect()
    }
}

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text, escapes replaced.
    Literal(String),
    /// A reference to a variable.
    Variable {
        /// The variable's name.
        name: String,
        /// What happens where it is unset or empty; `None`: the empty string.
        operator: Option<Operator>,
    },
}

impl Part {
    /// Text without references; no part where it is empty.
    pub(crate) fn text(text: &str) -> Vec<Self> {
        if text.is_empty() { Vec::new() } else { vec![Self::Literal(text.to_owned())] }
    }
}

/// What stands after the name in `${NAME…}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Which.
    pub kind: OperatorKind,
    /// Whether `:` stands before it: an empty value counts as unset.
    pub empty_is_unset: bool,
    /// The text after it: a default, a replacement or a message.
    pub operand: Vec<Part>,
}

/// The operators of `${NAME…}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorKind {
    /// `-`: the operand where the variable is unset.
    Default,
    /// `+`: the operand where the variable is set, else nothing.
    Replacement,
    /// `?`: an error where the variable is unset.
    Required,
}

/// Reads an env file by the rules of `dialect`.
///
/// Each error stops what it stops in the real reader ([`EnvFile::accepted`]), but what was understood is always
/// kept in the tree.
#[must_use]
pub fn parse(text: &str, dialect: Dialect) -> Parsed<EnvFile> {
    let mut reading = Reading::new(text);
    match dialect {
        Dialect::Compose => compose::read(&mut reading),
        Dialect::DockerEnvFile => docker::read(&mut reading),
        Dialect::PythonDotenv => python::read(&mut reading),
        Dialect::NodeDotenv => node::read(&mut reading),
        Dialect::Dotenvy => dotenvy::read(&mut reading),
    }
    reading.finish(dialect)
}
