//! What the reader makes of small scripts.

mod entry;
mod expansions;
mod grammar;
mod helpers;
mod hostile;
mod lists;
mod words;

use super::{Script, parse};

/// Reads a script that has no errors.
fn read(text: &str) -> Script {
    let parsed = parse(text);
    assert_eq!(parsed.errors, [], "{text}");
    parsed.tree
}

/// The words of every command, each command joined by blanks.
fn commands(text: &str) -> Vec<String> {
    joined(&read(text))
}

fn joined(script: &Script) -> Vec<String> {
    script
        .commands
        .iter()
        .map(|command| command.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "))
        .collect()
}
