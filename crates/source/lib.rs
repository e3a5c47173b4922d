//! Where text comes from: trees of files, places in them, and what a file's name says.
//!
//! Everything above this crate sees only a [`Tree`]: the work tree on disk, a rule's example in memory, an
//! overlay that tries a fix. No format and no rule is known here.

mod backups;
mod disk;
mod ignored_above;
mod lines;
mod links;
mod memory;
mod name;
mod overlay;
pub mod redact;
mod span;
mod text;
mod tree;
mod write;

pub use backups::is_backup;
pub use disk::Disk;
pub use ignored_above::{IgnoredAbove, ignored_above};
pub use lines::{LineColumn, LineIndex};
pub use links::follow_links;
pub use memory::Memory;
pub use name::{
    FileKind, directory_of, file_name, has_word, is_illustration, is_templated, is_test, is_within, join,
    relative, tokens, words,
};
pub use overlay::Overlay;
pub use span::{Place, Span};
pub use text::{
    DecodeError, decode, decode_code, decode_python, has_template_lines, template_lines, without_bom,
};
pub use tree::{Entry, EntryKind, MAX_CODE_BYTES, MAX_CONFIG_BYTES, ReadError, Tree, Walk};
pub use write::{Beside, WriteError};
