//! What the readers of all dialects share.

use source::{LineIndex, Span};

use super::{Dialect, Entry, EnvFile, Value};
use crate::{Parsed, Spanned, SyntaxError};

/// More errors than this are not told: a file that is no env file at all has one on every line.
const MAX_ERRORS: usize = 200;

/// A text, and what was read of it.
#[derive(Debug)]
pub(super) struct Reading<'t> {
    pub(super) text: &'t str,
    lines: LineIndex,
    entries: Vec<Entry>,
    errors: Vec<SyntaxError>,
    accepted: Option<usize>,
}

/// A setting before its key's line is known.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) key: Span,
    pub(super) export: bool,
    /// The value as written.
    pub(super) raw: Span,
    /// The quote around all of it.
    pub(super) quote: Option<char>,
    pub(super) value: Value,
}

impl<'t> Reading<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, lines: LineIndex::new(text), entries: Vec::new(), errors: Vec::new(), accepted: None }
    }

    pub(super) fn finish(self, dialect: Dialect) -> Parsed<EnvFile> {
        let accepted = self.accepted.unwrap_or(self.entries.len());
        Parsed { tree: EnvFile { dialect, entries: self.entries, accepted }, errors: self.errors }
    }

    pub(super) fn add(&mut self, setting: Setting) {
        let Setting { key, export, raw, quote, value } = setting;
        let value_span = if quote.is_some() { Span::new(raw.start + 1, raw.end - 1) } else { raw };
        self.entries.push(Entry {
            key: self.owned(key),
            raw: self.owned(raw),
            value_span,
            value,
            quote,
            export,
            line: self.lines.line(key.start),
        });
    }

    /// An error that loses its line only.
    pub(super) fn error(&mut self, span: Span, message: &str) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(SyntaxError { span, message: message.to_owned() });
        }
    }

    /// An error at which the real reader gives up and hands on nothing.
    pub(super) fn refuse(&mut self, span: Span, message: &str) {
        self.accepted = Some(0);
        self.error(span, message);
    }

    /// An error at which the real reader gives up; what goes before stays set.
    pub(super) fn stop(&mut self, span: Span, message: &str) {
        self.accepted.get_or_insert(self.entries.len());
        self.error(span, message);
    }

    fn owned(&self, span: Span) -> Spanned<String> {
        Spanned::new(span.of(self.text).to_owned(), span)
    }

    /// The text from a place on.
    pub(super) fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or("")
    }

    pub(super) fn char(&self, at: usize) -> Option<char> {
        self.rest(at).chars().next()
    }

    /// The first place from `at` on whose character is not `skipped`.
    pub(super) fn after(&self, at: usize, skipped: impl Fn(char) -> bool) -> usize {
        self.rest(at).find(|c: char| !skipped(c)).map_or(self.text.len(), |length| at + length)
    }

    /// The first place inside of `span` whose character is not `skipped`; its end where there is none.
    pub(super) fn first(&self, span: Span, skipped: impl Fn(char) -> bool) -> usize {
        span.end - span.of(self.text).trim_start_matches(|c: char| skipped(c)).len()
    }

    /// The place of the next `\n`, or the end.
    pub(super) fn end_of_line(&self, at: usize) -> usize {
        self.after(at, |c| c != '\n')
    }

    /// `span` without the characters at its end that are `cut`.
    pub(super) fn trimmed_end(&self, span: Span, cut: impl Fn(char) -> bool) -> Span {
        Span::new(span.start, span.start + span.of(self.text).trim_end_matches(|c: char| cut(c)).len())
    }
}
