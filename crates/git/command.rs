//! One run of git.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{fmt, io};

/// Variables that would make git answer for another repository than the one that the folder lies in.
const ELSEWHERE: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
];

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
    /// Something beside git went wrong.
    Io {
        /// What could not be done.
        what: &'static str,
        /// Why.
        error: io::Error,
    },
    /// git's answer does not have the form that its documentation promises.
    Garbled {
        /// The subcommand.
        what: &'static str,
    },
}

impl fmt::Display for GitError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(error) => write!(out, "git could not be started: {error}"),
            Self::Failed { what, why } => write!(out, "git {what} failed: {why}"),
            Self::Io { what, error } => write!(out, "cannot {what}: {error}"),
            Self::Garbled { what } => write!(out, "git {what} gave an answer that is not understood"),
        }
    }
}

impl std::error::Error for GitError {}

/// Runs `git ARGUMENTS` in `folder` with `input` on its standard input. `expected` are the exit statuses that are an
/// answer.
///
/// The repository cannot make it run programs or touch the index, but for the filters that its own configuration names
/// (`filter.NAME.clean`, Git LFS among them): without them a work tree could not be compared with a commit.
pub(crate) fn git<S: AsRef<OsStr>>(
    folder: &Path,
    arguments: &[S],
    input: &[u8],
    expected: &[i32],
) -> Result<Vec<u8>, GitError> {
    run(command(folder, arguments), arguments, input, expected)
}

/// As [`git`], with an index of its own, so that the user's is neither read nor changed.
pub(crate) fn git_with_index<S: AsRef<OsStr>>(
    folder: &Path,
    index: &Path,
    arguments: &[S],
    input: &[u8],
) -> Result<Vec<u8>, GitError> {
    let mut command = command(folder, arguments);
    command.env("GIT_INDEX_FILE", index);
    run(command, arguments, input, &[0])
}

/// `git ARGUMENTS` in `folder`, not yet started; all three streams are pipes.
pub(crate) fn command<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Command {
    #[expect(clippy::disallowed_methods, reason = "this is the crate that starts git")]
    let mut command = Command::new("git");
    command
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.quotePath=false",
            "-c",
            "status.relativePaths=false",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        // A replaced object would give other bytes than those that its id stands for.
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in ELSEWHERE {
        command.env_remove(name);
    }
    command
}

fn run<S: AsRef<OsStr>>(
    mut command: Command,
    arguments: &[S],
    input: &[u8],
    expected: &[i32],
) -> Result<Vec<u8>, GitError> {
    let what = arguments.first().map(|word| word.as_ref().to_string_lossy().into_owned()).unwrap_or_default();
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

/// The texts of a list whose items end with NUL.
pub(crate) fn items(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output.split(|byte| *byte == 0).filter(|item| !item.is_empty())
}

/// A path or id as text; bytes that are no UTF-8 are replaced.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
