//! Repairs that a finding offers.

use serde::{Deserialize, Serialize};
use source::Span;

/// How far a fix may be trusted; later ones are the safer, so one comparison decides what is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Never applied: there for a person to read.
    Shown,
    /// Applied only when asked for by name: what it writes may not be what was meant.
    Unsafe,
    /// Applied by `--fix`: the evidence leaves one right answer.
    Safe,
}

/// One repair, whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an instruction: "Set it to 86400".
    pub title: String,
    /// How far it may be trusted.
    pub safety: Safety,
    /// The changes, in one file or several.
    pub edits: Vec<Edit>,
}

/// Bytes of a file that are replaced.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The file, relative to the root.
    pub path: String,
    /// The bytes that go; an empty range inserts.
    pub span: Span,
    /// What comes instead.
    pub text: String,
}
