//! A rule: one Markdown file that is policy, explanation and test at once.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;

use crate::example::{self, Example};
use crate::{Severity, rule_file};

/// A rule as its file states it. The head is read at start, the body on demand.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The directory that holds the file: `context`, `url`; the team's rules have their own.
    pub family: String,
    /// The file, for messages: `rules/url/localhost-url.md`, `.shipworthy/rules/no-debug.md`.
    pub path: String,
    /// What the machine reads.
    pub head: Head,
    /// The whole text of the file.
    pub(crate) text: Cow<'static, str>,
    /// Where the body starts in the text, in bytes.
    pub(crate) body_start: usize,
}

/// The head of a rule file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Head {
    /// The rule's name; says the fault and never changes once shipped.
    pub id: String,
    /// The fault in one line.
    pub title: String,
    /// The check that finds it, by name.
    pub check: String,
    /// How grave its findings are where their consequence is not milder.
    pub severity: Severity,
    /// The best repair that it offers.
    pub fix: FixKind,
    /// Whether a finding may be allowed by a comment or a configuration entry.
    pub ignorable: bool,
    /// Whether its findings speak of values, so that backups and archives are no primary place for them.
    #[serde(default)]
    pub values: bool,
    /// Whether the examples write `\r`, `\t`, `\x20` and `\u{feff}` for what would be invisible.
    #[serde(default)]
    pub escapes: bool,
    /// Patterns, keys and numbers for the check.
    #[serde(default)]
    pub policy: toml::Table,
}

/// The best repair that a rule offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FixKind {
    /// At least some findings carry a fix that `--fix` applies.
    Safe,
    /// At least some findings carry a fix that `--fix --unsafe-fixes` applies.
    Unsafe,
    /// A repair is shown and never applied.
    Shown,
    /// None.
    None,
}

impl FixKind {
    /// The name used in outputs and in rule files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Shown => "shown",
            Self::None => "none",
        }
    }
}

impl Rule {
    /// Reads the head of the rule file at `path`, named `family/id`.
    pub fn parse(family: &str, path: &str, text: Cow<'static, str>) -> Result<Self, RuleError> {
        rule_file::parse(family, path, text)
    }

    /// The rule's name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.head.id
    }

    /// The Markdown after the head: prose under fixed headings, then the examples.
    #[must_use]
    pub fn body(&self) -> &str {
        self.text.get(self.body_start..).unwrap_or("").trim_start()
    }

    /// The prose of the body, without the examples.
    #[must_use]
    pub fn prose(&self) -> &str {
        let body = self.body();
        body.find("\n## Fails").map_or(body, |end| body.get(..=end).unwrap_or(body))
    }

    /// The examples of the body, those that fail first.
    pub fn examples(&self) -> Result<Vec<Example>, RuleError> {
        example::parse(self)
    }

    /// An error in this rule's file at a byte of its text.
    pub(crate) fn error_at(&self, offset: usize, message: impl Into<String>) -> RuleError {
        RuleError { path: self.path.clone(), line: line_of(&self.text, offset), message: message.into() }
    }
}

/// What is wrong with a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line, self.message)
    }
}

impl std::error::Error for RuleError {}

/// The 1-based line of a byte offset.
pub(crate) fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset.min(text.len())).unwrap_or(&[]);
    let newlines = before.split(|byte| *byte == b'\n').count().saturating_sub(1);
    u32::try_from(newlines + 1).unwrap_or(u32::MAX)
}
