//! Byte ranges, and byte ranges in a named file.

use std::sync::Arc;

/// A half-open range of bytes in one text: `start..end`, both on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
}

impl Span {
    /// The range `start..end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The empty range before the byte at `offset`.
    #[must_use]
    pub const fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// The text that the range covers; empty where it lies outside `text`.
    #[must_use]
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// The same range in a text to which `by` bytes were put in front.
    #[must_use]
    pub const fn shifted(&self, by: usize) -> Self {
        Self::new(self.start + by, self.end + by)
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(&self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A range in a named file. The order is by path, then line, then bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Path relative to the tree's root, with `/`.
    pub path: Arc<str>,
    /// 1-based line of the first byte.
    pub line: u32,
    /// Bytes in the file.
    pub span: Span,
}

impl Place {
    /// A place that speaks of the file as a whole: its first line.
    #[must_use]
    pub fn file(path: &str) -> Self {
        Self { path: Arc::from(path), line: 1, span: Span::at(0) }
    }
}
