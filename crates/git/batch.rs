//! One `git cat-file --batch` process that answers for as long as it lives.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::Mutex;

use crate::command::{GitError, command};

/// Reads objects by id.
#[derive(Debug)]
pub(crate) struct Batch {
    process: Mutex<Process>,
}

#[derive(Debug)]
struct Process {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    /// Starts the process for the repository that `folder` lies in.
    pub(crate) fn start(folder: &Path) -> Result<Self, GitError> {
        let mut command = command(folder, &["cat-file", "--batch"]);
        command.stderr(std::process::Stdio::null());
        let mut child = command.spawn().map_err(GitError::NotStarted)?;
        let requests = child.stdin.take();
        let answers = child.stdout.take().ok_or(GitError::Garbled { what: "cat-file" })?;
        Ok(Self { process: Mutex::new(Process { child, requests, answers: BufReader::new(answers) }) })
    }

    /// The bytes of a blob; `None` where the store does not hold it.
    pub(crate) fn blob(&self, id: &str) -> Result<Option<Vec<u8>>, GitError> {
        let mut process = self.process.lock().map_err(|_| GitError::Garbled { what: "cat-file" })?;
        process.blob(id).map_err(GitError::NotStarted)
    }
}

impl Process {
    fn blob(&mut self, id: &str) -> std::io::Result<Option<Vec<u8>>> {
        let garbled = || std::io::Error::other("cat-file gave an answer that is not understood");
        let requests = self.requests.as_mut().ok_or_else(garbled)?;
        writeln!(requests, "{id}")?;
        requests.flush()?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let mut words = head.split_whitespace();
        let (Some(_), Some(kind), size) = (words.next(), words.next(), words.next()) else {
            return Err(garbled());
        };
        if kind == "missing" {
            return Ok(None);
        }
        let size: u64 = size.and_then(|size| size.parse().ok()).ok_or_else(garbled)?;
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0).min(1 << 24));
        // The object is followed by a newline.
        self.answers.by_ref().take(size + 1).read_to_end(&mut bytes)?;
        let whole = bytes.pop() == Some(b'\n') && bytes.len() as u64 == size;
        if whole { Ok((kind == "blob").then_some(bytes)) } else { Err(garbled()) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Without requests the process ends by itself.
        drop(self.requests.take());
        let _ = self.child.wait();
    }
}
