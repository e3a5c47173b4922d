//! Replacing the content of a file so that nobody ever sees half of it.

use std::fmt;
use std::fs::Metadata;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Disk, ReadError, Tree};

/// Why a file was left as it was.
#[derive(Debug)]
pub enum WriteError {
    /// It holds other bytes than those that the change was made for.
    Changed,
    /// It cannot be read any more, or a symbolic link leads out of the tree.
    Read(ReadError),
    /// The new content could not be written.
    Write(io::Error),
}

impl fmt::Display for WriteError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => write!(out, "was changed by somebody else meanwhile"),
            Self::Read(error) => error.fmt(out),
            Self::Write(error) => write!(out, "cannot be written: {error}"),
        }
    }
}

impl std::error::Error for WriteError {}

/// How the names of files begin and end that are written beside the one they replace.
const PREFIX: &str = ".shipworthy-";
const SUFFIX: &str = ".tmp";

impl Disk {
    /// Replaces the content of the file at `path`, which must be `before`, by `after`.
    ///
    /// The new content is written to a file beside it and takes its place in one step, so that whoever reads it, and
    /// whatever kills this process, finds the old content or the new one. The mode stays, and the owner where the system
    /// allows that. A symbolic link stays a link: what it leads to is replaced.
    ///
    /// # Errors
    /// The file is another one than `before`, lies outside the tree, or cannot be written. It is unchanged then.
    pub fn replace(&self, path: &str, before: &[u8], after: &[u8]) -> Result<(), WriteError> {
        let real = self.resolve(path).map_err(WriteError::Read)?;
        let found = real.metadata().map_err(WriteError::Write)?;
        let beside = Beside::write(&real, after, Some(&found)).map_err(WriteError::Write)?;
        // As late as can be: between this and the next step there is no time to speak of.
        let limit = u64::try_from(before.len()).unwrap_or(u64::MAX);
        match self.read(path, limit) {
            Ok(bytes) if bytes == before => {}
            Ok(_) | Err(ReadError::TooLarge { .. }) => return Err(WriteError::Changed),
            Err(error) => return Err(WriteError::Read(error)),
        }
        beside.take_its_place().map_err(WriteError::Write)
    }
}

/// The new content of a file, on the disk beside it. Dropped, it is gone again.
#[derive(Debug)]
pub struct Beside {
    new: NamedTempFile,
    path: PathBuf,
}

impl Beside {
    /// Writes what is to stand at `path`, with the mode of `like` and, where the system allows that, its owner. Without
    /// `like` only its owner may read it.
    ///
    /// # Errors
    /// The folder of `path` is not there, or the disk refuses.
    pub fn write(path: &Path, content: &[u8], like: Option<&Metadata>) -> io::Result<Self> {
        let folder = folder_of(path);
        sweep(folder);
        let mut new = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder)?;
        // Tells other runs that it is in use. Where there are no locks, none of them removes it either.
        let _ = new.as_file().try_lock();
        new.write_all(content)?;
        like.map_or(Ok(()), |like| take_over(new.path(), like))?;
        new.as_file().sync_all()?;
        Ok(Self { new, path: path.to_owned() })
    }

    /// Stands at its path from now on, in one step; what stood there is gone.
    ///
    /// # Errors
    /// The system refuses, and what stood there stays.
    pub fn take_its_place(self) -> io::Result<()> {
        self.new.persist(&self.path).map_err(|error| error.error)?;
        sync_folder(folder_of(&self.path));
        Ok(())
    }
}

/// The folder that a file is in; a bare name is in the current one.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes what a killed run left in a folder. What another run is still writing is locked and stays.
fn sweep(folder: &Path) {
    #[expect(clippy::disallowed_methods, reason = "this is the Tree")]
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        if !is_ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let opened = std::fs::OpenOptions::new().write(true).open(entry.path());
        if opened.is_ok_and(|file| file.try_lock().is_ok()) {
            // What cannot be removed does no harm.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Gives the new file the mode of the old one, and its owner where the system allows that.
#[cfg(unix)]
fn take_over(path: &Path, found: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    // Only the superuser may give files away; for all others the new file is their own, as it would be in an editor.
    let _ = chown(path, Some(found.uid()), Some(found.gid()));
    std::fs::set_permissions(path, found.permissions())
}

#[cfg(not(unix))]
fn take_over(path: &Path, found: &Metadata) -> io::Result<()> {
    std::fs::set_permissions(path, found.permissions())
}

/// Makes the new name last through a power cut. The content is whole in any case, so that a system which cannot do it
/// is no error.
fn sync_folder(folder: &Path) {
    #[expect(clippy::disallowed_methods, reason = "this is the Tree")]
    let opened = std::fs::File::open(folder);
    let _ = opened.and_then(|folder| folder.sync_all());
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn disk(text: &str) -> (tempfile::TempDir, Disk) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), text).unwrap();
        let disk = Disk::open(folder.path()).unwrap();
        (folder, disk)
    }

    fn names(folder: &Path) -> Vec<String> {
        let disk = Disk::open(folder).unwrap();
        disk.walk(&|_| true).entries.into_iter().map(|entry| entry.path).collect()
    }

    #[test]
    fn mode_and_link_stay_and_nothing_is_left_beside() {
        let (folder, disk) = disk("old");
        let mode = std::fs::Permissions::from_mode(0o751);
        std::fs::set_permissions(folder.path().join("file"), mode).unwrap();
        symlink("file", folder.path().join("link")).unwrap();
        disk.replace("link", b"old", b"newer").unwrap();
        assert_eq!(disk.read("file", 9).unwrap(), b"newer");
        assert_eq!(disk.mode("file"), Some(0o751));
        assert_eq!(disk.kind("link"), Some(crate::EntryKind::Symlink));
        assert_eq!(names(folder.path()), ["file", "link"]);
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_nothing_else() {
        let (folder, disk) = disk("old");
        let write = |name: &str| std::fs::File::create(folder.path().join(name)).unwrap();
        write(".shipworthy-Ab3dEf.tmp");
        write(".shipworthy-notes");
        let used = write(".shipworthy-Zz3dEf.tmp");
        used.try_lock().unwrap();
        disk.replace("file", b"old", b"new").unwrap();
        assert_eq!(names(folder.path()), [".shipworthy-Zz3dEf.tmp", ".shipworthy-notes", "file"]);
    }

    #[test]
    fn what_changed_meanwhile_and_what_lies_outside_is_left_alone() {
        let (folder, disk) = disk("other");
        for before in ["old", "another", "ether"] {
            assert!(matches!(disk.replace("file", before.as_bytes(), b"new"), Err(WriteError::Changed)));
        }
        let outside = tempfile::NamedTempFile::new().unwrap();
        symlink(outside.path(), folder.path().join("out")).unwrap();
        let refused = disk.replace("out", b"", b"new");
        assert!(matches!(refused, Err(WriteError::Read(ReadError::OutsideRoot))));
        assert_eq!(outside.path().metadata().unwrap().len(), 0);
        assert_eq!(disk.read("file", 9).unwrap(), b"other");
        assert_eq!(names(folder.path()), ["file", "out"]);
    }
}
