//! Parser directives: comments at the top of the file that the builder obeys.

use source::Span;

use super::Directive;
use super::lines::Line;
use crate::{Spanned, SyntaxError};

/// Reads directives from the first lines of a file, until a line is none.
#[derive(Debug, Default)]
pub(super) struct Directives {
    pub(super) found: Vec<Directive>,
    pub(super) escape: Option<char>,
    done: bool,
}

impl Directives {
    /// Whether `line`, without blanks at its start, is a directive. After the first line that is not, none is.
    pub(super) fn take(&mut self, line: Line<'_>, errors: &mut Vec<SyntaxError>) -> bool {
        if self.done {
            return false;
        }
        let Some(directive) = read(line) else {
            self.done = true;
            return false;
        };
        if self.found.iter().any(|other| other.name.value == directive.name.value) {
            let message = format!("only one {} directive is allowed: remove this one", directive.name.value);
            errors.push(SyntaxError { span: line.span(), message });
            return true;
        }
        if directive.name.value == "escape" {
            self.escape = escape_of(&directive, errors);
        }
        self.found.push(directive);
        true
    }
}

fn escape_of(directive: &Directive, errors: &mut Vec<SyntaxError>) -> Option<char> {
    match directive.value.value.as_str() {
        "\\" => Some('\\'),
        "`" => Some('`'),
        other => {
            let message = format!("the escape character must be \\ or `, not {other}");
            errors.push(SyntaxError { span: directive.value.span, message });
            None
        }
    }
}

/// `# name = value`, blanks anywhere, with a name that the builder knows in any case.
fn read(line: Line<'_>) -> Option<Directive> {
    let text = line.text();
    let (before, after) = text.strip_prefix('#')?.split_once('=')?;
    let name = before.trim_start().trim_end_matches(is_space);
    let value = after.trim_matches(is_space);
    let known = name.to_ascii_lowercase();
    if !matches!(known.as_str(), "syntax" | "escape" | "check") || after.is_empty() {
        return None;
    }
    let name_at = 1 + before.len() - before.trim_start().len();
    let value_at = text.len() - after.trim_start_matches(is_space).len();
    let spanned = |value: &str, at: usize, length: usize| {
        Spanned::new(value.to_owned(), Span::new(line.start + at, line.start + at + length))
    };
    Some(Directive {
        name: spanned(&known, name_at, name.len()),
        value: spanned(value, value_at, value.len()),
        line: line.number,
    })
}

/// What `\s` means to the builder.
fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{c}' | '\r' | ' ')
}
