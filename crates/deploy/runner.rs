//! Runs programs: argument vectors, never a shell; a list of allowed variables; output without secrets.

mod find;
mod process;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::Argv;

pub(crate) use find::{Programs, absolute, is_absolute};
pub(crate) use process::Processes;

/// A program to run.
#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    /// The program and its arguments.
    pub argv: Argv,
    /// Where it runs.
    pub folder: PathBuf,
    /// Every variable that it sees.
    pub env: BTreeMap<String, String>,
    /// What it reads on its standard input.
    pub input: Vec<u8>,
    /// How long it may take.
    pub limit: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Output {
    /// The exit status; none where a signal or the limit ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub out: Vec<u8>,
    /// What it wrote to standard error.
    pub err: Vec<u8>,
    /// Whether the limit ended it.
    pub timed_out: bool,
    /// How long it took.
    pub took: Duration,
}

impl Output {
    /// Whether it ended with status 0.
    #[must_use]
    pub(crate) fn succeeded(&self) -> bool {
        self.code == Some(0)
    }
}

/// Runs programs, or does as if.
pub(crate) trait Runner {
    /// Runs a program to its end.
    ///
    /// # Errors
    /// It could not be started: it is not there, or may not be trusted.
    fn run(&mut self, invocation: &Invocation) -> Result<Output, String>;
}

/// Variables that every program sees; everything else must be named by the target.
const PASSED: &[&str] = &["PATH", "HOME", "LANG", "TMPDIR", "TZ", "SYSTEMROOT", "USERPROFILE", "TEMP", "TMP"];

/// The variables of the caller that programs may see: a fixed list, `LC_*`, and what the target names.
#[must_use]
pub(crate) fn allowed(
    names: &[String],
    caller: impl Iterator<Item = (String, String)>,
) -> BTreeMap<String, String> {
    let passes =
        |name: &str| PASSED.contains(&name) || name.starts_with("LC_") || names.iter().any(|one| one == name);
    caller.filter(|(name, _)| passes(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_variables_pass() {
        let caller = [
            "PATH",
            "TF_VAR_x",
            "TF_CLI_ARGS",
            "CLOUDSDK_CONFIG",
            "DOCKER_HOST",
            "GIT_DIR",
            "LC_ALL",
            "TOKEN",
        ];
        let caller = caller.into_iter().map(|name| (name.to_owned(), "x".to_owned()));
        let passed: Vec<_> = allowed(&["TOKEN".to_owned()], caller).into_keys().collect();
        assert_eq!(passed, ["LC_ALL", "PATH", "TOKEN"]);
    }
}
