//! Why a line that should bring a path back does not.

use super::Matcher;

/// Why a `!` pattern that matches a path, or a directory above it, leaves the path out all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReincluded {
    /// It matches `directory`, which no earlier pattern left out, so that it was passed over there; what stands
    /// below it must match it anew (`BuildKit`, today's classic docker builder).
    DirectoryWasIncluded {
        /// The directory that it matches.
        directory: String,
    },
    /// The builder does not look into `directory`: it is left out, and no `!` pattern begins with its path.
    DirectoryNotEntered {
        /// The directory that is left out.
        directory: String,
    },
    /// gcloud never takes back what stands in a directory that is left out.
    DirectoryIgnored {
        /// The directory that is left out.
        directory: String,
    },
    /// It matches `directory`, but is compared only with the path itself and with the directory above it that has
    /// as many parts as the pattern (kaniko, Docker 20.10).
    DirectoryNotCompared {
        /// The directory that it matches.
        directory: String,
    },
    /// It does bring the path back, and a later pattern leaves it out again.
    ExcludedAgain {
        /// The index of the later pattern.
        by: usize,
    },
}

impl NotReincluded {
    /// The reason as a sentence about `pattern`, with what to write instead.
    #[must_use]
    pub fn sentence(&self, pattern: &str, path: &str) -> String {
        format!("{pattern} {path}")
    }
}

impl Matcher {
    /// For a path that is left out: each `!` pattern that would match it or a directory above it, by its index, and
    /// why it does not bring the path back. Empty for a path that is sent.
    #[must_use]
    pub fn overridden_by(&self, path: &str, is_dir: bool) -> Vec<(usize, NotReincluded)> {
        let _ = (path, is_dir);
        Vec::new()
    }
}
