//! Looking things up: aliases followed, merge keys resolved, both on demand and within a budget.

use std::cell::Cell;
use std::collections::HashSet;

use source::Span;

use super::{Document, Node, NodeKind, Scalar, Schema, Style};

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

    /// Whether a lookup may have been refused: what was seen is then perhaps not all that the document says, and
    /// the reader must report it.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Pays for one node; false when nothing is left.
    fn pay(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 1
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
    /// Whether an alias or a merge key led here.
    is_expanded: bool,
}

impl Document {
    /// The document's value.
    #[must_use]
    pub fn view<'a>(&'a self, budget: &'a Budget) -> View<'a> {
        View { document: self, written: &self.root, budget, is_expanded: false }
    }

    /// The node whose anchor `&name` begins at a byte: found from the root down, since children lie in order.
    pub(super) fn anchored(&self, target: usize) -> Option<&Node> {
        let mut at = &self.root;
        loop {
            if at.anchor.as_ref().is_some_and(|anchor| anchor.span.start == target) {
                return Some(at);
            }
            at = child_at(at, target)?;
        }
    }
}

/// The last child that begins at `offset` or before.
fn child_at(node: &Node, offset: usize) -> Option<&Node> {
    match &node.kind {
        NodeKind::Sequence(items) => {
            items.get(items.partition_point(|item| start(item) <= offset).checked_sub(1)?)
        }
        NodeKind::Mapping(entries) => {
            let found = entries.partition_point(|(key, _)| start(key) <= offset).checked_sub(1)?;
            let (key, value) = entries.get(found)?;
            Some(if start(value) <= offset { value } else { key })
        }
        _ => None,
    }
}

/// Where a node begins, its anchor included.
fn start(node: &Node) -> usize {
    node.anchor.as_ref().map_or(node.span.start, |anchor| anchor.span.start.min(node.span.start))
}

impl<'a> View<'a> {
    /// The node, an alias followed; an alias that refers to nothing is itself.
    #[must_use]
    pub fn node(&self) -> &'a Node {
        match self.written.kind {
            NodeKind::Alias { target: Some(target), .. } => {
                self.document.anchored(target).unwrap_or(self.written)
            }
            _ => self.written,
        }
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

    /// Whether aliases led to a node that holds this very alias, so that its value would have no end.
    #[must_use]
    pub fn is_endless(&self) -> bool {
        let node = self.node();
        !std::ptr::eq(node, self.written)
            && node.span.start <= self.written.span.start
            && self.written.span.end <= node.span.end
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
        let node = self.node();
        let own = own_entries(node).iter().rev().find(|(k, _)| text_of(k) == Some(key));
        if let Some((key, value)) = own {
            let is_expanded = self.leads_away();
            return Some((self.to(key, is_expanded)?, self.to(value, is_expanded)?));
        }
        if !has_merge(node) {
            return None;
        }
        self.entries().into_iter().find(|(k, _)| k.as_str() == Some(key))
    }

    /// The value below keys of nested mappings.
    #[must_use]
    pub fn path(&self, keys: &[&str]) -> Option<View<'a>> {
        keys.iter().try_fold(*self, |at, key| at.get(key))
    }

    /// The entries of a mapping in its order, each key once (the last value stated), then those that `<<` adds; the
    /// `<<` itself is left out. Empty for anything else.
    #[must_use]
    pub fn entries(&self) -> Vec<(View<'a>, View<'a>)> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut visited = HashSet::new();
        let mut waiting = vec![(*self, self.leads_away())];
        // A merged mapping may merge others: their keys come after its own, before those of the next one.
        while let Some((mapping, is_expanded)) = waiting.pop() {
            let node = mapping.node();
            if !visited.insert(std::ptr::from_ref(node)) {
                continue;
            }
            let mut own = Vec::new();
            let mut merges = Vec::new();
            for (key, value) in own_entries(node).iter().rev() {
                let (Some(key), Some(value)) = (self.to(key, is_expanded), self.to(value, is_expanded))
                else {
                    return found;
                };
                if is_merge(key.written) {
                    merges.push(value);
                } else if key.as_str().is_none_or(|text| seen.insert(text)) {
                    own.push((key, value));
                }
            }
            found.extend(own.into_iter().rev());
            waiting.extend(merges.into_iter().flat_map(View::sources).map(|source| (source, true)));
        }
        found
    }

    /// The values of `<<` in a mapping, as written: each should be a mapping or a sequence of mappings.
    #[must_use]
    pub fn merges(&self) -> Vec<View<'a>> {
        let merges = own_entries(self.node()).iter().filter(|(key, _)| is_merge(key));
        let is_expanded = self.leads_away();
        merges.filter_map(|(_, value)| self.to(value, is_expanded)).collect()
    }

    /// The mappings that a value of `<<` names, the last one first.
    fn sources(self) -> Vec<View<'a>> {
        match self.node().kind {
            NodeKind::Sequence(_) => self.items().into_iter().rev().collect(),
            _ => vec![self],
        }
    }

    /// The items of a sequence. Empty for anything else.
    #[must_use]
    pub fn items(&self) -> Vec<View<'a>> {
        let NodeKind::Sequence(items) = &self.node().kind else { return Vec::new() };
        let is_expanded = self.leads_away();
        items.iter().map_while(|item| self.to(item, is_expanded)).collect()
    }

    /// The text of a scalar, whatever its type; none for collections, templates and nothing.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        text_of(self.node())
    }

    /// The scalar with its type: quoted and block scalars, and those with a tag `!!str`, are strings. None for
    /// collections and templates.
    #[must_use]
    pub fn scalar_type(&self, schema: Schema) -> Option<Scalar> {
        let node = self.node();
        let (text, is_plain) = match &node.kind {
            NodeKind::Null => ("", true),
            NodeKind::Scalar { value, style } => (value.as_str(), *style == Style::Plain),
            _ => return None,
        };
        Some(match node.tag.as_deref() {
            None if is_plain => Scalar::of(text, schema),
            Some("!!int" | "!!bool" | "!!null" | "!!timestamp") => Scalar::of(text, schema),
            Some("!!float") => match Scalar::of(text, schema) {
                #[expect(clippy::cast_precision_loss, reason = "that is what the tag asks for")]
                Scalar::Int(whole) => Scalar::Float(whole as f64),
                other => other,
            },
            _ => Scalar::Str(text.to_owned()),
        })
    }

    fn leads_away(&self) -> bool {
        self.is_expanded || matches!(self.written.kind, NodeKind::Alias { .. })
    }

    fn to(self, written: &'a Node, is_expanded: bool) -> Option<View<'a>> {
        if is_expanded && !self.budget.pay() {
            return None;
        }
        Some(View { written, is_expanded, ..self })
    }
}

fn own_entries(node: &Node) -> &[(Node, Node)] {
    match &node.kind {
        NodeKind::Mapping(entries) => entries,
        _ => &[],
    }
}

fn has_merge(node: &Node) -> bool {
    own_entries(node).iter().any(|(key, _)| is_merge(key))
}

fn is_merge(key: &Node) -> bool {
    matches!(&key.kind, NodeKind::Scalar { value, style: Style::Plain } if value == "<<")
}

fn text_of(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Scalar { value, .. } => Some(value),
        _ => None,
    }
}
