//! What a tree of files is.

use std::fmt;

use crate::IgnoredAbove;

/// Files of configuration that are larger than this many bytes are refused with [`ReadError::TooLarge`].
pub const MAX_CONFIG_BYTES: u64 = 8 << 20;

/// Files of program code that are larger than this many bytes are refused with [`ReadError::TooLarge`].
pub const MAX_CODE_BYTES: u64 = 8 << 20;

/// A tree of files below one root. Paths are relative to the root, with `/`, without `./`; the root is `""`.
pub trait Tree: Sync {
    /// Everything below the root in byte order of the paths. A directory for which `enter` answers false is
    /// listed itself, but not looked into. Symbolic links are listed and not followed.
    fn walk(&self, enter: &(dyn Fn(&str) -> bool + Sync)) -> Walk;

    /// What stands at `path`, without following a last symbolic link; `None` where nothing does.
    fn kind(&self, path: &str) -> Option<EntryKind>;

    /// The bytes of a file. Symbolic links are followed as long as they stay below the root.
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError>;

    /// Where the symbolic link at `path` leads, as written; `None` where none stands.
    fn link_target(&self, path: &str) -> Option<String>;

    /// The size of a file in bytes; `None` for what is not a file.
    fn size(&self, path: &str) -> Option<u64>;

    /// The permission bits of a file, where the tree knows them.
    fn mode(&self, path: &str) -> Option<u32>;

    /// The `.gitignore` files of the repository above the root, the nearest first, where the tree knows them.
    fn ignored_above(&self) -> Vec<IgnoredAbove> {
        Vec::new()
    }
}

/// One thing below the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Path relative to the root.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
}

/// The kinds of things in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link, whatever it leads to.
    Symlink,
    /// A socket, pipe or device.
    Other,
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walk {
    /// In byte order of the paths.
    pub entries: Vec<Entry>,
    /// Directories that could not be listed, and why.
    pub unreadable: Vec<(String, ReadError)>,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// Nothing stands there.
    NotFound,
    /// A directory, socket, pipe or device stands there.
    NotAFile,
    /// More bytes than the reader takes.
    TooLarge {
        /// The file's size in bytes.
        size: u64,
        /// The most that is read, in bytes.
        limit: u64,
    },
    /// A symbolic link leads out of the tree.
    OutsideRoot,
    /// The system refused: permission, a loop of links, a failing disk.
    Refused(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => write!(out, "does not exist"),
            Self::NotAFile => write!(out, "is not a regular file"),
            Self::TooLarge { size, limit } => {
                write!(out, "has {size} bytes; files of this kind are read up to {limit} bytes")
            }
            Self::OutsideRoot => write!(out, "is a symbolic link that leads out of the repository"),
            Self::Refused(why) => write!(out, "cannot be read: {why}"),
        }
    }
}

impl std::error::Error for ReadError {}
