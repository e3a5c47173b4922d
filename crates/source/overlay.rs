//! A tree with some files replaced: a fix that is tried, an editor's buffer.

use std::collections::BTreeMap;

use crate::{Entry, EntryKind, IgnoredAbove, ReadError, Tree, Walk, directory_of};

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
            let above = directories_above(path);
            // The base would list what lies in a directory only if it was let in.
            if above.iter().all(|directory| enter(directory)) {
                let missing = above.into_iter().filter(|directory| self.base.kind(directory).is_none());
                missing.for_each(|directory| put(&mut walk, directory, EntryKind::Directory));
                put(&mut walk, path, EntryKind::File);
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

    fn ignored_above(&self) -> Vec<IgnoredAbove> {
        self.base.ignored_above()
    }
}

/// The directories that hold `path`, the outermost first.
fn directories_above(path: &str) -> Vec<&str> {
    let mut above: Vec<&str> =
        std::iter::successors(Some(directory_of(path)), |inner| Some(directory_of(inner)))
            .take_while(|directory| !directory.is_empty())
            .collect();
    above.reverse();
    above
}

fn put(walk: &mut Walk, path: &str, kind: EntryKind) {
    let entry = Entry { path: path.to_owned(), kind };
    match walk.entries.binary_search_by(|have| have.path.as_str().cmp(path)) {
        Ok(at) => walk.entries[at] = entry,
        Err(at) => walk.entries.insert(at, entry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[test]
    fn new_directories_are_listed_and_closed_ones_stay_closed() {
        let base: Memory = [("a", "1"), (".git/config", "")].into_iter().collect();
        let mut tree = Overlay::new(&base);
        tree.insert("new/deep/b", "2");
        tree.insert(".git/HEAD", "3");
        let paths: Vec<_> = tree.walk(&|path| path != ".git").entries.into_iter().map(|e| e.path).collect();
        assert_eq!(paths, [".git", "a", "new", "new/deep", "new/deep/b"]);
    }

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
