//! The Dockerfile, read with `BuildKit`'s grammar.
//!
//! The grammar is that of `frontend/dockerfile` of `BuildKit` at commit 73ed682: parser directives, continued
//! lines, here-documents, JSON forms that silently become shell forms, flags, stages. What that builder refuses
//! is an error here, at most one an instruction; everything else of the file is still read.
//!
//! - [`parse`] gives the tree of [`Instruction`]s and [`Stage`]s, every part with its span.
//! - [`expand`] does what the builder does with `$VAR` and quotes in a word.
//! - [`scope`] tells which `ARG` and `ENV` values an instruction sees.

mod directive;
pub mod expand;
mod fields;
mod flag_rules;
mod flags;
mod health;
mod heredoc;
mod instruction;
mod json;
mod lines;
mod pairs;
mod reader;
#[cfg(test)]
mod reader_tests;
pub mod scope;
mod suggest;
mod tree;
mod words;

pub use instruction::KEYWORDS;
pub use reader::lacks_only_from;
pub use tree::{Command, Directive, Dockerfile, Flag, Healthcheck, Heredoc, Instruction, Kind, Pair, Stage};

use crate::Parsed;
use instruction::Errors;

/// Reads a Dockerfile. Never fails: what the builder would refuse is told in `errors`, at most one an
/// instruction, and the instruction stays in the tree with as much as could be read of it.
#[must_use]
pub fn parse(text: &str) -> Parsed<Dockerfile> {
    reader::read(text)
}
