//! A text of the repository with its lines.

use std::sync::Arc;

use source::{DecodeError, LineIndex, MAX_CONFIG_BYTES, Place, ReadError, Span, Tree, decode};

use crate::finding::Location;

/// A text with what is needed to make places in it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) path: Arc<str>,
    pub(crate) text: String,
    lines: LineIndex,
}

/// Why there is no text.
pub(crate) enum Unread {
    File(ReadError),
    Text(DecodeError),
}

impl Document {
    pub(crate) fn read(tree: &dyn Tree, path: &str) -> Result<Self, Unread> {
        let bytes = tree.read(path, MAX_CONFIG_BYTES).map_err(Unread::File)?;
        let text = decode(bytes).map_err(Unread::Text)?;
        Ok(Self::new(path, text))
    }

    pub(crate) fn new(path: &str, text: String) -> Self {
        let lines = LineIndex::new(&text);
        Self { path: Arc::from(path), text, lines }
    }

    /// The place of a range of bytes.
    pub(crate) fn place(&self, span: Span) -> Place {
        Place { path: Arc::clone(&self.path), line: self.lines.line(span.start), span }
    }

    /// The place with its lines and columns.
    pub(crate) fn locate(&self, place: Place) -> Location {
        let start = self.lines.line_column(&self.text, place.span.start);
        let end = self.lines.line_column(&self.text, place.span.end.max(place.span.start));
        Location { place, start, end }
    }

    /// The bytes of a 1-based line, without its ending.
    pub(crate) fn span_of_line(&self, line: u32) -> Option<Span> {
        self.lines.span_of_line(&self.text, line)
    }
}

impl Unread {
    /// The line it is about, and what to say after the file's name.
    pub(crate) fn explain(&self) -> (u32, String) {
        match self {
            Self::File(error) => (1, format!("this file {error}")),
            Self::Text(error) => (error.line, format!("this file {}", error.message)),
        }
    }
}
