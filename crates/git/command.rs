//! One run of git.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{fmt, io};

/// Why git gave no answer.
#[derive(Debug)]
pub enum GitError {
    /// git could not be started.
    NotStarted(io::Error),
    /// git ended with another status than those that were expected.
    Failed {
        /// The subcommand.
        what: String,
        /// What it wrote to standard error, its first line.
        why: String,
    },
}

impl fmt::Display for GitError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(error) => write!(out, "git could not be started: {error}"),
            Self::Failed { what, why } => write!(out, "git {what} failed: {why}"),
        }
    }
}

impl std::error::Error for GitError {}

/// Runs `git ARGUMENTS` in `folder` with `input` on its standard input. `expected` are the exit statuses that are an
/// answer.
///
/// The repository cannot make it run programs of its own or touch the index.
pub(crate) fn git<S: AsRef<OsStr>>(
    folder: &Path,
    arguments: &[S],
    input: &[u8],
    expected: &[i32],
) -> Result<Vec<u8>, GitError> {
    let what = arguments.first().map(|word| word.as_ref().to_string_lossy().into_owned()).unwrap_or_default();
    #[expect(clippy::disallowed_methods, reason = "this is the crate that starts git")]
    let mut command = Command::new("git");
    command
        .args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = exchange(&mut command, input).map_err(GitError::NotStarted)?;
    if output.status.code().is_some_and(|code| expected.contains(&code)) {
        return Ok(output.stdout);
    }
    let why = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("no reason given").to_owned();
    Err(GitError::Failed { what, why })
}

/// Writes and reads at once, so that neither side waits for the other for ever.
fn exchange(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A git that ends before it has read everything has said why on its standard error.
            let _ = stdin.map(|mut stdin| stdin.write_all(input));
        });
        child.wait_with_output()
    })
}
