//! The files of a commit.

use std::path::Path;

use source::{ReadError, Tree, Walk};

use crate::attributes::filtered;
use crate::batch::Batch;
use crate::command::{GitError, git, items, text};
use crate::large;
use crate::objects::{Blob, Objects};
use crate::repository::Repository;

/// Submodules in submodules are followed this far.
const MAX_DEPTH: usize = 8;

/// The files of one commit below one directory, read from the object store alone.
#[derive(Debug)]
pub struct Commit {
    id: String,
    tree: String,
    dirty: bool,
    objects: Objects,
    submodules: Vec<Submodule>,
    obstacles: Vec<Obstacle>,
}

/// A repository that the commit contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submodule {
    /// Where it stands.
    pub path: String,
    /// The commit of it that belongs to this one.
    pub commit: String,
}

/// Why the blobs of a commit are not the files that people mean by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// The file or directory.
    pub path: String,
    /// What is in the way, as the end of a sentence that begins with the path.
    pub message: String,
}

impl Commit {
    /// Reads the list of files of the commit that `revision` names.
    ///
    /// # Errors
    /// There is no such commit, or git gave no answer.
    pub fn open(repository: &Repository, revision: &str) -> Result<Self, GitError> {
        let id = repository.commit_id(revision)?;
        let tree = repository.tree_id(&id)?;
        Self::of_tree(repository, id, tree, false)
    }

    /// Reads the list of files of a tree that was made for a commit before; `tree` may be the commit's own.
    ///
    /// # Errors
    /// The object store does not hold one of them.
    pub fn with_tree(repository: &Repository, commit: &str, tree: &str) -> Result<Self, GitError> {
        let id = repository.commit_id(commit)?;
        let dirty = tree != repository.tree_id(&id)?;
        Self::of_tree(repository, id, tree.to_owned(), dirty)
    }

    /// Reads the work tree as it would be committed: every file that is not ignored, also those whose changes git was
    /// told to overlook. The user's index stays as it is.
    ///
    /// # Errors
    /// git could not write a tree.
    pub fn of_work_tree(repository: &Repository) -> Result<Self, GitError> {
        let id = repository.head()?;
        let whole = crate::state::written_tree(repository)?;
        let tree = match repository.prefix() {
            "" => whole,
            prefix => repository.subtree(&whole, prefix)?,
        };
        let dirty = tree != repository.tree_id(&id)?;
        Self::of_tree(repository, id, tree, dirty)
    }

    fn of_tree(repository: &Repository, id: String, tree: String, dirty: bool) -> Result<Self, GitError> {
        let mut commit = Self {
            id,
            tree,
            dirty,
            objects: Objects::default(),
            submodules: Vec::new(),
            obstacles: Vec::new(),
        };
        let treeish = commit.tree.clone();
        commit.list(repository.folder(), &treeish, "", 0)?;
        commit.note_filters(repository)?;
        commit.note_links();
        commit.obstacles.sort();
        Ok(commit)
    }

    /// The id of the commit.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The id of the tree that is read: the commit's own, or that of an unclean work tree.
    #[must_use]
    pub fn tree_id(&self) -> &str {
        &self.tree
    }

    /// Whether the tree holds changes that the commit does not.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// The submodules, in the order of their paths.
    #[must_use]
    pub fn submodules(&self) -> &[Submodule] {
        &self.submodules
    }

    /// Why the blobs are not the files that people mean: a submodule that is not fetched, a large file that is not
    /// there, a filter, a link that leads out, in the order of paths.
    #[must_use]
    pub fn obstacles(&self) -> &[Obstacle] {
        &self.obstacles
    }

    /// Where the link at `path` leads, as written; `None` for what is no link.
    #[must_use]
    pub fn link(&self, path: &str) -> Option<Result<String, ReadError>> {
        self.objects.target(path)
    }

    fn add_obstacle(&mut self, path: &str, message: impl Into<String>) {
        self.obstacles.push(Obstacle { path: path.to_owned(), message: message.into() });
    }

    /// Lists a tree whose objects the repository at `folder` holds, below `at`.
    fn list(&mut self, folder: &Path, treeish: &str, at: &str, depth: usize) -> Result<(), GitError> {
        let store = self.objects.stores.len();
        self.objects.stores.push(Batch::start(folder)?);
        // `ls-tree` lists below the current directory unless told otherwise; the tree that is named is the whole.
        let arguments = ["ls-tree", "-r", "-z", "-l", "--full-tree", treeish];
        let output = git(folder, &arguments, b"", &[0])?;
        for item in items(&output) {
            let garbled = || GitError::Garbled { what: "ls-tree" };
            let split = item.iter().position(|byte| *byte == b'\t').ok_or_else(garbled)?;
            let (head, name) = (text(item.get(..split).unwrap_or(&[])), item.get(split + 1..).unwrap_or(&[]));
            let mut words = head.split_whitespace();
            let (Some(mode), Some(kind), Some(id), Some(size)) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                return Err(garbled());
            };
            let name = text(name);
            let path = if at.is_empty() { name } else { format!("{at}/{name}") };
            if path.contains('\u{fffd}') {
                self.add_obstacle(&path, "has a name that is not UTF-8");
            }
            if kind == "commit" {
                self.enter(folder, &path, at, id, depth)?;
                continue;
            }
            let mode = u32::from_str_radix(mode, 8).map_err(|_| garbled())?;
            let size = size.parse().map_err(|_| garbled())?;
            self.objects.insert(path, Blob { id: id.to_owned(), mode, size, store });
        }
        Ok(())
    }

    /// Lists a submodule, where its commit has been fetched.
    fn enter(&mut self, folder: &Path, path: &str, at: &str, id: &str, depth: usize) -> Result<(), GitError> {
        self.objects.insert_directory(path);
        self.submodules.push(Submodule { path: path.to_owned(), commit: id.to_owned() });
        let below = path.strip_prefix(at).unwrap_or(path).trim_start_matches('/');
        let inner = folder.join(below);
        // Without a `.git` of its own the directory would answer for the repository around it.
        let fetched = inner.join(".git").exists()
            && git(&inner, &["cat-file", "-e", &format!("{id}^{{tree}}")], b"", &[0]).is_ok();
        if !fetched || depth == MAX_DEPTH {
            let short = id.get(..12).unwrap_or(id);
            self.add_obstacle(
                path,
                format!(
                    "is a submodule whose commit {short} is not fetched; run `git submodule update --init`"
                ),
            );
            return Ok(());
        }
        self.list(&inner, &format!("{id}^{{tree}}"), path, depth + 1)
    }

    /// Notes filters that make other bytes of the blobs, and finds what Git LFS keeps elsewhere.
    fn note_filters(&mut self, repository: &Repository) -> Result<(), GitError> {
        let own: Vec<String> = self
            .objects
            .blobs
            .iter()
            .filter(|(_, blob)| blob.store == 0)
            .map(|(path, _)| path.clone())
            .collect();
        for (path, filter) in filtered(repository, &self.tree, &own)? {
            if filter != "lfs" {
                self.add_obstacle(
                    &path,
                    format!("passes through the filter `{filter}`, so that a checkout has other bytes than the commit"),
                );
                continue;
            }
            let Some(blob) = self.objects.blobs.get(&path) else { continue };
            let pointer = self.objects.bytes(blob).ok().and_then(|bytes| large::pointer(&bytes));
            match pointer {
                None => self.add_obstacle(
                    &path,
                    "should be a Git LFS pointer (see .gitattributes), but the file itself is committed",
                ),
                Some(pointer) => match large::find(repository.common_dir(), &pointer) {
                    Ok(file) => {
                        self.objects.replaced.insert(path, file);
                    }
                    Err(message) => self.add_obstacle(&path, message),
                },
            }
        }
        Ok(())
    }

    /// Notes links that lead to where nothing was judged.
    fn note_links(&mut self) {
        let links: Vec<String> =
            self.objects.blobs.keys().filter(|path| self.link(path).is_some()).cloned().collect();
        for path in links {
            if self.objects.resolve(&path, true) == Err(ReadError::OutsideRoot) {
                self.add_obstacle(&path, "is a symbolic link that leads out of the repository");
            }
        }
    }
}

impl Repository {
    fn subtree(&self, tree: &str, path: &str) -> Result<String, GitError> {
        let output = git(self.folder(), &["rev-parse", "--verify", &format!("{tree}:{path}")], b"", &[0])?;
        Ok(text(&output).trim().to_owned())
    }
}

impl Tree for Commit {
    fn walk(&self, enter: &(dyn Fn(&str) -> bool + Sync)) -> Walk {
        self.objects.walk(enter)
    }

    fn kind(&self, path: &str) -> Option<source::EntryKind> {
        self.objects.kind(path)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        self.objects.read(path, limit)
    }

    fn link_target(&self, path: &str) -> Option<String> {
        self.objects.link_target(path)
    }

    fn size(&self, path: &str) -> Option<u64> {
        self.objects.size(path)
    }

    fn mode(&self, path: &str) -> Option<u32> {
        self.objects.mode(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::Trial;
    use source::EntryKind;

    fn messages(commit: &Commit) -> String {
        let told =
            commit.obstacles().iter().map(|obstacle| format!("{} {}", obstacle.path, obstacle.message));
        told.collect::<Vec<_>>().join(
            "
",
        )
    }

    #[test]
    fn the_files_are_those_of_the_commit_and_not_of_the_work_tree() {
        let trial = Trial::with(&[("a/run.sh", "old"), ("gone", "x")]);
        trial.write("a/run.sh", "new");
        std::fs::remove_file(trial.path().join("gone")).unwrap();
        let commit = Commit::open(&trial.repository(), "HEAD").unwrap();
        assert_eq!(commit.read("a/run.sh", 99).unwrap(), b"old");
        assert_eq!(commit.read("gone", 99).unwrap(), b"x");
        assert_eq!(commit.read("a/run.sh", 2), Err(ReadError::TooLarge { size: 3, limit: 2 }));
        assert_eq!((commit.size("a/run.sh"), commit.mode("a/run.sh")), (Some(3), Some(0o644)));
        assert_eq!(commit.kind("a"), Some(EntryKind::Directory));
        assert_eq!(commit.read("a", 99), Err(ReadError::NotAFile));
    }

    #[test]
    fn attributes_that_change_an_archive_change_nothing_here() {
        let trial = Trial::with(&[
            (".gitattributes", "secret export-ignore\nversion export-subst\n"),
            ("secret/x", "1"),
            ("version", "$Format:%H$"),
        ]);
        let commit = Commit::open(&trial.repository(), "HEAD").unwrap();
        assert_eq!(commit.read("secret/x", 9).unwrap(), b"1");
        assert_eq!(commit.read("version", 99).unwrap(), b"$Format:%H$");
        assert_eq!(messages(&commit), "");
    }

    #[test]
    fn a_replaced_object_does_not_come_in_place_of_the_committed_one() {
        let trial = Trial::with(&[("host", "real")]);
        let real = trial.git(&["rev-parse", "HEAD:host"]);
        trial.write("other", "localhost");
        let other = trial.git(&["hash-object", "-w", "other"]);
        trial.git(&["replace", real.trim(), other.trim()]);
        let commit = Commit::open(&trial.repository(), "HEAD").unwrap();
        assert_eq!(commit.read("host", 99).unwrap(), b"real");
    }

    #[test]
    fn a_filter_is_an_obstacle() {
        let trial = Trial::with(&[(".gitattributes", "*.conf filter=swap\n"), ("app.conf", "host: real")]);
        let commit = Commit::open(&trial.repository(), "HEAD").unwrap();
        assert!(
            messages(&commit).contains("app.conf passes through the filter `swap`"),
            "{}",
            messages(&commit)
        );
    }

    #[test]
    fn a_large_file_that_is_not_there_or_damaged_is_an_obstacle() {
        let text = "weights";
        let id = large::digest(text.as_bytes());
        let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 7\n");
        let trial = Trial::with(&[("m.bin", &pointer)]);
        trial.write(".gitattributes", "*.bin filter=lfs\n");
        trial.commit();
        let open = || Commit::open(&trial.repository(), "HEAD").unwrap();
        assert!(messages(&open()).contains("is not fetched"), "{}", messages(&open()));
        let kept = format!(".git/lfs/objects/{}/{}/{id}", &id[..2], &id[2..4]);
        trial.write(&kept, "damaged");
        assert!(open().read("m.bin", 99).is_err());
        assert!(!open().obstacles().is_empty());
        trial.write(&kept, text);
        assert_eq!(messages(&open()), "");
        assert_eq!(open().read("m.bin", 99).unwrap(), b"weights");
        assert_eq!(open().size("m.bin"), Some(7));
    }

    #[test]
    fn a_submodule_is_read_where_it_is_fetched() {
        let inner = Trial::with(&[("lib.py", "x")]);
        let trial = Trial::with(&[("a", "1")]);
        let from = inner.path().display().to_string();
        trial.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", &from, "vendor/inner"]);
        trial.commit();
        let commit = Commit::open(&trial.repository(), "HEAD").unwrap();
        assert_eq!(commit.read("vendor/inner/lib.py", 9).unwrap(), b"x");
        assert_eq!(commit.submodules().len(), 1);
        assert_eq!(messages(&commit), "");
        trial.git(&["submodule", "deinit", "-q", "-f", "vendor/inner"]);
        let commit = Commit::open(&trial.repository(), "HEAD").unwrap();
        assert!(messages(&commit).contains("is not fetched"), "{}", messages(&commit));
    }

    #[test]
    fn hidden_edits_are_part_of_the_work_tree() {
        let trial = Trial::with(&[("a", "1"), ("b", "1"), (".gitignore", "*.log\n")]);
        trial.git(&["update-index", "--assume-unchanged", "a"]);
        for (path, text) in [("a", "2"), ("new", "3"), ("x.log", "4")] {
            trial.write(path, text);
        }
        let commit = Commit::of_work_tree(&trial.repository()).unwrap();
        assert!(commit.is_dirty());
        assert_eq!(commit.read("a", 9).unwrap(), b"2");
        assert_eq!(commit.read("new", 9).unwrap(), b"3");
        assert_eq!(commit.read("x.log", 9), Err(ReadError::NotFound));
        assert_eq!(trial.git(&["status", "--porcelain"]), "?? new\n");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_inside_only() {
        let trial = Trial::with(&[("d/file", "text")]);
        for (target, name) in
            [("d/file", "inside"), ("d", "dir"), ("../../etc/passwd", "out"), ("/etc", "abs"), ("l", "l")]
        {
            std::os::unix::fs::symlink(target, trial.path().join(name)).unwrap();
        }
        trial.commit();
        let commit = Commit::open(&trial.repository(), "HEAD").unwrap();
        assert_eq!(commit.read("inside", 9).unwrap(), b"text");
        assert_eq!(commit.read("dir/file", 9).unwrap(), b"text");
        assert_eq!(commit.kind("inside"), Some(EntryKind::Symlink));
        assert!(matches!(commit.read("l", 9), Err(ReadError::Refused(_))));
        let obstacles: Vec<_> = commit.obstacles().iter().map(|obstacle| obstacle.path.as_str()).collect();
        assert_eq!(obstacles, ["abs", "out"]);
    }
}
