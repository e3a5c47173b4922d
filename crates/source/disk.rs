//! The work tree on disk.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::{Entry, EntryKind, IgnoredAbove, ReadError, Tree, Walk, directory_of, file_name, ignored_above};

/// Below this depth directories are walked side by side. The library opens those at its last depth for nothing, so each
/// directory by itself would be opened twice.
const SERIAL_DEPTH: usize = 2;

/// The files below a directory of this machine.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
    real_root: PathBuf,
    /// Where directories really stand: following their links for each file in them costs more than reading it.
    real_directories: Arc<RwLock<HashMap<String, PathBuf>>>,
}

impl Disk {
    /// The tree below `root`.
    ///
    /// # Errors
    /// `root` does not exist, cannot be resolved, or is not a directory.
    pub fn open(root: &Path) -> io::Result<Self> {
        let real_root = root.canonicalize()?;
        if !real_root.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "is not a directory"));
        }
        Ok(Self { root: root.to_owned(), real_root, real_directories: Arc::default() })
    }

    /// The directory as it was given.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where `path` really stands, all symbolic links followed.
    pub(crate) fn resolve(&self, path: &str) -> Result<PathBuf, ReadError> {
        let real = self.real_root.join(path).canonicalize().map_err(|error| refused(&error))?;
        if real.starts_with(&self.real_root) { Ok(real) } else { Err(ReadError::OutsideRoot) }
    }

    fn resolve_directory(&self, path: &str) -> Result<PathBuf, ReadError> {
        let known = self.real_directories.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let real = self.resolve(path)?;
        let mut directories = self.real_directories.write().unwrap_or_else(PoisonError::into_inner);
        directories.insert(path.to_owned(), real.clone());
        Ok(real)
    }

    /// Where `path` really stands, and what stands there, a link itself; none of it leaves the root.
    fn stands(&self, path: &str) -> Result<(PathBuf, Metadata), ReadError> {
        let name = file_name(path);
        let at = if matches!(name, "" | "." | "..") {
            self.resolve(path)?
        } else {
            self.resolve_directory(directory_of(path))?.join(name)
        };
        let found = at.symlink_metadata().map_err(|error| refused(&error))?;
        Ok((at, found))
    }

    /// Where `path` really stands, and what stands there; links are followed as far as they stay below the root.
    fn find(&self, path: &str) -> Result<(PathBuf, Metadata), ReadError> {
        let (at, found) = self.stands(path)?;
        if !found.is_symlink() {
            return Ok((at, found));
        }
        let real = self.resolve(path)?;
        let found = real.metadata().map_err(|error| refused(&error))?;
        Ok((real, found))
    }
}

impl Tree for Disk {
    fn walk(&self, enter: &(dyn Fn(&str) -> bool + Sync)) -> Walk {
        let (mut walk, deepest) = self.list(&self.real_root, SERIAL_DEPTH, enter);
        let below: Vec<_> =
            deepest.par_iter().map(|directory| self.list(directory, usize::MAX, enter).0).collect();
        for mut part in below {
            walk.entries.append(&mut part.entries);
            walk.unreadable.append(&mut part.unreadable);
        }
        self.know_directories(&walk);
        walk.entries.sort_unstable();
        walk.unreadable.sort_by(|one, other| one.0.cmp(&other.0));
        walk
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        let (_, found) = self.stands(path).ok()?;
        Some(kind_of(found.file_type()))
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let (real, found) = self.find(path)?;
        // Opening a pipe would wait for its other end.
        if !found.is_file() {
            return Err(ReadError::NotAFile);
        }
        if found.len() > limit {
            return Err(ReadError::TooLarge { size: found.len(), limit });
        }
        #[expect(clippy::disallowed_methods, reason = "this is the Tree")]
        let file = std::fs::File::open(&real).map_err(|error| refused(&error))?;
        let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or(0));
        // A file that grows while it is read must not grow without limit in memory. Some file systems tell no size.
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| refused(&error))?;
        let size = bytes.len() as u64;
        if size > limit { Err(ReadError::TooLarge { size, limit }) } else { Ok(bytes) }
    }

    fn link_target(&self, path: &str) -> Option<String> {
        let (at, _) = self.stands(path).ok()?;
        let target = at.read_link().ok()?;
        Some(target.to_string_lossy().into_owned())
    }

    fn size(&self, path: &str) -> Option<u64> {
        let (_, found) = self.stands(path).ok()?;
        found.is_file().then_some(found.len())
    }

    fn mode(&self, path: &str) -> Option<u32> {
        let (_, found) = self.find(path).ok()?;
        Some(permissions(&found))
    }

    fn ignored_above(&self) -> Vec<IgnoredAbove> {
        ignored_above(&self.real_root)
    }
}

impl Disk {
    /// What is below a directory down to a depth, in no order, and the entered directories at that depth.
    fn list(
        &self,
        directory: &Path,
        depth: usize,
        enter: &(dyn Fn(&str) -> bool + Sync),
    ) -> (Walk, Vec<PathBuf>) {
        let mut walk = Walk::default();
        let mut deepest = Vec::new();
        let mut steps = WalkDir::new(directory).min_depth(1).max_depth(depth).follow_links(false).into_iter();
        while let Some(step) = steps.next() {
            let found = match step {
                Ok(found) => found,
                Err(error) => {
                    let at = error.path().map_or_else(String::new, |path| self.relative(path));
                    let why = error.io_error().map_or_else(|| ReadError::Refused(error.to_string()), refused);
                    walk.unreadable.push((at, why));
                    continue;
                }
            };
            let path = self.relative(found.path());
            let kind = kind_of(found.file_type());
            if kind == EntryKind::Directory {
                if !enter(&path) {
                    steps.skip_current_dir();
                } else if found.depth() == depth {
                    deepest.push(found.into_path());
                }
            }
            walk.entries.push(Entry { path, kind });
        }
        (walk, deepest)
    }

    /// Directories that a walk enters are no links, so where they stand needs no asking.
    fn know_directories(&self, walk: &Walk) {
        let mut known = self.real_directories.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(String::new(), self.real_root.clone());
        let directories = walk.entries.iter().filter(|entry| entry.kind == EntryKind::Directory);
        known.extend(directories.map(|entry| (entry.path.clone(), self.real_root.join(&entry.path))));
    }

    fn relative(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.real_root).unwrap_or(path).to_string_lossy();
        if std::path::MAIN_SEPARATOR == '/' {
            below.into_owned()
        } else {
            below.replace(std::path::MAIN_SEPARATOR, "/")
        }
    }
}

#[cfg(unix)]
fn permissions(found: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn permissions(found: &std::fs::Metadata) -> u32 {
    if found.permissions().readonly() { 0o444 } else { 0o644 }
}

fn kind_of(kind: std::fs::FileType) -> EntryKind {
    if kind.is_symlink() {
        EntryKind::Symlink
    } else if kind.is_dir() {
        EntryKind::Directory
    } else if kind.is_file() {
        EntryKind::File
    } else {
        EntryKind::Other
    }
}

fn refused(error: &io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::NotFound => ReadError::NotFound,
        _ => ReadError::Refused(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree_with(files: &[(&str, &str)]) -> (tempfile::TempDir, Disk) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let at = folder.path().join(path);
            std::fs::create_dir_all(at.parent().unwrap()).unwrap();
            std::fs::write(at, text).unwrap();
        }
        let disk = Disk::open(folder.path()).unwrap();
        (folder, disk)
    }

    #[test]
    fn paths_come_in_byte_order() {
        let (_folder, disk) = tree_with(&[("b", ""), ("a/x", ""), ("a-b", ""), ("B", "")]);
        let paths: Vec<_> = disk.walk(&|_| true).entries.into_iter().map(|e| e.path).collect();
        assert_eq!(paths, ["B", "a", "a-b", "a/x", "b"]);
    }

    #[test]
    fn a_file_over_the_limit_is_refused() {
        let (_folder, disk) = tree_with(&[("big", "12345")]);
        assert_eq!(disk.read("big", 4), Err(ReadError::TooLarge { size: 5, limit: 4 }));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_only_below_the_root() {
        let (folder, disk) = tree_with(&[("d/file", "text")]);
        let link = |target: &str, name: &str| {
            std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
        };
        link("d/file", "inside");
        link("/etc/hostname", "outside");
        link("loop", "loop");
        link("nowhere", "dangling");
        assert_eq!(disk.read("inside", 9).unwrap(), b"text");
        assert_eq!(disk.read("dangling", 9), Err(ReadError::NotFound));
        assert!(matches!(disk.read("loop", 9), Err(ReadError::Refused(_))));
        assert_eq!(disk.read("outside", 9_999), Err(ReadError::OutsideRoot));
        assert_eq!(disk.kind("inside"), Some(EntryKind::Symlink));
        assert_eq!(disk.link_target("inside").as_deref(), Some("d/file"));
        assert_eq!(disk.link_target("d/file"), None);
    }
}
