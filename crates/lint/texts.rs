//! The files that a run reads a second time: for columns, and for suppressions.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use source::{LineColumn, Place, Tree};

use crate::document::Document;
use crate::finding::Location;

/// Texts by path. A file that cannot be read again has none, and places in it have no columns.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    documents: BTreeMap<String, Document>,
}

impl Texts {
    /// Reads every file of `paths` that was not read before.
    pub(crate) fn read(&mut self, tree: &dyn Tree, paths: &BTreeSet<String>) {
        let wanted: Vec<&String> = paths.iter().filter(|path| !self.documents.contains_key(*path)).collect();
        let read = wanted.into_par_iter().filter_map(|path| {
            let document = Document::read(tree, path).ok()?;
            Some((path.clone(), document))
        });
        self.documents.par_extend(read);
    }

    /// The text of a file.
    pub(crate) fn get(&self, path: &str) -> Option<&Document> {
        self.documents.get(path)
    }

    /// Every text, in path order.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.documents.values()
    }

    /// A place with its lines and columns.
    pub(crate) fn locate(&self, place: Place) -> Location {
        match self.get(&place.path) {
            Some(document) if place.span.end <= document.text.len() => document.locate(place),
            _ => {
                let start = LineColumn { line: place.line, column: 1 };
                Location { place, start, end: start }
            }
        }
    }
}
