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
pub use references::{calls, references};
pub use tree::{
    Access, Attribute, BinaryOperator, Block, Body, Call, Conditional, Expression, For, Number, ObjectItem,
    Operation, Step, Template, TemplatePart, UnaryOperator,
};

use source::Span;

use crate::{Parsed, Spanned, SyntaxError};

/// Reads a `.tf` file.
#[must_use]
pub fn parse(text: &str) -> Parsed<Body> {
    parser::Parser::new(text).file()
}

/// Reads the text of a file that `templatefile` fills in: the roots of the paths that it reads (`${name.first}` reads
/// `name`), each at its first place.
///
/// # Errors
/// What is wrong with the text, for which Terraform refuses it.
pub fn template_roots(text: &str) -> Result<Vec<Spanned<String>>, SyntaxError> {
    // A heredoc is read as a template is. The marker may not stand in the text.
    let marker = "END_OF_THIS_TEMPLATE";
    if text.contains(marker) {
        return Ok(Vec::new());
    }
    let before = format!("template = <<{marker}\n");
    let parsed = parse(&format!("{before}{text}\n{marker}\n"));
    let own = |span: Span| {
        let at = |byte: usize| byte.saturating_sub(before.len()).min(text.len());
        Span::new(at(span.start), at(span.end))
    };
    if let Some(error) = parsed.errors.into_iter().next() {
        return Err(SyntaxError { span: own(error.span), ..error });
    }
    let mut roots: Vec<Spanned<String>> = Vec::new();
    let template = parsed.tree.attribute("template");
    for path in template.iter().flat_map(|template| references(&template.value)) {
        let root = path.value.split(['.', '[']).next().unwrap_or(path.value);
        if !roots.iter().any(|known| known.value == root) {
            roots.push(Spanned::new(root.to_owned(), own(path.span)));
        }
    }
    Ok(roots)
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
