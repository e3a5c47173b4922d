//! A tree of files whose bytes are blobs of git's object store.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use source::{Entry, EntryKind, ReadError, Tree, Walk, directory_of, file_name, follow_links};

use crate::batch::Batch;

/// The mode that git gives to symbolic links.
const LINK: u32 = 0o120_000;

/// Files that are read ahead with one: they come after it and have names that end alike, as one pass over a tree reads them.
const MAX_AHEAD: usize = 64;

/// Bytes that one of them may have.
const MAX_AHEAD_BYTES: u64 = 1 << 14;

/// One file or link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blob {
    pub(crate) id: String,
    /// As git writes it: `100644`, `100755`, `120000`.
    pub(crate) mode: u32,
    /// Bytes.
    pub(crate) size: u64,
    /// Which of the stores holds it: submodules have their own.
    pub(crate) store: usize,
}

/// Files by path, and where their bytes are.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    pub(crate) blobs: BTreeMap<String, Blob>,
    directories: BTreeSet<String>,
    pub(crate) stores: Vec<Batch>,
    /// Files whose bytes are kept elsewhere, by path: what Git LFS holds.
    pub(crate) replaced: BTreeMap<String, std::path::PathBuf>,
}

impl Objects {
    pub(crate) fn insert(&mut self, path: String, blob: Blob) {
        self.insert_directory(directory_of(&path));
        self.blobs.insert(path, blob);
    }

    pub(crate) fn insert_directory(&mut self, path: &str) {
        let mut rest = path;
        while !rest.is_empty() && self.directories.insert(rest.to_owned()) {
            rest = directory_of(rest);
        }
    }

    /// The bytes of a blob itself, also where Git LFS holds other ones.
    pub(crate) fn bytes(&self, blob: &Blob) -> Result<Vec<u8>, ReadError> {
        self.bytes_and_ahead(blob, Vec::new)
    }

    fn bytes_and_ahead<'o>(
        &'o self,
        blob: &Blob,
        ahead: impl FnOnce() -> Vec<&'o str>,
    ) -> Result<Vec<u8>, ReadError> {
        let store = self.stores.get(blob.store).ok_or(ReadError::NotFound)?;
        let found = store.blob(&blob.id, ahead).map_err(|error| ReadError::Refused(error.to_string()))?;
        found.ok_or_else(|| ReadError::Refused(format!("git does not hold the object {}", blob.id)))
    }

    /// The blobs of small files like this one that come next.
    fn next_like(&self, path: &str, blob: &Blob) -> Vec<&str> {
        let ending = |path: &str| file_name(path).rsplit_once('.').map(|(_, ending)| ending.to_owned());
        let wanted = ending(path);
        let after = self.blobs.range::<str, _>((Bound::Excluded(path), Bound::Unbounded));
        let alike = after.take(MAX_AHEAD).filter(|(path, next)| {
            let is_small = next.size <= MAX_AHEAD_BYTES && next.mode != LINK;
            is_small && next.store == blob.store && ending(path) == wanted
        });
        alike.map(|(_, next)| next.id.as_str()).collect()
    }

    /// Where a link leads, as written.
    pub(crate) fn target(&self, path: &str) -> Option<Result<String, ReadError>> {
        let blob = self.blobs.get(path).filter(|blob| blob.mode == LINK)?;
        Some(self.bytes(blob).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The path after all links in it are followed; those of its last part too where `last` is set.
    pub(crate) fn resolve(&self, path: &str, last: bool) -> Result<String, ReadError> {
        follow_links(path, last, &|path| self.target(path))
    }

    fn found(&self, path: &str) -> Option<EntryKind> {
        match self.blobs.get(path) {
            Some(blob) if blob.mode == LINK => Some(EntryKind::Symlink),
            Some(_) => Some(EntryKind::File),
            None => (path.is_empty() || self.directories.contains(path)).then_some(EntryKind::Directory),
        }
    }
}

impl Tree for Objects {
    fn walk(&self, enter: &(dyn Fn(&str) -> bool + Sync)) -> Walk {
        let mut closed: BTreeSet<&str> = BTreeSet::new();
        let mut entries = Vec::with_capacity(self.blobs.len());
        // A directory sorts before what it holds, so a closed one is known before its content comes.
        for directory in &self.directories {
            if closed.contains(directory_of(directory)) {
                closed.insert(directory);
                continue;
            }
            entries.push(Entry { path: directory.clone(), kind: EntryKind::Directory });
            if !enter(directory) {
                closed.insert(directory);
            }
        }
        for (path, blob) in &self.blobs {
            if !closed.contains(directory_of(path)) {
                let kind = if blob.mode == LINK { EntryKind::Symlink } else { EntryKind::File };
                entries.push(Entry { path: path.clone(), kind });
            }
        }
        entries.sort_unstable();
        Walk { entries, unreadable: Vec::new() }
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        self.found(&self.resolve(path, false).ok()?)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let real = self.resolve(path, true)?;
        let Some(blob) = self.blobs.get(&real) else {
            return Err(if self.found(&real).is_some() { ReadError::NotAFile } else { ReadError::NotFound });
        };
        let size = self.size(&real).unwrap_or(blob.size);
        if size > limit {
            return Err(ReadError::TooLarge { size, limit });
        }
        match self.replaced.get(&real) {
            Some(file) => crate::large::read(file).map_err(|error| ReadError::Refused(error.to_string())),
            None => self.bytes_and_ahead(blob, || self.next_like(&real, blob)),
        }
    }

    fn link_target(&self, path: &str) -> Option<String> {
        self.target(&self.resolve(path, false).ok()?)?.ok()
    }

    fn size(&self, path: &str) -> Option<u64> {
        let real = self.resolve(path, false).ok()?;
        let blob = self.blobs.get(&real).filter(|blob| blob.mode != LINK)?;
        let kept_elsewhere = self.replaced.get(&real).and_then(|file| file.metadata().ok());
        Some(kept_elsewhere.map_or(blob.size, |found| found.len()))
    }

    fn mode(&self, path: &str) -> Option<u32> {
        let real = self.resolve(path, true).ok()?;
        self.blobs.get(&real).map(|blob| blob.mode & 0o7777)
    }
}
