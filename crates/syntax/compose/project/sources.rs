//! The files of a project, laid end to end.

use std::collections::HashMap;
use std::sync::Arc;

use source::{LineIndex, Place, Span};

/// The files of a project, laid end to end, so that one number tells both the file and the place in it.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
    known: HashMap<String, usize>,
    end: usize,
}

#[derive(Debug, Clone)]
struct Source {
    path: Arc<str>,
    /// What was added to the offsets of this file.
    base: usize,
    lines: LineIndex,
}

impl Sources {
    /// The place that a span of a project means.
    #[must_use]
    pub fn place(&self, span: Span) -> Option<Place> {
        let after = self.files.partition_point(|file| file.base <= span.start);
        let file = self.files.get(after.checked_sub(1)?)?;
        let span = Span::new(span.start - file.base, span.end.saturating_sub(file.base));
        Some(Place { path: Arc::clone(&file.path), line: file.lines.line(span.start), span })
    }

    /// Paths of the files relative to the root, in the order of first reading.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| &*file.path)
    }

    /// What to add to the offsets of a file, which is laid at the end where it is new.
    pub(super) fn add(&mut self, path: &str, text: &str) -> usize {
        if let Some(base) = self.known.get(path) {
            return *base;
        }
        let base = self.end;
        self.known.insert(path.to_owned(), base);
        self.files.push(Source { path: Arc::from(path), base, lines: LineIndex::new(text) });
        // One more, so that the place after the last byte belongs to this file.
        self.end = base + text.len() + 1;
        base
    }
}
