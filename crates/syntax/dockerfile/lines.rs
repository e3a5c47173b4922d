//! Physical lines, and the logical lines that the escape character joins them to.

use std::ops::Range;

use source::Span;

use crate::Spanned;

/// The most bytes of a line, without its `\n`, that `BuildKit` reads.
const MAX_LINE_BYTES: usize = 65_535;

/// A line of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    /// 1-based.
    pub(super) number: u32,
    /// Byte of its first character.
    pub(super) start: usize,
    /// Its text with the line ending.
    pub(super) full: &'t str,
}

impl<'t> Line<'t> {
    /// Without the line ending.
    pub(super) fn text(&self) -> &'t str {
        self.full.trim_end_matches(['\r', '\n'])
    }

    /// The bytes of [`Self::text`].
    pub(super) fn span(&self) -> Span {
        Span::new(self.start, self.start + self.text().len())
    }

    /// The byte after the last character that is not blank.
    pub(super) fn trimmed_end(&self) -> usize {
        self.start + self.full.trim_end().len()
    }

    /// A line whose first character that is not blank is `#`.
    pub(super) fn is_comment(&self) -> bool {
        self.full.trim_start().starts_with('#')
    }

    /// Without the line ending and the blanks at the start.
    pub(super) fn trimmed(&self) -> Self {
        let full = self.text().trim_start();
        Self { start: self.start + self.text().len() - full.len(), full, ..*self }
    }

    /// Without the escape character that continues it, if one does.
    ///
    /// It must be the last character but blanks, and not follow another one.
    fn continued(&self, escape: char) -> Option<Self> {
        let before = self.text().trim_end_matches([' ', '\t']).strip_suffix(escape)?;
        (!before.ends_with(escape)).then_some(Self { full: before, ..*self })
    }
}

/// The lines of a text, one after the other.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    rest: &'t str,
    at: usize,
    number: u32,
    overlong: Option<Span>,
}

impl<'t> Lines<'t> {
    /// The lines of `text`, which starts at byte `at` of the file.
    pub(super) fn new(text: &'t str, at: usize) -> Self {
        Self { rest: text, at, number: 0, overlong: None }
    }

    /// The byte after the last line that was read.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// The 1-based number of the last line that was read; 0 before the first.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// The first line since the last call that is too long for the builder.
    pub(super) fn take_overlong(&mut self) -> Option<Span> {
        self.overlong.take()
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let end = memchr::memchr(b'\n', self.rest.as_bytes()).map_or(self.rest.len(), |newline| newline + 1);
        let (full, rest) = self.rest.split_at_checked(end).filter(|(full, _)| !full.is_empty())?;
        self.number = self.number.saturating_add(1);
        let line = Line { number: self.number, start: self.at, full };
        self.rest = rest;
        self.at += end;
        if full.trim_end_matches('\n').len() > MAX_LINE_BYTES {
            self.overlong.get_or_insert(line.span());
        }
        Some(line)
    }
}

/// One or several lines that are read as one.
#[derive(Debug)]
pub(super) struct Logical {
    /// The joined text.
    pub(super) text: String,
    /// 1-based first line.
    pub(super) line: u32,
    /// 1-based last line.
    pub(super) end_line: u32,
    /// The byte of the file after the last line, blanks and line ending left out.
    pub(super) end: usize,
    /// Whether an empty line stands inside.
    pub(super) empty_continuation: bool,
    pieces: Vec<Piece>,
}

/// Where a part of the joined text comes from.
#[derive(Debug)]
struct Piece {
    /// Byte in the joined text.
    at: usize,
    /// Byte in the file.
    source: usize,
}

impl Logical {
    /// Reads the logical line that starts with `first`, whose blanks at the start are gone. Comments and empty
    /// lines inside do not end it.
    pub(super) fn read(first: Line<'_>, lines: &mut Lines<'_>, escape: char) -> Self {
        let mut logical = Self {
            text: String::new(),
            line: first.number,
            end_line: first.number,
            end: first.trimmed_end(),
            empty_continuation: false,
            pieces: Vec::new(),
        };
        let mut goes_on = logical.push(first, escape);
        while goes_on && let Some(line) = lines.next() {
            logical.end_line = line.number;
            logical.end = line.trimmed_end();
            if line.is_comment() {
                continue;
            }
            if line.text().trim_start().is_empty() {
                logical.empty_continuation = true;
                continue;
            }
            goes_on = logical.push(line, escape);
        }
        logical
    }

    /// Adds a line; true if the next one belongs to it too.
    fn push(&mut self, line: Line<'_>, escape: char) -> bool {
        let continued = line.continued(escape);
        let text = continued.map_or(line.text(), |line| line.full);
        self.pieces.push(Piece { at: self.text.len(), source: line.start });
        self.text.push_str(text);
        continued.is_some()
    }

    /// All of it.
    pub(super) fn whole(&self) -> Part<'_> {
        Part { logical: self, range: (0, self.text.len()) }
    }

    /// The byte of the file that the byte `at` of the text comes from.
    fn source(&self, at: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.at <= at);
        let piece = after.checked_sub(1).and_then(|index| self.pieces.get(index));
        piece.map_or(self.end, |piece| piece.source + (at - piece.at))
    }
}

/// A part of a logical line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'l> {
    logical: &'l Logical,
    range: (usize, usize),
}

impl<'l> Part<'l> {
    pub(super) fn text(&self) -> &'l str {
        self.logical.text.get(self.range.0..self.range.1).unwrap_or("")
    }

    pub(super) fn is_empty(&self) -> bool {
        self.range.0 >= self.range.1
    }

    /// The bytes of the file from its first to its last character.
    pub(super) fn span(&self) -> Span {
        let start = self.logical.source(self.range.0);
        if self.is_empty() {
            return Span::at(start);
        }
        Span::new(start, self.logical.source(self.range.1 - 1) + 1)
    }

    /// A part of it; `range` counts bytes of [`Self::text`].
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let (start, end) = self.range;
        let clamp = |at: usize| start.saturating_add(at).min(end);
        Self { range: (clamp(range.start), clamp(range.end)), ..*self }
    }

    /// It from its byte `at` on.
    pub(super) fn from(&self, at: usize) -> Self {
        self.part(at..usize::MAX)
    }

    /// Its end: an empty part.
    pub(super) fn end(&self) -> Self {
        self.from(usize::MAX)
    }

    /// Without the blanks around it.
    pub(super) fn trim(&self) -> Self {
        let text = self.text();
        let start = text.len() - text.trim_start().len();
        self.part(start..start + text.trim().len())
    }

    /// `value`, read from here.
    pub(super) fn holds<T>(&self, value: T) -> Spanned<T> {
        Spanned::new(value, self.span())
    }

    /// The text as it stands.
    pub(super) fn verbatim(&self) -> Spanned<String> {
        self.holds(self.text().to_owned())
    }

    /// What stands before and after the first run of blanks; nothing after it: no second part.
    pub(super) fn split_at_blank(&self) -> (Self, Option<Self>) {
        let text = self.text();
        let Some(blank) = text.find(is_blank) else { return (*self, None) };
        let after = text.get(blank..).unwrap_or("").trim_start_matches(is_blank);
        (self.part(0..blank), Some(self.from(text.len() - after.len())))
    }

    /// The first word, and the rest after the white space that follows it.
    pub(super) fn split_at_space(&self) -> (Self, Self) {
        let text = self.text();
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        (self.part(0..end), self.from(end).trim())
    }

    /// The words between the blanks.
    pub(super) fn split_at_blanks(&self) -> Vec<Self> {
        let mut words = Vec::new();
        let mut rest = (!self.is_empty()).then_some(*self);
        while let Some(part) = rest {
            let (word, after) = part.split_at_blank();
            words.push(word);
            rest = after;
        }
        words
    }
}

/// The characters that separate the words of an instruction.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}
