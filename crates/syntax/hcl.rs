//! HCL: Terraform's `.tf`, `.tfvars` and `.tfvars.json`.
//!
//! The facts are those of hashicorp/hcl 2.24 and terraform 1.11.4. A bad attribute or block loses only itself.
//!
//! The reader is our own: hcl-edit 0.10, the best of the crates, needs quadratic time for objects (1.2 MB with
//! 80,000 keys: 48 s), stops at the first error of a file, and refuses objects with a repeated key.

mod collection;
mod constant;
mod expression;
mod json;
mod lexer;
mod parser;
mod pieces;
mod recovery;
mod references;
mod template;
mod tfvars;
mod tree;

#[cfg(test)]
mod tests;

pub use constant::{Constant, constant};
pub use references::references;
pub use tree::{
    Access, Attribute, BinaryOperator, Block, Body, Call, Conditional, Expression, For, Number, ObjectItem,
    Operation, Step, Template, TemplatePart, UnaryOperator,
};

use crate::Parsed;

/// Reads a `.tf` file.
#[must_use]
pub fn parse(text: &str) -> Parsed<Body> {
    parser::Parser::new(text).file()
}

/// Reads a `.tfvars` file: HCL without blocks, variables and functions.
///
/// Values that break these rules are errors and stay in the tree; blocks do not.
#[must_use]
pub fn parse_tfvars(text: &str) -> Parsed<Body> {
    tfvars::checked(parse(text))
}

/// Reads a `.tfvars.json` file: strict JSON whose strings are taken verbatim (`${x}` is text).
///
/// A syntax error loses the whole file, as it does for terraform.
#[must_use]
pub fn parse_tfvars_json(text: &str) -> Parsed<Body> {
    json::parse(text)
}
