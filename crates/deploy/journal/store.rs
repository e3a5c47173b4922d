//! Where the journal's lines are kept.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::files;

/// Where the journal's lines are kept.
pub trait Store {
    /// Everything that is there.
    fn read(&mut self) -> io::Result<Vec<u8>>;
    /// Adds a line; once it returns the line survives a loss of power.
    fn append(&mut self, line: &[u8]) -> io::Result<()>;
    /// Removes what follows the first `length` bytes.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// A file that only its owner may read.
pub struct FileStore {
    path: PathBuf,
    file: File,
}

impl FileStore {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// The system refuses.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(directory) = path.parent() {
            files::private_directory(directory)?;
        }
        let file = files::open_private(path)?;
        path.parent().map_or(Ok(()), files::sync_directory)?;
        Ok(Self { path: path.to_owned(), file })
    }
}

impl Store for FileStore {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        files::read(&self.path)
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.write_all(line)?;
        self.file.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.file.sync_data()
    }
}

/// A journal that is only looked at.
pub(crate) struct ReadOnly(pub(crate) PathBuf);

impl Store for ReadOnly {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        files::read(&self.0)
    }

    fn append(&mut self, _line: &[u8]) -> io::Result<()> {
        Err(io::Error::other("it is only looked at"))
    }

    fn truncate(&mut self, _length: u64) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    /// When a run is killed: at which of its writes, and how much of the line is there then.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub(crate) enum Kill {
        Before(usize),
        Torn(usize),
        After(usize),
    }

    /// The state, phase and service of the lines at which runs were killed.
    type Kills = Rc<RefCell<Vec<(crate::State, crate::journal::Phase, String)>>>;

    /// Lines in memory, with a kill at a chosen write.
    #[derive(Clone, Default)]
    pub(crate) struct MemoryStore {
        bytes: Rc<RefCell<Vec<u8>>>,
        writes: Rc<RefCell<usize>>,
        kill: Option<Kill>,
        kills: Kills,
        /// Whether the process is dead, and writes nothing any more.
        dead: Rc<Cell<bool>>,
        /// What is left of a line stays, as a store would have it that does not know of torn lines.
        pub(crate) keeps_torn: bool,
    }

    impl MemoryStore {
        pub(crate) fn bytes(&self) -> Vec<u8> {
            self.bytes.borrow().clone()
        }

        pub(crate) fn change(&self, change: impl FnOnce(&mut Vec<u8>)) {
            change(&mut self.bytes.borrow_mut());
        }

        /// The same lines for a new run, with a kill of its own.
        pub(crate) fn again(&self, kill: Option<Kill>, dead: Rc<Cell<bool>>) -> Self {
            let (bytes, kills) = (Rc::clone(&self.bytes), Rc::clone(&self.kills));
            Self { bytes, writes: Rc::default(), kill, kills, dead, keeps_torn: self.keeps_torn }
        }

        pub(crate) fn kills(&self) -> Vec<(crate::State, crate::journal::Phase, String)> {
            self.kills.borrow().clone()
        }

        fn die(&self, line: &[u8]) -> io::Result<()> {
            let record: crate::journal::Record = serde_json::from_slice(line.trim_ascii_end()).unwrap();
            self.kills.borrow_mut().push((record.state, record.phase, record.svc.unwrap_or_default()));
            Err(io::Error::other("killed"))
        }
    }

    impl Store for MemoryStore {
        fn read(&mut self) -> io::Result<Vec<u8>> {
            Ok(self.bytes())
        }

        fn append(&mut self, line: &[u8]) -> io::Result<()> {
            *self.writes.borrow_mut() += 1;
            let number = *self.writes.borrow();
            if self.dead.get() {
                return self.die(line);
            }
            match self.kill {
                Some(Kill::Before(at)) if at == number => return self.die(line),
                Some(Kill::Torn(at)) if at == number => {
                    self.bytes.borrow_mut().extend_from_slice(&line[..line.len() / 2]);
                    return self.die(line);
                }
                _ => self.bytes.borrow_mut().extend_from_slice(line),
            }
            if self.kill == Some(Kill::After(number)) { self.die(line) } else { Ok(()) }
        }

        fn truncate(&mut self, length: u64) -> io::Result<()> {
            if !self.keeps_torn {
                self.bytes.borrow_mut().truncate(usize::try_from(length).unwrap());
            }
            Ok(())
        }
    }
}
