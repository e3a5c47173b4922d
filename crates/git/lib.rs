//! Runs `git` with fixed arguments. With the deploy crate the only one that starts a process.

mod command;
mod ignored;

pub use command::GitError;
pub use ignored::ignored;
