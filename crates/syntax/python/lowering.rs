//! Python in the form of [`crate::decision`].

mod expressions;
mod patterns;
mod statements;

use std::cell::Cell;

use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::TextRange;
use source::Span;

use super::literals::Source;
use crate::decision::{Language, MAX_DEPTH, Module};

/// The decisions of a Python file; `None` where it nests too deep to be walked.
///
/// Parts that are no Python are left out.
#[must_use]
pub fn decisions(text: &str) -> Option<Module> {
    let (body, offset) = source::without_bom(text);
    if super::excess_of(body).is_some() {
        return None;
    }
    let source = Source { text: body, offset };
    let parsed = ruff_python_parser::parse_unchecked(body, ParseOptions::from(Mode::Module));
    let ruff_python_ast::Mod::Module(module) = parsed.into_syntax() else { return None };
    let lowering = Lowering { source, depth: Cell::new(0) };
    Some(Module { language: Language::Python, body: lowering.block(&module.body) })
}

/// What a node needs to be lowered.
struct Lowering<'t> {
    source: Source<'t>,
    depth: Cell<usize>,
}

impl Lowering<'_> {
    fn span(&self, range: TextRange) -> Span {
        self.source.span(range)
    }

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
