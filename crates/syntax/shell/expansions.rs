//! `$NAME`, `${NAME:-x}`, `$(command)`, `` `command` ``, `$((1 + 2))`, `<(command)`, `${{ expression }}`.

use super::parser::Parser;
use super::types::{Reference, ReferenceForm};
use super::words::Builder;
use crate::Spanned;

/// Expansions in expansions that are read; deeper ones are taken as text.
const MAX_DEPTH: usize = 64;
/// Bytes of an arithmetic or GitHub expression in which its end is looked for.
const MAX_EXPRESSION: usize = 2_048;

impl Parser<'_> {
    /// Reads what `$` begins; a lone one is a character.
    pub(super) fn expansion(&mut self, word: &mut Builder, in_quotes: bool) {
        let start = self.cursor.at;
        match self.cursor.ahead(1) {
            Some(b'\'') if !in_quotes => return self.c_quoted(word),
            Some(b'"') if !in_quotes => {
                self.cursor.at += 1;
                return;
            }
            Some(b'{' | b'(') if self.depth >= MAX_DEPTH => {
                self.cursor.error(
                    start,
                    start + 2,
                    "expansions are nested more than 64 deep; this one was not read",
                );
                self.unsure = true;
                return self.plain(word);
            }
            Some(b'{') if self.github_expression(word) => return,
            Some(b'{') => self.braced(word, in_quotes),
            Some(b'(') => self.parenthesised(word),
            Some(_) => self.named(word),
            None => return self.plain(word),
        }
        if self.cursor.at > start + 1 {
            self.as_written(word, start);
        } else {
            self.cursor.at = start;
            self.plain(word);
        }
    }

    fn as_written(&mut self, word: &mut Builder, start: usize) {
        word.expanded = true;
        word.push_str(self.cursor.slice(start, self.cursor.at), self.cursor.source(start));
    }

    /// `$NAME`, `$1`, `$@`: stays at the `$` where no name follows.
    fn named(&mut self, word: &mut Builder) {
        let start = self.cursor.at;
        self.cursor.at += 1;
        match self.cursor.peek() {
            Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-') => self.cursor.at += 1,
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => {
                self.cursor.skip_bytes(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            }
            _ => return,
        }
        let name = self.cursor.slice(start + 1, self.cursor.at).to_owned();
        let span = self.cursor.span(start, self.cursor.at);
        word.references.push(Reference { name, span, form: ReferenceForm::Plain });
    }

    /// `${{ expression }}`, with blanks and quotes in it.
    fn github_expression(&mut self, word: &mut Builder) -> bool {
        let near = self.cursor.near(MAX_EXPRESSION);
        let Some(end) = near.strip_prefix("${{").and_then(|inside| inside.find("}}")) else { return false };
        let start = self.cursor.at;
        let name = near.get(3..3 + end).unwrap_or("").trim().to_owned();
        self.cursor.at += 3 + end + 2;
        let span = self.cursor.span(start, self.cursor.at);
        word.references.push(Reference { name, span, form: ReferenceForm::Template });
        self.as_written(word, start);
        true
    }

    /// `${NAME}` and what can be done with it, to the closing brace or the end of the line.
    fn braced(&mut self, word: &mut Builder, in_quotes: bool) {
        let start = self.cursor.at;
        self.cursor.at += 2;
        let changes = matches!(self.cursor.peek(), Some(b'#' | b'!')) && self.cursor.ahead(1) != Some(b'}');
        self.cursor.at += usize::from(changes);
        let name_at = self.cursor.at;
        if matches!(self.cursor.peek(), Some(b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-')) {
            self.cursor.at += 1;
        } else {
            self.cursor.skip_bytes(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        }
        let name = self.cursor.slice(name_at, self.cursor.at).to_owned();
        let operator_at = self.cursor.at;
        let colon = usize::from(self.cursor.peek() == Some(b':'));
        let operator = self.cursor.ahead(colon);
        let text_at = operator_at + colon + 1;

        let mut inside = Builder::default();
        let closed = self.braced_text(&mut inside, in_quotes);
        if !closed {
            self.cursor.error(start, start + 2, "this `${` is never closed on its line");
            self.unsure = true;
        }
        let text_end = self.cursor.at - usize::from(closed);
        let text = |parser: &Self| {
            let text = parser.cursor.slice(text_at, text_end).to_owned();
            Spanned::new(text, parser.cursor.span(text_at, text_end))
        };
        let form = match operator {
            _ if changes => ReferenceForm::Other,
            _ if operator_at == text_end => ReferenceForm::Plain,
            Some(b'-' | b'=') => ReferenceForm::Default(text(self)),
            Some(b'?') => ReferenceForm::Required,
            _ => ReferenceForm::Other,
        };
        if !name.is_empty() {
            let span = self.cursor.span(start, self.cursor.at);
            word.references.push(Reference { name, span, form });
        }
        word.references.append(&mut inside.references);
    }

    /// Reads past the closing brace; whether there is one. What is expanded in the text is told as well.
    fn braced_text(&mut self, inside: &mut Builder, in_quotes: bool) -> bool {
        self.depth += 1;
        let closed = loop {
            match self.cursor.peek() {
                Some(b'}') if !inside.quoted => {
                    self.cursor.at += 1;
                    break true;
                }
                None | Some(b'\n') => break false,
                Some(b'\\') => {
                    if !self.cursor.skip_continuation() {
                        self.cursor.at += 1;
                        self.skip_character();
                    }
                }
                Some(b'$') => self.expansion(inside, true),
                Some(b'`') if !self.in_backquotes => self.backquoted(inside),
                Some(b'\'') if !in_quotes => self.skip_quoted(b'\''),
                Some(b'"') => self.skip_double_quote(inside),
                Some(_) => self.skip_character(),
            }
        };
        self.depth -= 1;
        closed
    }

    fn skip_character(&mut self) {
        if let Some((_, after)) = self.cursor.character() {
            self.cursor.at = after;
        }
    }

    /// Goes past a quoted text of this line, or past the quote alone.
    fn skip_quoted(&mut self, quote: u8) {
        let line = self.cursor.near(MAX_EXPRESSION).lines().next().unwrap_or("");
        let length = line.get(1..).and_then(|rest| rest.find(char::from(quote)));
        self.cursor.at += length.map_or(1, |length| length + 2);
    }

    /// A double quote inside braces only switches quoting; expansions go on in it.
    fn skip_double_quote(&mut self, inside: &mut Builder) {
        inside.quoted = !inside.quoted;
        self.cursor.at += 1;
    }

    /// `$(command)` or `$((arithmetic))`.
    fn parenthesised(&mut self, word: &mut Builder) {
        let start = self.cursor.at;
        if let Some(end) = self.arithmetic_end() {
            self.arithmetic(word, end);
            return;
        }
        self.cursor.at += 2;
        self.substitution(start, b')');
    }

    /// The place after `))` of the arithmetic that begins here; `None` for a command that begins with a subshell.
    fn arithmetic_end(&self) -> Option<usize> {
        let rest = self.cursor.rest();
        let inside = rest.strip_prefix("$((")?;
        let mut depth = 2_usize;
        for (at, byte) in inside.bytes().enumerate().take(MAX_EXPRESSION) {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'\n' if depth < 2 => return None,
                _ => {}
            }
            let ends_alone = depth == 1 && byte == b')' && inside.as_bytes().get(at + 1) != Some(&b')');
            if ends_alone {
                return None;
            }
            if depth == 0 {
                return Some(self.cursor.at + 3 + at + 1);
            }
        }
        None
    }

    fn arithmetic(&mut self, word: &mut Builder, end: usize) {
        self.depth += 1;
        let mut inside = Builder::default();
        self.cursor.at += 3;
        while self.cursor.at < end {
            match self.cursor.peek() {
                Some(b'$') => self.expansion(&mut inside, true),
                Some(_) => self.skip_character(),
                None => break,
            }
        }
        self.cursor.at = self.cursor.at.max(end);
        self.depth -= 1;
        word.references.append(&mut inside.references);
    }

    /// Reads the commands of a substitution, past its closing byte.
    fn substitution(&mut self, start: usize, closing: u8) {
        self.depth += 1;
        let in_backquotes = std::mem::replace(&mut self.in_backquotes, closing == b'`');
        self.list(Some(closing));
        self.in_backquotes = in_backquotes;
        self.depth -= 1;
        if self.cursor.peek() == Some(closing) {
            self.cursor.at += 1;
        } else {
            self.cursor.error(start, start + 1, "this command substitution is never closed");
            self.unsure |= closing == b'`';
            self.refuse(start, start + 1, "this command substitution is never closed");
        }
    }

    /// `` `command` ``.
    pub(super) fn backquoted(&mut self, word: &mut Builder) {
        let start = self.cursor.at;
        let closes = self.cursor.rest().get(1..).is_some_and(|rest| rest.contains('`'));
        if self.depth >= MAX_DEPTH || !closes {
            self.plain(word);
            return;
        }
        self.cursor.at += 1;
        self.substitution(start, b'`');
        self.as_written(word, start);
    }

    /// `<(command)`, `>(command)`.
    pub(super) fn process_substitution(&mut self, word: &mut Builder) {
        let start = self.cursor.at;
        if self.depth >= MAX_DEPTH {
            self.cursor.at += 2;
        } else {
            self.cursor.at += 2;
            self.substitution(start, b')');
        }
        self.as_written(word, start);
    }
}
