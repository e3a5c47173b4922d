//! Questions asked of a command: the value of a flag, and what it runs in the end.

use source::Span;

use super::types::{Command, Word};

/// The value of a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The value without quotes; expansions as written.
    pub text: String,
    /// The value's bytes: quotes included where it is a word of its own.
    pub span: Span,
    /// Whether nothing in the word is expanded.
    pub literal: bool,
}

/// The value of the first `--flag value` or `--flag=value`; `None` also where the flag has no value.
#[must_use]
pub fn flag_value(command: &Command, flag: &str) -> Option<Argument> {
    flag_values(command, flag).into_iter().next()
}

/// Every value given to a flag, in order: the last one wins in most programs. What follows `--` is no flag.
#[must_use]
pub fn flag_values(command: &Command, flag: &str) -> Vec<Argument> {
    let mut values = Vec::new();
    let mut words = command.words.iter().skip(1).take_while(|word| word.text != "--").peekable();
    while let Some(word) = words.next() {
        let Some(rest) = word.text.strip_prefix(flag) else { continue };
        if let Some(value) = rest.strip_prefix('=') {
            let start = word.text.len() - value.len();
            let span = word.source(start, word.text.len());
            values.push(Argument { text: value.to_owned(), span, literal: word.literal });
        } else if rest.is_empty() {
            let value = words.next_if(|next| begins_quoted(next) || !looks_like_flag(&next.text));
            values.extend(value.map(|word| Argument {
                text: word.text.clone(),
                span: word.span,
                literal: word.literal,
            }));
        }
    }
    values
}

fn begins_quoted(word: &Word) -> bool {
    word.source(0, 1).start != word.span.start
}

/// `--quiet`, `-q`; a negative number is a value.
fn looks_like_flag(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(|first: char| first.is_ascii_digit()))
}
