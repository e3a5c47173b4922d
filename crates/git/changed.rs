//! Which files changed.

use std::collections::BTreeSet;

use crate::command::{GitError, git, items, text};
use crate::repository::Repository;

const DIFF: [&str; 7] =
    ["diff", "--name-only", "-z", "--no-renames", "--relative", "--no-ext-diff", "--no-textconv"];

impl Repository {
    /// Files that the work tree has otherwise than the last commit it shares with `revision`: changed, new, deleted and
    /// not yet known to git. Paths are relative to the directory that was opened.
    ///
    /// # Errors
    /// `revision` names no commit, or shares none with the present one.
    pub fn changed_since(&self, revision: &str) -> Result<BTreeSet<String>, GitError> {
        let base = self.commit_id(revision)?;
        let arguments = [&DIFF[..], &["--merge-base", &base, "--"]].concat();
        let mut changed = paths(&git(self.folder(), &arguments, b"", &[0])?);
        let unknown = ["ls-files", "--others", "--exclude-standard", "-z"];
        changed.extend(paths(&git(self.folder(), &unknown, b"", &[0])?));
        Ok(changed)
    }

    /// The last commit that the present one shares with `revision`.
    ///
    /// # Errors
    /// `revision` names no commit, or shares none with the present one.
    pub fn shared_with(&self, revision: &str) -> Result<String, GitError> {
        let id = self.commit_id(revision)?;
        Ok(text(&git(self.folder(), &["merge-base", &id, "HEAD"], b"", &[0])?).trim().to_owned())
    }

    /// Files that the work tree has otherwise than the index, deleted ones too.
    ///
    /// # Errors
    /// git gave no answer.
    pub fn unstaged(&self) -> Result<BTreeSet<String>, GitError> {
        let arguments = [&DIFF[..], &["--"]].concat();
        Ok(paths(&git(self.folder(), &arguments, b"", &[0])?))
    }

    /// Files that are only meant to be added (`git add -N`): the index names them, and a commit would not hold them.
    pub(crate) fn intended(&self) -> Result<BTreeSet<String>, GitError> {
        let staged = |how: &str| {
            let arguments = [&DIFF[..], &["--cached", "--diff-filter=AM", how, "--"]].concat();
            Ok::<_, GitError>(paths(&git(self.folder(), &arguments, b"", &[0])?))
        };
        let committed = staged("--ita-invisible-in-index")?;
        Ok(staged("--ita-visible-in-index")?.into_iter().filter(|path| !committed.contains(path)).collect())
    }

    /// Files that the index has otherwise than the present commit, deleted ones too.
    ///
    /// # Errors
    /// git gave no answer.
    pub fn staged(&self) -> Result<BTreeSet<String>, GitError> {
        let arguments = [&DIFF[..], &["--cached", "--"]].concat();
        Ok(paths(&git(self.folder(), &arguments, b"", &[0])?))
    }
}

fn paths(output: &[u8]) -> BTreeSet<String> {
    items(output).map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::Trial;

    fn set(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn changes_are_told_from_where_the_branches_parted() {
        let trial = Trial::with(&[("a", "1"), ("b", "1"), ("c", "1")]);
        trial.git(&["checkout", "-q", "-b", "side"]);
        trial.write("a", "2");
        trial.commit();
        trial.git(&["checkout", "-q", "main"]);
        trial.write("b", "2");
        trial.commit();
        trial.git(&["checkout", "-q", "side"]);
        std::fs::remove_file(trial.path().join("c")).unwrap();
        trial.write("new", "1");
        assert_eq!(trial.repository().changed_since("main").unwrap(), set(&["a", "c", "new"]));
        assert!(trial.repository().changed_since("mian").is_err());
    }

    #[test]
    fn what_is_staged() {
        let trial = Trial::with(&[("a", "1"), ("b", "1")]);
        trial.write("a", "2");
        trial.git(&["rm", "-q", "b"]);
        assert_eq!(trial.repository().staged().unwrap(), set(&["b"]));
    }
}
