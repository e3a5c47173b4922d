//! POSIX shell and bash, as far as a deployment writes them: `RUN` and `CMD` lines, scripts, workflow steps.
//!
//! Every simple command is listed with its words, assignments and redirections, wherever it stands: in pipelines,
//! conditions, loops, functions, subshells and substitutions. What the reader does not know becomes words.

mod blocks;
mod commands;
mod cursor;
mod entry;
mod expansions;
mod grammar;
mod helpers;
mod heredocs;
mod parser;
#[cfg(test)]
mod tests;
mod types;
mod unwrap;
mod words;

pub use entry::{
    EntryPoint, Target, commands_of_words, entry_points, entry_points_of, entry_points_of_commands,
};
pub use helpers::{Argument, flag_value, flag_values};
pub use types::{
    Assignment, AssignmentValue, Block, BlockKind, Command, OperatorBefore, Redirect, Reference,
    ReferenceForm, Script, Word,
};
pub use unwrap::exec_prefix_stripped;

use crate::Parsed;
use cursor::{Cursor, Dialect};
use parser::Parser;

/// Reads a script, or a command line of one.
#[must_use]
pub fn parse(text: &str) -> Parsed<Script> {
    read(text, Dialect::Shell)
}

/// Reads the text of a Dockerfile's `RUN` or shell form `CMD`, in which comment lines and empty lines inside a
/// continued line are dropped (measured: `BuildKit` in dockerd 28.5.2).
#[must_use]
pub fn parse_run(text: &str) -> Parsed<Script> {
    read(text, Dialect::Dockerfile)
}

fn read(text: &str, dialect: Dialect) -> Parsed<Script> {
    let mut parser = Parser::new(Cursor::new(text, dialect));
    parser.list(None);
    parser.heredoc_bodies();
    let Parser { mut script, mut bodies, cursor, refused, unsure, .. } = parser;
    script.refused = refused.filter(|_| !unsure);
    for redirect in script.commands.iter_mut().flat_map(|command| &mut command.redirects) {
        redirect.heredoc = bodies.remove(&redirect.operator.span.start);
    }
    // A substitution's commands are read before the command that holds it is complete.
    script.commands.sort_by_key(|command| command.span.start);
    script.blocks.sort_by_key(|block| (block.span.start, std::cmp::Reverse(block.span.end)));
    let mut errors = cursor.errors;
    errors.sort_by_key(|error| error.span);
    Parsed { tree: script, errors }
}
