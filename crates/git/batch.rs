//! One `git cat-file --batch` process that answers for as long as it lives.

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::Mutex;

use crate::command::{GitError, command};

/// Bytes of blobs that are kept, for those that are asked for once more or were read ahead.
const MAX_KEPT_BYTES: usize = 16 << 20;

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
    kept: BlobCache,
}

impl Batch {
    /// Starts the process for the repository that `folder` lies in.
    pub(crate) fn start(folder: &Path) -> Result<Self, GitError> {
        let mut command = command(folder, &["cat-file", "--batch"]);
        command.stderr(std::process::Stdio::null());
        let mut child = command.spawn().map_err(GitError::NotStarted)?;
        let requests = child.stdin.take();
        let answers = child.stdout.take().ok_or(GitError::Garbled { what: "cat-file" })?;
        let answers = BufReader::with_capacity(1 << 16, answers);
        Ok(Self { process: Mutex::new(Process { child, requests, answers, kept: BlobCache::default() }) })
    }

    /// The bytes of a blob; `None` where the store does not hold it. Where git has to be asked, it is asked for those
    /// `ahead` too: an answer to many costs little more than one to one.
    ///
    /// What is asked ahead must be few ids, as git does not read on before its answers are taken.
    pub(crate) fn blob<'i>(
        &self,
        id: &str,
        ahead: impl FnOnce() -> Vec<&'i str>,
    ) -> Result<Option<Vec<u8>>, GitError> {
        let mut process = self.process.lock().map_err(|_| GitError::Garbled { what: "cat-file" })?;
        if let Some(kept) = process.kept.blobs.get(id) {
            return Ok(Some(kept.clone()));
        }
        let is_new = |other: &str| other != id && !process.kept.blobs.contains_key(other);
        let ahead: BTreeSet<&str> = ahead().into_iter().filter(|other| is_new(other)).collect();
        let what = "talk to git cat-file";
        process.blobs(id, &ahead).map_err(|error| GitError::Io { what, error })
    }
}

impl Process {
    /// The blob `id`; those `ahead` are kept.
    fn blobs(&mut self, id: &str, ahead: &BTreeSet<&str>) -> std::io::Result<Option<Vec<u8>>> {
        let ids: String = [id].iter().chain(ahead).flat_map(|id| [*id, "\n"]).collect();
        let requests = self.requests.as_mut().ok_or_else(garbled)?;
        // On an error nothing more is asked: the rest of this answer would be read as the next one.
        let done = requests.write_all(ids.as_bytes()).and_then(|()| requests.flush()).and_then(|()| {
            let wanted = answer(&mut self.answers)?;
            if let Some(bytes) = &wanted {
                self.kept.keep(id, bytes.clone());
            }
            for other in ahead {
                if let Some(bytes) = answer(&mut self.answers)? {
                    self.kept.keep(other, bytes);
                }
            }
            Ok(wanted)
        });
        if done.is_err() {
            self.requests = None;
        }
        done
    }
}

/// Blobs that were read.
#[derive(Debug, Default)]
struct BlobCache {
    blobs: HashMap<String, Vec<u8>>,
    bytes: usize,
}

impl BlobCache {
    fn keep(&mut self, id: &str, bytes: Vec<u8>) {
        if bytes.len() > MAX_KEPT_BYTES / 16 {
            return;
        }
        self.bytes += bytes.len();
        if self.bytes > MAX_KEPT_BYTES {
            self.blobs.clear();
            self.bytes = bytes.len();
        }
        self.blobs.insert(id.to_owned(), bytes);
    }
}

/// The next answer of `git cat-file --batch`; `None` where the store does not hold the object, or it is no blob.
fn answer(answers: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = String::new();
    answers.read_line(&mut head)?;
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
    answers.take(size + 1).read_to_end(&mut bytes)?;
    let whole = bytes.pop() == Some(b'\n') && bytes.len() as u64 == size;
    if whole { Ok((kind == "blob").then_some(bytes)) } else { Err(garbled()) }
}

fn garbled() -> std::io::Error {
    std::io::Error::other("cat-file gave an answer that is not understood")
}

impl Drop for Process {
    fn drop(&mut self) {
        // Without requests the process ends by itself.
        drop(self.requests.take());
        let _ = self.child.wait();
    }
}
