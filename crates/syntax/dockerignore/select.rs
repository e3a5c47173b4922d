//! A whole listing, decided.

use super::Matcher;

/// What becomes of one entry of a directory tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// It is sent.
    Included,
    /// A directory that is left out itself, and sent because something below it is.
    OnlyParent,
    /// It is left out.
    Excluded,
    /// A directory that is left out with all it holds; what stands below it has no row.
    Pruned,
}

/// One entry and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'p> {
    /// Relative to the context.
    pub path: &'p str,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// What becomes of it.
    pub presence: Presence,
    /// The index of the pattern that decided.
    pub by: Option<usize>,
}

/// Decides every entry `(path, is a directory)` of a tree. The entries come in byte order of their paths, as
/// `source::Tree::walk` gives them. Directories that have no entry of their own are decided all the same.
pub fn select<'p>(matcher: &Matcher, entries: impl IntoIterator<Item = (&'p str, bool)>) -> Vec<Row<'p>> {
    let _ = (matcher, entries.into_iter());
    Vec::new()
}
