//! A repository as seen from one directory of its work tree.

use std::path::{Path, PathBuf};

use crate::command::{GitError, git, text};

/// A repository, and the directory of it that a run is about.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
    prefix: String,
    common: PathBuf,
}

impl Repository {
    /// The repository that `folder` lies in.
    ///
    /// # Errors
    /// git is not there, or `folder` lies in no work tree.
    pub fn open(folder: &Path) -> Result<Self, GitError> {
        let arguments = ["rev-parse", "--path-format=absolute", "--git-common-dir", "--show-prefix"];
        let output = text(&git(folder, &arguments, b"", &[0])?);
        let mut lines = output.lines();
        let common = lines.next().filter(|line| !line.is_empty());
        let common = common.ok_or(GitError::Garbled { what: "rev-parse" })?.into();
        let prefix = lines.next().unwrap_or("").trim_end_matches('/').to_owned();
        let what = "find the folder on the disk";
        let folder = folder.canonicalize().map_err(|error| GitError::Io { what, error })?;
        Ok(Self { folder, prefix, common })
    }

    /// The directory that the run is about; paths are relative to it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// That directory as seen from the top of the work tree, `""` for the top itself.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// git's own directory, the one that all work trees of the repository share.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.common
    }

    /// The top of the work tree.
    #[must_use]
    pub fn top(&self) -> &Path {
        let depth = self.prefix.split('/').filter(|part| !part.is_empty()).count();
        self.folder.ancestors().nth(depth).unwrap_or(&self.folder)
    }

    /// The id of the commit that is checked out.
    ///
    /// # Errors
    /// There is no commit yet.
    pub fn head(&self) -> Result<String, GitError> {
        self.commit_id("HEAD")
    }

    /// The id of the commit that a revision names.
    ///
    /// # Errors
    /// It names none.
    pub fn commit_id(&self, revision: &str) -> Result<String, GitError> {
        self.object(&format!("{revision}^{{commit}}"))
    }

    /// The id of the tree that a commit has in this directory.
    ///
    /// # Errors
    /// The commit does not have the directory.
    pub fn tree_id(&self, revision: &str) -> Result<String, GitError> {
        if self.prefix.is_empty() {
            self.object(&format!("{revision}^{{tree}}"))
        } else {
            self.object(&format!("{revision}:{}", self.prefix))
        }
    }

    /// Whether `older` is `newer` or one of its ancestors.
    ///
    /// # Errors
    /// One of them is no commit that the object store holds.
    pub fn contains(&self, newer: &str, older: &str) -> Result<bool, GitError> {
        // Status 1 is the answer no, and is also what an unknown commit gives; so ask for the commits first.
        self.commit_id(newer)?;
        self.commit_id(older)?;
        Ok(git(&self.folder, &["merge-base", "--is-ancestor", older, newer], b"", &[0]).is_ok())
    }

    /// The commit that a branch of a remote points to now, as the remote itself says; none where it has no such branch.
    ///
    /// # Errors
    /// The remote does not answer.
    pub fn remote_head(&self, remote: &str, branch: &str) -> Result<Option<String>, GitError> {
        let reference = format!("refs/heads/{branch}");
        self.remote_ref(remote, &reference)
    }

    /// What a ref of a remote points to now; none where it has no such ref.
    pub(crate) fn remote_ref(&self, remote: &str, reference: &str) -> Result<Option<String>, GitError> {
        let output = text(&git(&self.folder, &["ls-remote", "--", remote, reference], b"", &[0])?);
        // git lists every ref that ends so, such as a branch that is called `refs/heads/main`.
        let mut refs = output.lines().filter_map(|line| line.split_once('\t'));
        Ok(refs.find(|(_, name)| *name == reference).map(|(id, _)| id.to_owned()))
    }

    /// The names of the remotes.
    ///
    /// # Errors
    /// git gave no answer.
    pub fn remotes(&self) -> Result<Vec<String>, GitError> {
        Ok(text(&git(&self.folder, &["remote"], b"", &[0])?).lines().map(str::to_owned).collect())
    }

    fn object(&self, name: &str) -> Result<String, GitError> {
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
        let output = git(&self.folder, &arguments, b"", &[0]).map_err(|error| match error {
            GitError::Failed { what, .. } => {
                GitError::Failed { what, why: format!("`{name}` names nothing here") }
            }
            other => other,
        })?;
        Ok(text(&output).trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::Trial;

    #[test]
    fn a_directory_of_the_repository_has_a_tree_of_its_own() {
        let trial = Trial::with(&[("a/b/x", "1"), ("y", "2")]);
        let below = Repository::open(&trial.path().join("a/b")).unwrap();
        assert_eq!(below.prefix(), "a/b");
        assert_eq!(below.top(), trial.path().canonicalize().unwrap());
        assert_ne!(below.tree_id("HEAD").unwrap(), trial.repository().tree_id("HEAD").unwrap());
        assert_eq!(below.common_dir(), trial.repository().common_dir());
    }

    #[test]
    fn a_commit_contains_itself_and_what_came_before() {
        let trial = Trial::with(&[("a", "1")]);
        let first = trial.repository().head().unwrap();
        trial.write("a", "2");
        trial.commit();
        let repository = trial.repository();
        assert!(repository.contains("HEAD", &first).unwrap());
        assert!(!repository.contains(&first, "HEAD").unwrap());
        assert!(repository.contains("HEAD", &"1".repeat(40)).is_err());
    }

    #[test]
    fn a_branch_of_a_remote_is_the_one_of_exactly_that_name() {
        let trial = Trial::with(&[("a", "1")]);
        let remote = trial.path().join(".git").display().to_string();
        let head = || trial.repository().remote_head(&remote, "zeta").unwrap();
        trial.git(&["branch", "refs/heads/zeta"]);
        assert_eq!(head(), None);
        trial.write("a", "2");
        trial.commit();
        trial.git(&["branch", "zeta"]);
        assert_eq!(head(), Some(trial.repository().head().unwrap()));
    }

    #[test]
    fn a_revision_is_never_taken_for_an_option() {
        let trial = Trial::with(&[("a", "1")]);
        assert!(trial.repository().commit_id("--git-dir").is_err());
    }
}
