//! The files that are shipped: a private, read-only copy of exactly what was judged.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use git::Commit;
use sha2::{Digest, Sha256};
use source::{EntryKind, Tree};

use crate::files;
use crate::hash::{hex, sha256};

/// A private copy of a tree, and what each of its files has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    root: PathBuf,
    entries: BTreeMap<String, Content>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Directory,
    File { digest: String, executable: bool },
    Link(String),
}

impl Snapshot {
    /// Writes the files of a commit to `root`, from its blobs alone. What stood there is removed.
    ///
    /// # Errors
    /// The commit's blobs are not the files that people mean, or the disk refuses.
    pub fn create(commit: &Commit, root: &Path) -> Result<Self, String> {
        if let Some(obstacle) = commit.obstacles().first() {
            return Err(format!("{} {}", obstacle.path, obstacle.message));
        }
        remove(root).map_err(|error| format!("{}: {error}", root.display()))?;
        files::private_directory(root).map_err(|error| format!("{}: {error}", root.display()))?;
        let mut snapshot = Self { root: root.to_owned(), entries: BTreeMap::new() };
        for entry in commit.walk(&|_| true).entries {
            let content = snapshot.write(commit, &entry.path, entry.kind);
            let content =
                content.map_err(|why| format!("{} cannot be written to the snapshot: {why}", entry.path))?;
            snapshot.entries.insert(entry.path, content);
        }
        snapshot.seal().map_err(|error| format!("the snapshot cannot be made read-only: {error}"))?;
        Ok(snapshot)
    }

    fn write(&self, commit: &Commit, path: &str, kind: EntryKind) -> Result<Content, String> {
        let at = self.root.join(path);
        let text = |error: io::Error| error.to_string();
        match kind {
            EntryKind::Directory => fs::create_dir_all(&at).map(|()| Content::Directory).map_err(text),
            EntryKind::Symlink => {
                let target = commit.link(path).unwrap_or(Err(source::ReadError::NotFound));
                let target = target.map_err(|error| error.to_string())?;
                link(&target, &at).map_err(text)?;
                Ok(Content::Link(target))
            }
            _ => {
                let bytes = commit.read(path, u64::MAX).map_err(|error| error.to_string())?;
                let executable = commit.mode(path).is_some_and(|mode| mode & 0o111 != 0);
                let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&at).map_err(text)?;
                file.write_all(&bytes).map_err(text)?;
                files::set_mode(&at, if executable { 0o555 } else { 0o444 }).map_err(text)?;
                Ok(Content::File { digest: sha256(&bytes), executable })
            }
        }
    }

    fn seal(&self) -> io::Result<()> {
        let directories = self.entries.iter().filter(|(_, content)| **content == Content::Directory);
        for (path, _) in directories {
            files::set_mode(&self.root.join(path), 0o555)?;
        }
        files::set_mode(&self.root, 0o500)
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// SHA-256 in hexadecimal over every path, kind, mode and content.
    #[must_use]
    pub fn digest(&self) -> String {
        self.digest_below("")
    }

    /// The same for what lies below a directory.
    #[must_use]
    pub fn digest_below(&self, directory: &str) -> String {
        let mut hash = Sha256::new();
        let inside = |path: &str| {
            directory.is_empty() || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
        };
        for (path, content) in self.entries.iter().filter(|(path, _)| inside(path)) {
            let line = match content {
                Content::Directory => continue,
                Content::File { digest, executable } => format!("{path}\0file\0{executable}\0{digest}\n"),
                Content::Link(target) => format!("{path}\0link\0{target}\n"),
            };
            hash.update(line.as_bytes());
        }
        hex(&hash.finalize())
    }

    /// Whether every file is still what it was, and none has come.
    ///
    /// # Errors
    /// The first one that is not.
    pub fn verify(&self) -> Result<(), String> {
        let found = self.found("").map_err(|error| format!("the snapshot cannot be read: {error}"))?;
        let changed = self.entries.iter().find(|(path, content)| found.get(*path) != Some(content));
        let added = found.keys().find(|path| !self.entries.contains_key(*path));
        match changed.map(|(path, _)| path).or(added) {
            None => Ok(()),
            Some(path) => {
                Err(format!("{path} in the snapshot is not what was judged; something wrote to it"))
            }
        }
    }

    fn found(&self, below: &str) -> io::Result<BTreeMap<String, Content>> {
        let mut found = BTreeMap::new();
        for at in files::list(&self.root.join(below))? {
            let name = at.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let path = if below.is_empty() { name } else { format!("{below}/{name}") };
            let kind = at.symlink_metadata()?.file_type();
            let content = if kind.is_symlink() {
                Content::Link(fs::read_link(&at)?.to_string_lossy().into_owned())
            } else if kind.is_dir() {
                found.extend(self.found(&path)?);
                Content::Directory
            } else {
                Content::File { digest: digest_of(&at)?, executable: is_executable(&at)? }
            };
            found.insert(path, content);
        }
        Ok(found)
    }

    /// Removes the folder.
    pub fn remove(&self) {
        // What is left over is private and harmless.
        let _ = remove(&self.root);
    }
}

fn digest_of(path: &Path) -> io::Result<String> {
    #[expect(clippy::disallowed_methods, reason = "the snapshot is judged by what stands on the disk")]
    let mut file = fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut part = vec![0_u8; 64 << 10];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(part.get(..count).unwrap_or(&[])),
        }
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(path.symlink_metadata()?.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_path: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(unix)]
fn link(target: &str, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(not(unix))]
fn link(_target: &str, _at: &Path) -> io::Result<()> {
    Err(io::Error::other("symbolic links are not supported on this system"))
}

/// Removes a tree whose directories nobody may write to.
fn remove(root: &Path) -> io::Result<()> {
    match root.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(found) if !found.is_dir() => return fs::remove_file(root),
        Ok(_) => {}
    }
    unlock(root)?;
    fs::remove_dir_all(root)
}

fn unlock(directory: &Path) -> io::Result<()> {
    files::set_mode(directory, 0o700)?;
    for at in files::list(directory)? {
        if at.symlink_metadata()?.is_dir() {
            unlock(&at)?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::trial::Trial;
    use std::os::unix::fs::PermissionsExt;

    fn snapshot(trial: &Trial) -> Snapshot {
        Snapshot::create(&trial.commit("HEAD"), &trial.outside("snap")).unwrap()
    }

    #[test]
    fn it_holds_the_commit_and_not_the_work_tree() {
        let trial = Trial::with(&[("a/host", "real"), (".gitignore", "*.secret\n")]);
        trial.script("run.sh", "#!/bin/sh\n");
        trial.record();
        trial.git(&["update-index", "--assume-unchanged", "a/host"]);
        trial.write("a/host", "localhost");
        trial.write("prod.secret", "x");
        let snapshot = snapshot(&trial);
        assert_eq!(crate::trial::text(&snapshot.root().join("a/host")), "real");
        assert!(!snapshot.root().join("prod.secret").exists());
        let mode = |path: &str| snapshot.root().join(path).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("a/host"), mode("run.sh"), mode("a"), mode("")), (0o444, 0o555, 0o555, 0o500));
        assert_eq!(snapshot.verify(), Ok(()));
        snapshot.remove();
        assert!(!snapshot.root().exists());
    }

    type Change = fn(&Path) -> io::Result<()>;

    #[test]
    fn every_change_is_noticed() {
        let trial = Trial::with(&[("a/x", "1"), ("b", "2")]);
        std::os::unix::fs::symlink("a/x", trial.path().join("link")).unwrap();
        trial.record();
        let changes: [(&str, Change); 5] = [
            ("content", |root| std::fs::write(root.join("b"), "3")),
            ("mode", |root| files::set_mode(&root.join("b"), 0o755)),
            ("added", |root| std::fs::write(root.join("a/new"), "")),
            ("removed", |root| std::fs::remove_file(root.join("b"))),
            ("link", |root| {
                std::fs::remove_file(root.join("link"))?;
                std::os::unix::fs::symlink("/etc/passwd", root.join("link"))
            }),
        ];
        for (name, change) in changes {
            let snapshot = snapshot(&trial);
            unlock(snapshot.root()).unwrap();
            files::set_mode(&snapshot.root().join("b"), 0o644).unwrap();
            change(snapshot.root()).unwrap();
            assert!(snapshot.verify().is_err(), "{name}");
        }
    }

    #[test]
    fn what_blobs_do_not_hold_is_refused() {
        let trial = Trial::with(&[("a", "1")]);
        std::os::unix::fs::symlink("/etc/passwd", trial.path().join("out")).unwrap();
        trial.record();
        let refused = Snapshot::create(&trial.commit("HEAD"), &trial.outside("snap")).unwrap_err();
        assert!(refused.contains("leads out"), "{refused}");
    }
}
