//! The text being read and the place in it.

use source::{LineIndex, Span};

use crate::SyntaxError;

/// How lines are continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `\` at the end of a line.
    Shell,
    /// Also with blanks after it, and over comment lines and empty lines: Dockerfile instructions.
    Dockerfile,
}

/// A text, a place in it, and where reading has to stop.
pub(super) struct Cursor<'t> {
    text: &'t str,
    offset: usize,
    lines: LineIndex,
    dialect: Dialect,
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) errors: Vec<SyntaxError>,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(whole: &'t str, dialect: Dialect) -> Self {
        let (text, offset) = source::without_bom(whole);
        let lines = LineIndex::new(whole);
        Self { text, offset, lines, dialect, at: 0, end: text.len(), errors: Vec::new() }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    pub(super) fn ahead(&self, by: usize) -> Option<u8> {
        self.byte(self.at + by)
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        if at < self.end { self.text.as_bytes().get(at).copied() } else { None }
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..self.end).unwrap_or("")
    }

    /// What follows, `bytes` of it at most.
    pub(super) fn near(&self, bytes: usize) -> &'t str {
        let rest = self.rest();
        rest.get(..rest.floor_char_boundary(bytes)).unwrap_or("")
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end.min(self.end)).unwrap_or("")
    }

    /// The character here, and the place after it.
    pub(super) fn character(&self) -> Option<(char, usize)> {
        let character = self.rest().chars().next()?;
        Some((character, self.at + character.len_utf8()))
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(start, end.max(start)).shifted(self.offset)
    }

    /// The place in the file.
    pub(super) fn source(&self, at: usize) -> usize {
        at + self.offset
    }

    /// The 1-based line of a place.
    pub(super) fn line(&self, at: usize) -> u32 {
        self.lines.line(at + self.offset)
    }

    pub(super) fn error(&mut self, start: usize, end: usize, message: &str) {
        let span = self.span(start, self.text.ceil_char_boundary(end.min(self.end)));
        self.errors.push(SyntaxError { span, message: message.to_owned() });
    }

    /// Length of the line end here, 0 where there is none.
    pub(super) fn line_end(&self) -> usize {
        match (self.peek(), self.ahead(1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\n'), _) | (Some(b'\r'), None) => 1,
            _ => 0,
        }
    }

    /// Goes past `\` and the end of its line; whether there was one.
    pub(super) fn skip_continuation(&mut self) -> bool {
        if self.peek() != Some(b'\\') {
            return false;
        }
        let start = self.at;
        self.at += 1;
        if self.dialect == Dialect::Dockerfile {
            self.skip_bytes(|byte| matches!(byte, b' ' | b'\t'));
        }
        let line_end = self.line_end();
        if line_end == 0 {
            self.at = start;
            return false;
        }
        self.at += line_end;
        if self.dialect == Dialect::Dockerfile {
            self.skip_dropped_lines();
        }
        true
    }

    /// Comment lines and empty lines that a Dockerfile drops inside an instruction.
    fn skip_dropped_lines(&mut self) {
        loop {
            let start = self.at;
            self.skip_bytes(|byte| matches!(byte, b' ' | b'\t'));
            if self.peek() == Some(b'#') {
                self.skip_bytes(|byte| byte != b'\n');
            }
            let line_end = self.line_end();
            if line_end == 0 {
                if self.peek().is_some() {
                    self.at = start;
                }
                return;
            }
            self.at += line_end;
        }
    }

    /// Blanks and continued lines between words.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\x0b' | b'\x0c') => self.at += 1,
                Some(b'\r') if self.line_end() == 0 => self.at += 1,
                Some(b'\\') if self.skip_continuation() => {}
                _ => return,
            }
        }
    }

    pub(super) fn skip_bytes(&mut self, belongs: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&belongs) {
            self.at += 1;
        }
    }
}
