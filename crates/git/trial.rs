//! A repository for one test.

use std::path::Path;

use crate::command::{git, text};
use crate::repository::Repository;

pub(crate) struct Trial(tempfile::TempDir);

impl Trial {
    /// A repository with one commit that holds these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let trial = Self(tempfile::tempdir().unwrap());
        trial.git(&["init", "-q", "-b", "main"]);
        for (path, text) in files {
            trial.write(path, text);
        }
        trial.commit();
        trial
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn repository(&self) -> Repository {
        Repository::open(self.path()).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let at = self.path().join(path);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(at, text).unwrap();
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        text(&git(self.path(), arguments, b"", &[0]).unwrap())
    }

    pub(crate) fn commit(&self) {
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        self.git(&["add", "-A"]);
        self.git(&[&who[..], &["commit", "-q", "--allow-empty", "-m", "x"]].concat());
    }
}
