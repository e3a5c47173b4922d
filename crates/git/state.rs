//! What the work tree has that the commit has not.

use crate::command::{GitError, git, git_with_index, items, text};
use crate::repository::Repository;

/// A difference between the work tree and the commit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A file that git does not know and does not ignore.
    Untracked(String),
    /// A file that differs, is gone, is staged or is unmerged.
    Changed(String),
    /// A file whose changes git was told to overlook: `assume-unchanged` or `skip-worktree`.
    Hidden(String),
}

impl Change {
    /// The file, relative to the repository's directory that was opened.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Untracked(path) | Self::Changed(path) | Self::Hidden(path) => path,
        }
    }
}

impl Repository {
    /// Every difference between the work tree and the commit below this directory, in order. A file whose changes are
    /// hidden counts as one, whether it has changes or not: nobody would see them.
    ///
    /// # Errors
    /// git gave no answer.
    pub fn changes(&self) -> Result<Vec<Change>, GitError> {
        let mut changes = self.seen_changes()?;
        changes.extend(self.hidden()?);
        changes.sort();
        Ok(changes)
    }

    fn seen_changes(&self) -> Result<Vec<Change>, GitError> {
        let arguments = [
            "status",
            "--porcelain=v2",
            "-z",
            "--untracked-files=all",
            "--ignore-submodules=none",
            "--no-renames",
            "--",
            ".",
        ];
        let output = git(self.folder(), &arguments, b"", &[0])?;
        items(&output).map(|item| self.change(&text(item))).collect()
    }

    /// One entry of `status --porcelain=v2`: the path is what follows its fixed number of words.
    fn change(&self, item: &str) -> Result<Change, GitError> {
        let words = match item.get(..2) {
            Some("? ") => 1,
            Some("1 ") => 8,
            Some("u ") => 10,
            _ => return Err(GitError::Garbled { what: "status" }),
        };
        let path = item.splitn(words + 1, ' ').last().unwrap_or(item);
        let path = path.strip_prefix(self.prefix()).unwrap_or(path).trim_start_matches('/').to_owned();
        Ok(if words == 1 { Change::Untracked(path) } else { Change::Changed(path) })
    }

    /// Files marked `assume-unchanged` (a letter in lower case) or `skip-worktree` (`S`).
    fn hidden(&self) -> Result<Vec<Change>, GitError> {
        let output = git(self.folder(), &["ls-files", "-v", "-z"], b"", &[0])?;
        let listed = items(&output).map(text);
        let hidden =
            listed.filter(|item| item.starts_with('S') || item.starts_with(|c: char| c.is_ascii_lowercase()));
        Ok(hidden.filter_map(|item| item.get(2..).map(|path| Change::Hidden(path.to_owned()))).collect())
    }
}

/// The id of the tree that the work tree would be committed as, made with an index of its own.
pub(crate) fn written_tree(repository: &Repository) -> Result<String, GitError> {
    let folder =
        tempfile::tempdir().map_err(|error| GitError::Io { what: "make a temporary folder", error })?;
    let index = folder.path().join("index");
    let top = repository.top();
    git_with_index(top, &index, &["read-tree", "HEAD"], b"")?;
    git_with_index(top, &index, &["add", "--all"], b"")?;
    Ok(text(&git_with_index(top, &index, &["write-tree"], b"")?).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::Trial;

    #[test]
    fn a_clean_tree_has_no_changes() {
        let trial = Trial::with(&[("a", "1"), (".gitignore", "*.log\n")]);
        trial.write("x.log", "1");
        assert_eq!(trial.repository().changes().unwrap(), []);
    }

    #[test]
    fn every_way_to_be_unclean_is_seen() {
        let trial =
            Trial::with(&[("a b", "1"), ("gone", "1"), ("flag", "1"), ("skip", "1"), ("staged", "1")]);
        trial.git(&["update-index", "--assume-unchanged", "flag"]);
        trial.git(&["update-index", "--skip-worktree", "skip"]);
        for path in ["a b", "flag", "skip", "new/x", "staged"] {
            trial.write(path, "2");
        }
        trial.git(&["add", "staged"]);
        std::fs::remove_file(trial.path().join("gone")).unwrap();
        let changed = |path: &str| Change::Changed(path.to_owned());
        let hidden = |path: &str| Change::Hidden(path.to_owned());
        assert_eq!(
            trial.repository().changes().unwrap(),
            [
                Change::Untracked("new/x".to_owned()),
                changed("a b"),
                changed("gone"),
                changed("staged"),
                hidden("flag"),
                hidden("skip")
            ]
        );
    }

    #[test]
    fn changes_elsewhere_do_not_concern_a_directory() {
        let trial = Trial::with(&[("a/x", "1"), ("b/y", "1")]);
        trial.write("b/y", "2");
        trial.write("a/z", "2");
        let below = Repository::open(&trial.path().join("a")).unwrap();
        assert_eq!(below.changes().unwrap(), [Change::Untracked("z".to_owned())]);
    }
}
