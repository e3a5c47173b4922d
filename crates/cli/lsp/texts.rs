//! Places as editors count them: lines from 0, and UTF-16 units in a line.

use std::collections::BTreeMap;

use lint::Location;
use lsp_types::{Position, Range};
use source::{MAX_CONFIG_BYTES, Span, Tree, decode};

/// The texts of the files that findings are in.
#[derive(Default)]
pub(super) struct Texts {
    by_path: BTreeMap<String, Text>,
}

struct Text {
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Texts {
    /// Reads a file, if that has not been done.
    pub(super) fn read(&mut self, tree: &dyn Tree, path: &str) {
        if self.by_path.contains_key(path) {
            return;
        }
        let read = tree.read(path, MAX_CONFIG_BYTES).ok().and_then(|bytes| decode(bytes).ok());
        if let Some(text) = read {
            let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            self.by_path.insert(path.to_owned(), Text { text, lines });
        }
    }

    /// Where a range of bytes stands; the beginning of the file where its text is not known.
    pub(super) fn range(&self, path: &str, span: Span) -> Range {
        let Some(text) = self.by_path.get(path) else { return Range::default() };
        Range::new(text.position(span.start), text.position(span.end.max(span.start)))
    }

    /// The lines of a place where its text is not known as well.
    pub(super) fn location(&self, at: &Location) -> Range {
        if self.by_path.contains_key(&*at.place.path) {
            return self.range(&at.place.path, at.place.span);
        }
        self.line(&at.place.path, at.start.line)
    }

    /// A whole line, by its number from 1.
    pub(super) fn line(&self, path: &str, line: u32) -> Range {
        let start = Position::new(line.saturating_sub(1), 0);
        let end = self.by_path.get(path).and_then(|text| {
            let next = text.lines.get(usize::try_from(line).ok()?).copied().unwrap_or(text.text.len() + 1);
            Some(text.position(next.saturating_sub(1)))
        });
        Range::new(start, end.unwrap_or(start).max(start))
    }
}

impl Text {
    fn position(&self, offset: usize) -> Position {
        let line = self.lines.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.lines.get(line).copied().unwrap_or(0);
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or("");
        let units = before.encode_utf16().count();
        Position::new(u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(units).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use super::*;

    #[test]
    fn places_are_counted_in_utf_16() {
        let tree: Memory = [("a", "x\nä😀=1\n")].into_iter().collect();
        let mut texts = Texts::default();
        texts.read(&tree, "a");
        let range = texts.range("a", Span::new(8, 9));
        assert_eq!((range.start, range.end), (Position::new(1, 3), Position::new(1, 4)));
        assert_eq!(texts.line("a", 2), Range::new(Position::new(1, 0), Position::new(1, 5)));
        assert_eq!(texts.range("b", Span::new(8, 9)), Range::default());
    }
}
