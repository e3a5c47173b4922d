//! Decisions: the part of a program that can be evaluated without running it.
//!
//! One form for every language, and no language in it but the [`Language`] that says what counts as true and how names
//! are looked up. What a lowering cannot express is [`ExpressionKind::Opaque`] with the reason, never left out.

mod bound;
mod expression;
mod statement;
mod visit;

pub use bound::{bound_names, walk_functions};
pub use expression::{
    Arithmetic, Call, Comparison, Comprehension, Conditional, Expression, ExpressionKind, Logical, Piece,
    SequenceKind,
};
pub use statement::{
    Case, Class, Function, Handler, Import, ImportedNames, Parameter, ParameterKind, Pattern, Statement,
    StatementKind, Try,
};
pub use visit::walk_expressions;

/// Levels of one expression or of nested blocks that a lowering follows; deeper ones are opaque.
pub const MAX_DEPTH: usize = 120;

/// The language a decision was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// Python 3.
    Python,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Rust.
    Rust,
}

impl Language {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::Rust => "rust",
        }
    }
}

/// The statements of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// What decides truthiness, methods and lookups.
    pub language: Language,
    /// The statements, in the order of the text.
    pub body: Vec<Statement>,
}
