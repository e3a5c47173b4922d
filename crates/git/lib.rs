//! Runs `git` with fixed arguments. With the deploy crate the only one that starts a process.
//!
//! A [`Commit`] and the [`Index`] are trees of files like the work tree, read from git's object store alone: neither the
//! work tree nor a filter, an `export-subst` or a replaced object can change what they hold.

mod attributes;
mod batch;
mod changed;
mod command;
mod commit;
mod ignored;
mod index;
mod large;
mod objects;
mod remote_ref;
mod repository;
mod state;
#[cfg(test)]
mod trial;

pub use command::GitError;
pub use commit::{Commit, Obstacle, Submodule};
pub use ignored::ignored;
pub use index::Index;
pub use remote_ref::RemoteRef;
pub use repository::Repository;
pub use state::Change;
