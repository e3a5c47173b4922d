//! A sign of life on a terminal, for runs that take a while.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a run may take before it says that it is alive.
const PATIENCE: Duration = Duration::from_millis(400);

/// Shown until it is dropped.
pub(crate) struct Progress {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows `message` on standard error if that is a terminal and the work takes long.
    pub(crate) fn start(message: &'static str, wanted: bool) -> Self {
        if !wanted || !io::stderr().is_terminal() {
            return Self { done: None, thread: None };
        }
        let (done, waiting) = channel::<()>();
        let thread = std::thread::spawn(move || {
            if waiting.recv_timeout(PATIENCE).is_ok() {
                return;
            }
            let mut stderr = io::stderr();
            let _ = write!(stderr, "{message}").and_then(|()| stderr.flush());
            let _ = waiting.recv();
            let _ = write!(stderr, "\r{:width$}\r", "", width = message.chars().count());
            let _ = stderr.flush();
        });
        Self { done: Some(done), thread: Some(thread) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(done) = self.done.take() {
            let _ = done.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
