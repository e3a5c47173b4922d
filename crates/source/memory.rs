//! A tree held in memory: a rule's example, a test.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Entry, EntryKind, ReadError, Tree, Walk, directory_of, follow_links};

/// Files and symbolic links in memory. Directories are those that the files' paths name, and those added as such.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<String, Vec<u8>>,
    links: BTreeMap<String, String>,
    directories: BTreeSet<String>,
    executables: BTreeSet<String>,
}

impl Memory {
    /// A tree without files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.insert_directory(directory_of(path));
        self.files.insert(path.to_owned(), bytes.into());
    }

    /// Gives a file the right to be executed.
    pub fn make_executable(&mut self, path: &str) {
        self.executables.insert(path.to_owned());
    }

    /// Adds a symbolic link that leads to `target`, as written: relative to the link's directory.
    pub fn insert_link(&mut self, path: &str, target: &str) {
        self.insert_directory(directory_of(path));
        self.links.insert(path.to_owned(), target.to_owned());
    }

    /// Adds a directory that may stay empty.
    pub fn insert_directory(&mut self, path: &str) {
        let mut rest = path;
        while !rest.is_empty() && self.directories.insert(rest.to_owned()) {
            rest = directory_of(rest);
        }
    }

    /// The path after links are followed; its last part too where `last` is set.
    fn resolve(&self, path: &str, last: bool) -> Result<String, ReadError> {
        follow_links(path, last, &|path| self.links.get(path).cloned().map(Ok))
    }
}

impl<P: AsRef<str>, B: Into<Vec<u8>>> FromIterator<(P, B)> for Memory {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> Self {
        let mut tree = Self::new();
        for (path, bytes) in files {
            tree.insert(path.as_ref(), bytes);
        }
        tree
    }
}

impl Tree for Memory {
    fn walk(&self, enter: &(dyn Fn(&str) -> bool + Sync)) -> Walk {
        let mut closed: BTreeSet<&str> = BTreeSet::new();
        let mut entries = Vec::new();
        // A directory sorts before what it holds, so a closed one is known before its content comes.
        for directory in &self.directories {
            let parent = directory_of(directory);
            if closed.contains(parent) {
                closed.insert(directory);
                continue;
            }
            entries.push(Entry { path: directory.clone(), kind: EntryKind::Directory });
            if !enter(directory) {
                closed.insert(directory);
            }
        }
        for path in self.files.keys() {
            if !closed.contains(directory_of(path)) {
                entries.push(Entry { path: path.clone(), kind: EntryKind::File });
            }
        }
        for path in self.links.keys() {
            if !closed.contains(directory_of(path)) {
                entries.push(Entry { path: path.clone(), kind: EntryKind::Symlink });
            }
        }
        entries.sort();
        Walk { entries, unreadable: Vec::new() }
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        let path = self.resolve(path, false).ok()?;
        if self.files.contains_key(&path) {
            return Some(EntryKind::File);
        }
        if self.links.contains_key(&path) {
            return Some(EntryKind::Symlink);
        }
        (path.is_empty() || self.directories.contains(&path)).then_some(EntryKind::Directory)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let path = self.resolve(path, true)?;
        let bytes = match self.files.get(&path) {
            Some(bytes) => bytes,
            None if self.kind(&path).is_some() => return Err(ReadError::NotAFile),
            None => return Err(ReadError::NotFound),
        };
        let size = bytes.len() as u64;
        if size > limit { Err(ReadError::TooLarge { size, limit }) } else { Ok(bytes.clone()) }
    }

    fn link_target(&self, path: &str) -> Option<String> {
        self.links.get(&self.resolve(path, false).ok()?).cloned()
    }

    fn size(&self, path: &str) -> Option<u64> {
        self.files.get(&self.resolve(path, false).ok()?).map(|bytes| bytes.len() as u64)
    }

    fn mode(&self, path: &str) -> Option<u32> {
        let path = self.resolve(path, true).ok()?;
        let mode = if self.executables.contains(&path) { 0o755 } else { 0o644 };
        self.files.contains_key(&path).then_some(mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_directory_is_listed_and_not_entered() {
        let tree: Memory = [("a/b/c", "1"), ("a/d", "2"), ("e", "3")].into_iter().collect();
        let paths: Vec<_> = tree.walk(&|path| path != "a/b").entries.into_iter().map(|e| e.path).collect();
        assert_eq!(paths, ["a", "a/b", "a/d", "e"]);
    }

    #[test]
    fn links_are_listed_and_followed() {
        let mut tree: Memory = [("d/file", "text")].into_iter().collect();
        tree.insert_link("e/inside", "../d/file");
        tree.insert_link("dir", "d");
        tree.insert_link("loop", "loop");
        tree.insert_link("outside", "/etc/hostname");
        let links = tree.walk(&|_| true).entries.into_iter().filter(|e| e.kind == EntryKind::Symlink);
        assert_eq!(links.map(|e| e.path).collect::<Vec<_>>(), ["dir", "e/inside", "loop", "outside"]);
        assert_eq!(tree.read("e/inside", 9), Ok(b"text".to_vec()));
        assert_eq!(
            (tree.kind("dir"), tree.kind("dir/file")),
            (Some(EntryKind::Symlink), Some(EntryKind::File))
        );
        assert!(matches!(tree.read("loop", 9), Err(ReadError::Refused(_))));
        assert_eq!(tree.read("outside", 9), Err(ReadError::OutsideRoot));
    }

    #[test]
    fn reading_says_what_is_wrong() {
        let tree: Memory = [("a/b", "12345")].into_iter().collect();
        assert_eq!(tree.read("a", 9), Err(ReadError::NotAFile));
        assert_eq!(tree.read("x", 9), Err(ReadError::NotFound));
        assert_eq!(tree.read("a/b", 4), Err(ReadError::TooLarge { size: 5, limit: 4 }));
        assert_eq!(tree.read("a/b", 5), Ok(b"12345".to_vec()));
    }
}
