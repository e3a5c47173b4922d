//! A tree with some files replaced: a fix that is tried, an editor's buffer.

use std::collections::BTreeMap;

use crate::{Entry, EntryKind, ReadError, Tree, Walk};

/// `base` with other content for some files.
pub struct Overlay<'t> {
    base: &'t dyn Tree,
    changed: BTreeMap<String, Vec<u8>>,
}

impl<'t> Overlay<'t> {
    /// `base`, unchanged so far.
    #[must_use]
    pub fn new(base: &'t dyn Tree) -> Self {
        Self { base, changed: BTreeMap::new() }
    }

    /// Gives the file at `path` other content, or adds it.
    pub fn insert(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.changed.insert(path.to_owned(), bytes.into());
    }

    /// The changed files and their content, in path order.
    pub fn changed(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.changed.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}

impl Tree for Overlay<'_> {
    fn walk(&self, enter: &(dyn Fn(&str) -> bool + Sync)) -> Walk {
        let mut walk = self.base.walk(enter);
        for path in self.changed.keys() {
            let entry = Entry { path: path.clone(), kind: EntryKind::File };
            match walk.entries.binary_search_by(|have| have.path.as_str().cmp(path)) {
                Ok(at) => walk.entries[at] = entry,
                Err(at) => walk.entries.insert(at, entry),
            }
        }
        walk
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        if self.changed.contains_key(path) { Some(EntryKind::File) } else { self.base.kind(path) }
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let Some(bytes) = self.changed.get(path) else { return self.base.read(path, limit) };
        let size = bytes.len() as u64;
        if size > limit { Err(ReadError::TooLarge { size, limit }) } else { Ok(bytes.clone()) }
    }

    fn link_target(&self, path: &str) -> Option<String> {
        if self.changed.contains_key(path) { None } else { self.base.link_target(path) }
    }

    fn size(&self, path: &str) -> Option<u64> {
        self.changed.get(path).map(|bytes| bytes.len() as u64).or_else(|| self.base.size(path))
    }

    fn mode(&self, path: &str) -> Option<u32> {
        self.base.mode(path).or_else(|| self.changed.contains_key(path).then_some(0o644))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[test]
    fn changed_files_hide_those_below() {
        let base: Memory = [("a", "1"), ("c", "3")].into_iter().collect();
        let mut tree = Overlay::new(&base);
        tree.insert("b", "2");
        tree.insert("c", "4");
        let paths: Vec<_> = tree.walk(&|_| true).entries.into_iter().map(|e| e.path).collect();
        assert_eq!(paths, ["a", "b", "c"]);
        assert_eq!(tree.read("c", 9).unwrap(), b"4");
        assert_eq!(tree.read("a", 9).unwrap(), b"1");
    }
}
