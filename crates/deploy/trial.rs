//! A repository for one test.

use std::path::PathBuf;
use std::process::Command;

use git::{Commit, Repository};

pub(crate) struct Trial {
    folder: tempfile::TempDir,
}

impl Trial {
    /// A repository with one commit that holds these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let trial = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(trial.path()).unwrap();
        trial.git(&["init", "-q", "-b", "main"]);
        for (path, text) in files {
            trial.write(path, text);
        }
        trial.git(&["add", "-A"]);
        trial.record();
        trial
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    /// A path beside the repository.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let at = self.path().join(path);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(at, text).unwrap();
    }

    pub(crate) fn script(&self, path: &str, text: &str) {
        self.write(path, text);
        crate::files::set_mode(&self.path().join(path), 0o755).unwrap();
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        #[expect(clippy::disallowed_methods, reason = "a repository for the test")]
        let output = Command::new("git").args(arguments).current_dir(self.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Commits what is staged, and files that are new.
    pub(crate) fn record(&self) {
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        self.git(&["add", "-A"]);
        self.git(&[&who[..], &["commit", "-q", "--allow-empty", "-m", "x"]].concat());
    }

    pub(crate) fn repository(&self) -> Repository {
        Repository::open(&self.path()).unwrap()
    }

    pub(crate) fn commit(&self, revision: &str) -> Commit {
        Commit::open(&self.repository(), revision).unwrap()
    }
}

/// The text of a file; empty where there is none.
pub(crate) fn text(path: &std::path::Path) -> String {
    crate::files::read(path).map(|bytes| String::from_utf8(bytes).unwrap()).unwrap_or_default()
}
