//! What the reader makes of small files.

mod demands;
mod env_reads;
mod hostile;
mod imports;
mod literals;
mod opened;
mod predicates;
mod settings;

use super::{Module, parse};

/// Reads a text that has no errors.
fn read(text: &str) -> Module {
    let parsed = parse(text);
    assert_eq!(parsed.errors, [], "{text}");
    parsed.tree
}
