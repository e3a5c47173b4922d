//! One module a format: text in, spanned tree out.
//!
//! A reader never fails and never touches the disk: it gives a tree of what it understood and the errors it met.
//! Spans are bytes of the text it was given, a byte order mark included, and lie on character boundaries.

pub mod cargo;
pub mod compose;
pub mod decision;
pub mod dockerfile;
pub mod dockerignore;
pub mod dotenv;
pub mod go_template;
pub mod hcl;
pub mod make;
pub mod nginx;
pub mod node;
pub mod python;
pub mod rust;
pub mod shell;
#[cfg(test)]
mod trial;
pub mod typescript;
pub mod yaml;

use source::Span;

/// What a reader made of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed<T> {
    /// What was understood; everything but the parts that the errors name.
    pub tree: T,
    /// What was not, in the order of the text.
    pub errors: Vec<SyntaxError>,
}

/// A part of a text that its format does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes that are wrong.
    pub span: Span,
    /// What is wrong, and what to do where that is not plain.
    pub message: String,
}

/// A value and the bytes it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Spanned<T> {
    /// What was read.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, read from `span`.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}
