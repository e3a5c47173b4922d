//! One deployment to a target at a time.

use std::fs::{File, TryLockError};
use std::io::{self, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::{Interrupt, files, time};

const PAUSE: Duration = Duration::from_millis(200);

/// The lock on a target. The system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    // Held open for as long as the lock is held.
    _file: File,
}

/// Why the lock is not held.
#[derive(Debug)]
pub enum LockError {
    /// Somebody else holds it; who, as they wrote down.
    Held(String),
    /// It was asked to stop before it was free.
    GivenUp,
    /// It cannot be asked for.
    Failed(io::Error),
}

impl Lock {
    /// Takes the lock that the file stands for, waiting for it as long as `patience`, or until `interrupt` asks to stop.
    /// `who` is written down for those who ask.
    ///
    /// # Errors
    /// Somebody else holds it, or the file cannot be made.
    pub fn take(
        path: &Path,
        who: &str,
        patience: Duration,
        interrupt: &Interrupt,
    ) -> Result<Self, LockError> {
        if let Some(directory) = path.parent() {
            files::private_directory(directory).map_err(LockError::Failed)?;
        }
        let mut file = files::open_private(path).map_err(LockError::Failed)?;
        let end = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if interrupt.is_asked() => return Err(LockError::GivenUp),
                Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(LockError::Held(holder(path))),
                Err(TryLockError::Error(error)) => return Err(LockError::Failed(error)),
            }
        }
        // Only a note for people: the lock is the system's, not the text.
        let note = format!("process {} since {}, {who}\n", std::process::id(), time::rfc3339(time::unix()));
        let written =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(note.as_bytes()));
        written.map_err(LockError::Failed)?;
        Ok(Self { _file: file })
    }

    /// Who holds the lock; `None` where it is free.
    #[must_use]
    pub fn held_by(path: &Path) -> Option<String> {
        let file = files::open_private(path).ok()?;
        matches!(file.try_lock(), Err(TryLockError::WouldBlock)).then(|| holder(path))
    }
}

fn holder(path: &Path) -> String {
    let note = files::read(path).map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
    note.ok().filter(|note| !note.is_empty()).unwrap_or_else(|| "somebody else".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_and_the_next_is_told_who() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock/staging");
        assert!(Lock::held_by(&path).is_none() || !path.exists());
        let take = |who, patience| Lock::take(&path, who, patience, &Interrupt::default());
        let lock = take("the first", Duration::ZERO).unwrap();
        let Err(LockError::Held(who)) = take("the second", Duration::from_millis(300)) else {
            panic!("the lock was given twice");
        };
        assert!(who.contains("the first"), "{who}");
        assert!(Lock::held_by(&path).is_some());
        drop(lock);
        assert!(Lock::held_by(&path).is_none());
        take("the third", Duration::ZERO).unwrap();
    }
}
