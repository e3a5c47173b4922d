//! Byte offsets to lines and columns.

use crate::Span;

/// A 1-based line and a 1-based column; columns count Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in Unicode scalar values.
    pub column: u32,
}

/// Where each line of a text starts.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Reads the line starts of `text`. Lines end with `\n`; a `\r` before it belongs to the line.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let after_newlines =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(after_newlines).collect() }
    }

    /// The 1-based line of a byte offset; the last line for an offset past the end.
    #[must_use]
    pub fn line(&self, offset: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// The line and column of a byte offset in `text`, the text this index was made from. A leading byte order
    /// mark takes no column.
    #[must_use]
    pub fn line_column(&self, text: &str, offset: usize) -> LineColumn {
        let line = self.line(offset);
        let start = self.starts.get(line as usize - 1).copied().unwrap_or(0);
        let before = text.get(start..offset.min(text.len())).unwrap_or("");
        let before = if start == 0 { before.trim_start_matches('\u{feff}') } else { before };
        LineColumn { line, column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX) }
    }

    /// The bytes of a 1-based line without its line ending; `None` past the last line.
    #[must_use]
    pub fn span_of_line(&self, text: &str, line: u32) -> Option<Span> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).copied().unwrap_or(text.len());
        let content = text.get(start..end)?.trim_end_matches(['\n', '\r']);
        Some(Span::new(start, start + content.len()))
    }

    /// How many lines there are; a text that ends with a newline has an empty last line.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never: even an empty text has one line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "ä=1\nbü=2\n";
        let index = LineIndex::new(text);
        assert_eq!(index.line_column(text, 2), LineColumn { line: 1, column: 2 });
        let two = text.find('2').unwrap();
        assert_eq!(index.line_column(text, two), LineColumn { line: 2, column: 4 });
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let text = "\u{feff}A=1";
        assert_eq!(LineIndex::new(text).line_column(text, 3), LineColumn { line: 1, column: 1 });
    }

    #[test]
    fn a_line_is_given_without_its_ending() {
        let text = "a\r\nbc\n";
        let index = LineIndex::new(text);
        assert_eq!(index.span_of_line(text, 1).unwrap().of(text), "a");
        assert_eq!(index.span_of_line(text, 2).unwrap().of(text), "bc");
        assert_eq!(index.span_of_line(text, 3).unwrap().of(text), "");
        assert_eq!(index.span_of_line(text, 4), None);
    }
}
