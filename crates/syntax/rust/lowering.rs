//! Rust in the form of [`crate::decision`].

mod expressions;
mod items;
mod macros;
mod patterns;
mod statements;
mod types;
mod wanted;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::decision::{MAX_DEPTH, Statement};

use super::Source;
use wanted::{Types, Wanted};

/// The items of a file.
pub(super) fn lower(source: Source, file: &syn::File) -> Vec<Statement> {
    let types = RefCell::new(Types::of(&file.items));
    Lowering { source, depth: Cell::new(0), types, context: RefCell::default() }.items(&file.items)
}

/// What stands around the expression that is lowered.
#[derive(Default)]
struct Context {
    /// The type that it has to have.
    wanted: Option<Wanted>,
    /// What the functions and closures around it answer with, the innermost last.
    returned: Vec<Option<Wanted>>,
    /// The type whose `impl` block it stands in.
    owner: Option<String>,
    /// The types of the function's variables, as far as they are written or plain to see.
    locals: HashMap<String, Wanted>,
}

/// What a node needs to be lowered.
struct Lowering {
    source: Source,
    depth: Cell<usize>,
    types: RefCell<Types>,
    context: RefCell<Context>,
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
