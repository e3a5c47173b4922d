//! A ref of a remote that holds a text, and that only one of several writers can move: the remote itself compares.

use crate::command::{GitError, git, text};
use crate::repository::Repository;

/// What a ref of a remote holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteRef {
    /// The id of the object that the ref points to.
    pub id: String,
    /// The text.
    pub text: String,
}

/// Nothing of the repository's configuration is to happen beside the push itself.
const PUSH: &[&str] = &[
    "push",
    "--quiet",
    "--porcelain",
    "--no-follow-tags",
    "--no-signed",
    "--recurse-submodules=no",
    "--no-verify",
];

impl Repository {
    /// What the ref of the remote holds now; none where there is no such ref.
    ///
    /// # Errors
    /// The remote does not answer, or the ref holds something else than a text.
    pub fn read_ref(&self, remote: &str, reference: &str) -> Result<Option<RemoteRef>, GitError> {
        let Some(id) = self.remote_ref(remote, reference)? else { return Ok(None) };
        let fetch = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--",
            remote,
            &id,
        ];
        if git(self.folder(), &["cat-file", "-e", &id], b"", &[0]).is_err() {
            // Not every remote gives objects by id; the ref may have moved in between, which the next push notices.
            git(self.folder(), &fetch, b"", &[0]).or_else(|_| {
                let by_name = [&fetch[..fetch.len() - 1], &[reference]].concat();
                git(self.folder(), &by_name, b"", &[0])
            })?;
        }
        let commit = text(&git(self.folder(), &["cat-file", "commit", &id], b"", &[0])?);
        let (_, body) = commit.split_once("\n\n").ok_or(GitError::Garbled { what: "cat-file" })?;
        Ok(Some(RemoteRef { id, text: body.trim_end().to_owned() }))
    }

    /// Makes the ref of the remote hold a text, if it still points to `old`, or is not there where that is none. Gives the
    /// id that it points to then; none where somebody else was quicker.
    ///
    /// # Errors
    /// The remote does not answer, or does not take the push.
    pub fn write_ref(
        &self,
        remote: &str,
        reference: &str,
        old: Option<&str>,
        note: &str,
    ) -> Result<Option<String>, GitError> {
        let write = |kind: &str, bytes: &[u8]| {
            let written = git(self.folder(), &["hash-object", "-t", kind, "-w", "--stdin"], bytes, &[0])?;
            Ok::<String, GitError>(text(&written).trim().to_owned())
        };
        let tree = write("tree", b"")?;
        let who = "shipworthy <shipworthy@localhost> 0 +0000";
        let id =
            write("commit", format!("tree {tree}\nauthor {who}\ncommitter {who}\n\n{note}\n").as_bytes())?;
        let lease = format!("--force-with-lease={reference}:{}", old.unwrap_or(""));
        let (what, move_to) = (["--", remote], format!("{id}:{reference}"));
        let push = [PUSH, &[&lease], &what, &[&move_to]].concat();
        match git(self.folder(), &push, b"", &[0]) {
            Ok(_) => Ok(Some(id)),
            // Its status does not tell a ref that has moved from a remote that is not there; asking again does.
            Err(error) => match self.read_ref(remote, reference)? {
                Some(now) if now.id == id => Ok(Some(id)),
                now if now.as_ref().map(|now| now.id.as_str()) == old => Err(error),
                _ => Ok(None),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::Trial;

    const REF: &str = "refs/shipworthy/lock/staging";

    /// Two clones of one remote.
    fn clones() -> (tempfile::TempDir, Trial, Trial) {
        let remote = tempfile::tempdir().unwrap();
        git(remote.path(), &["init", "-q", "--bare"], b"", &[0]).unwrap();
        let clone = || {
            let trial = Trial::with(&[("a", "1")]);
            trial.git(&["remote", "add", "origin", remote.path().to_str().unwrap()]);
            trial
        };
        let (one, other) = (clone(), clone());
        (remote, one, other)
    }

    #[test]
    fn only_one_of_two_writers_moves_it() {
        let (_remote, one, other) = clones();
        let (one, other) = (one.repository(), other.repository());
        assert_eq!(one.read_ref("origin", REF).unwrap(), None);
        let first = one.write_ref("origin", REF, None, "one").unwrap().unwrap();
        assert_eq!(other.write_ref("origin", REF, None, "other").unwrap(), None);
        let seen = other.read_ref("origin", REF).unwrap().unwrap();
        assert_eq!((seen.id.as_str(), seen.text.as_str()), (first.as_str(), "one"));
        let second = other.write_ref("origin", REF, Some(&first), "other").unwrap().unwrap();
        assert_eq!(one.write_ref("origin", REF, Some(&first), "one again").unwrap(), None);
        assert_eq!(one.read_ref("origin", REF).unwrap().unwrap().id, second);
    }

    #[test]
    fn a_remote_that_is_not_there_is_an_error() {
        let trial = Trial::with(&[("a", "1")]);
        trial.git(&["remote", "add", "origin", "/no/such/remote"]);
        assert!(trial.repository().read_ref("origin", REF).is_err());
        assert!(trial.repository().write_ref("origin", REF, None, "x").is_err());
    }
}
