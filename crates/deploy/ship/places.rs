//! Where a deployment keeps its own files: below git's directory, which no checkout and no build context holds.

use std::path::{Path, PathBuf};

/// The directories and files of deployments.
#[derive(Debug, Clone)]
pub struct Places {
    root: PathBuf,
}

impl Places {
    /// The places of the repository with this git directory.
    #[must_use]
    pub fn below(git_directory: &Path) -> Self {
        Self { root: git_directory.join("shipworthy") }
    }

    /// All journals.
    #[must_use]
    pub fn journals(&self) -> PathBuf {
        self.root.join("deploys")
    }

    /// The journal of a deployment.
    #[must_use]
    pub fn journal(&self, id: &str) -> PathBuf {
        self.journals().join(format!("{id}.jsonl"))
    }

    /// The lock of a target.
    #[must_use]
    pub fn lock(&self, target: &str) -> PathBuf {
        self.root.join("locks").join(target)
    }

    /// The file that holds the name of this clone.
    #[must_use]
    pub fn clone_name(&self) -> PathBuf {
        self.root.join("clone")
    }

    /// The folder for a snapshot.
    #[must_use]
    pub fn snapshot(&self, id: &str) -> PathBuf {
        self.root.join("snap").join(id)
    }

    /// The folder for what the steps of a deployment write.
    #[must_use]
    pub fn out(&self, id: &str) -> PathBuf {
        self.root.join("out").join(id)
    }

    /// The receipt of a deployment.
    #[must_use]
    pub fn receipt(&self, id: &str) -> PathBuf {
        self.root.join("receipts").join(format!("{id}.json"))
    }
}
