//! Rust in the form of [`crate::decision`].

mod expressions;
mod items;
mod macros;
mod patterns;
mod statements;

use std::cell::Cell;

use crate::decision::{MAX_DEPTH, Statement};

use super::Source;

/// The items of a file.
pub(super) fn lower(source: Source, file: &syn::File) -> Vec<Statement> {
    Lowering { source, depth: Cell::new(0) }.items(&file.items)
}

/// What a node needs to be lowered.
struct Lowering {
    source: Source,
    depth: Cell<usize>,
}

impl Lowering {
    /// One level deeper, or `None` where that is too deep.
    fn deeper<T>(&self, lower: impl FnOnce() -> T) -> Option<T> {
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return None;
        }
        self.depth.set(depth + 1);
        let lowered = lower();
        self.depth.set(depth);
        Some(lowered)
    }
}
