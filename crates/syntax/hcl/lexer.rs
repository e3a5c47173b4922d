//! The words and symbols of HCL.

use memchr::{memchr, memmem};
use source::Span;

/// A word or symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The end of the text.
    End,
    /// `\n` or `\r\n`.
    Newline,
    Identifier,
    Number,
    /// The `"` that begins a string.
    Quote,
    /// `<<EOT` or `<<-EOT` with the newline that must follow.
    Heredoc,
    Symbol(&'static str),
    /// `/*` without its end; reaches to the end of the text.
    OpenComment,
    /// A character that HCL does not use here.
    Invalid,
}

/// Longer ones first.
const SYMBOLS: [&str; 33] = [
    "...", "==", "!=", ">=", "<=", "&&", "||", "::", "=>", "~}", "[", "]", "(", ")", "{", "}", ".", ",", "*",
    "/", "%", "+", "-", "=", "<", ">", "!", "?", ":", "&", "|", "~", "^",
];

/// Reads tokens from a place in a text.
#[derive(Debug)]
pub(super) struct Lexer<'t> {
    pub(super) text: &'t str,
    /// The next byte to read.
    pub(super) at: usize,
    /// The end of the last token that was taken.
    pub(super) end: usize,
    /// Whether newlines are tokens; inside of brackets they are blanks.
    pub(super) newlines: bool,
    /// The last token looked at, with the place and mode it was read in: each token is read once.
    peeked: Option<(usize, bool, Token)>,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, at: usize) -> Self {
        Self { text, at, end: at, newlines: true, peeked: None }
    }

    /// The next token.
    pub(super) fn peek(&mut self) -> Token {
        match self.peeked {
            Some((at, newlines, token)) if at == self.at && newlines == self.newlines => token,
            _ => {
                let token = self.read();
                self.peeked = Some((self.at, self.newlines, token));
                token
            }
        }
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        self.at = token.span.end;
        self.end = token.span.end;
        token
    }

    pub(super) fn peeks(&mut self, symbol: &'static str) -> bool {
        self.peek().kind == Kind::Symbol(symbol)
    }

    /// Takes the next token if it is this symbol.
    pub(super) fn takes(&mut self, symbol: &'static str) -> bool {
        let found = self.peeks(symbol);
        if found {
            self.next();
        }
        found
    }

    /// Takes the next token if it is this word.
    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let token = self.peek();
        let found = token.kind == Kind::Identifier && token.span.of(self.text) == word;
        if found {
            self.next();
        }
        found
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn starts(&self, at: usize, with: &str) -> bool {
        self.text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(with.as_bytes()))
    }

    fn read(&self) -> Token {
        let start = match self.after_blanks(self.at) {
            Ok(start) => start,
            Err(open) => return Token { kind: Kind::OpenComment, span: Span::new(open, self.text.len()) },
        };
        let (kind, end) = self.token_at(start);
        Token { kind, span: Span::new(start, end) }
    }

    /// Where the next token begins; the place of a comment that is not closed is an error.
    fn after_blanks(&self, mut at: usize) -> Result<usize, usize> {
        loop {
            at = match self.byte(at) {
                Some(b' ' | b'\t') => at + 1,
                Some(b'#') => self.end_of_line(at),
                Some(b'/') if self.starts(at, "//") => self.end_of_line(at),
                Some(b'/') if self.starts(at, "/*") => self.end_of_comment(at).ok_or(at)?,
                Some(b'\n' | b'\r') if !self.newlines && self.newline(at) > 0 => at + self.newline(at),
                _ => return Ok(at),
            };
        }
    }

    /// The place of the next `\n`, or the end of the text.
    pub(super) fn end_of_line(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        memchr(b'\n', rest).map_or(self.text.len(), |length| at + length)
    }

    /// Behind the `*/` of the comment that begins here.
    pub(super) fn end_of_comment(&self, at: usize) -> Option<usize> {
        let inside = at + 2;
        let rest = self.text.as_bytes().get(inside..)?;
        memmem::find(rest, b"*/").map(|length| inside + length + 2)
    }

    /// How many bytes the newline at this place takes; 0 where there is none.
    pub(super) fn newline(&self, at: usize) -> usize {
        if self.starts(at, "\n") {
            1
        } else if self.starts(at, "\r\n") {
            2
        } else {
            0
        }
    }

    fn token_at(&self, at: usize) -> (Kind, usize) {
        let Some(first) = self.text.get(at..).and_then(|rest| rest.chars().next()) else {
            return (Kind::End, self.text.len());
        };
        match first {
            '\n' | '\r' if self.newline(at) > 0 => (Kind::Newline, at + self.newline(at)),
            '"' => (Kind::Quote, at + 1),
            '0'..='9' => (Kind::Number, self.end_of_number(at)),
            _ if begins_identifier(first) => (Kind::Identifier, self.end_of_identifier(at)),
            '<' => match self.heredoc_marker(at) {
                Some(marker) => (Kind::Heredoc, marker.end + self.newline(marker.end)),
                None => self.symbol_at(at),
            },
            _ if first.is_ascii() => self.symbol_at(at),
            _ => (Kind::Invalid, at + first.len_utf8()),
        }
    }

    fn symbol_at(&self, at: usize) -> (Kind, usize) {
        SYMBOLS
            .into_iter()
            .find(|symbol| self.starts(at, symbol))
            .map_or((Kind::Invalid, at + 1), |symbol| (Kind::Symbol(symbol), at + symbol.len()))
    }

    /// Behind the identifier that begins here; `at` where none does.
    pub(super) fn end_of_identifier(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        if !rest.starts_with(begins_identifier) {
            return at;
        }
        rest.find(|c: char| !continues_identifier(c)).map_or(self.text.len(), |length| at + length)
    }

    /// Behind the number that begins here. It may hold several dots, which makes it no number, but does not end
    /// with one.
    fn end_of_number(&self, start: usize) -> usize {
        let digit = |at| self.byte(at).is_some_and(|byte: u8| byte.is_ascii_digit());
        let (mut at, mut end) = (start, start);
        loop {
            match self.byte(at) {
                Some(b'0'..=b'9') => at += 1,
                Some(b'.') => {
                    at += 1;
                    continue;
                }
                Some(b'e' | b'E') if digit(at + 1) => at += 2,
                Some(b'e' | b'E') if matches!(self.byte(at + 1), Some(b'+' | b'-')) && digit(at + 2) => {
                    at += 3;
                }
                _ => return end,
            }
            end = at;
        }
    }

    /// The word after `<<` or `<<-`, where a newline follows it at once.
    pub(super) fn heredoc_marker(&self, at: usize) -> Option<Span> {
        if !self.starts(at, "<<") {
            return None;
        }
        let start = if self.byte(at + 2) == Some(b'-') { at + 3 } else { at + 2 };
        let end = self.end_of_identifier(start);
        (end > start && self.newline(end) > 0).then_some(Span::new(start, end))
    }
}

pub(super) fn begins_identifier(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<(&str, Kind)> {
        let mut lexer = Lexer::new(text, 0);
        let mut all = Vec::new();
        loop {
            let token = lexer.next();
            if token.kind == Kind::End {
                return all;
            }
            all.push((token.span.of(text), token.kind));
        }
    }

    #[test]
    fn numbers_take_dots_but_do_not_end_with_one() {
        assert_eq!(tokens("1.5 1.2.3 1. 1e3 1e 1...")[..2], [("1.5", Kind::Number), ("1.2.3", Kind::Number)]);
        assert_eq!(tokens("1..."), [("1", Kind::Number), ("...", Kind::Symbol("..."))]);
        assert_eq!(tokens("1e+3"), [("1e+3", Kind::Number)]);
        assert_eq!(tokens("1e"), [("1", Kind::Number), ("e", Kind::Identifier)]);
    }

    #[test]
    fn comments_are_blanks_and_leave_the_newline() {
        assert_eq!(tokens("a # x\n"), [("a", Kind::Identifier), ("\n", Kind::Newline)]);
        assert_eq!(tokens("/* \n */a//"), [("a", Kind::Identifier)]);
        assert_eq!(tokens("a /* b"), [("a", Kind::Identifier), ("/* b", Kind::OpenComment)]);
    }

    #[test]
    fn a_heredoc_needs_its_newline() {
        assert_eq!(tokens("<<-EOT\r\n"), [("<<-EOT\r\n", Kind::Heredoc)]);
        assert_eq!(tokens("<<EOT")[0], ("<", Kind::Symbol("<")));
    }

    #[test]
    fn identifiers_hold_dashes_and_any_letter() {
        assert_eq!(tokens("a-b é_1"), [("a-b", Kind::Identifier), ("é_1", Kind::Identifier)]);
        assert_eq!(tokens("“"), [("“", Kind::Invalid)]);
    }
}
