//! What a `.tfvars` file may not hold, though it is HCL.

use super::constant::constant;
use super::references::Walk;
use super::tree::{Attribute, Body};
use crate::{Parsed, Spanned, SyntaxError};

/// Adds the errors of variables, functions and blocks. Errors stay in the order of the text.
pub(super) fn checked(parsed: Parsed<Body>) -> Parsed<Body> {
    let Parsed { mut tree, mut errors } = parsed;
    for block in std::mem::take(&mut tree.blocks) {
        let message = "a .tfvars file holds only `name = value`; blocks belong in a .tf file".to_owned();
        errors.push(SyntaxError { span: block.kind.span, message });
    }
    for attribute in &tree.attributes {
        let needs = Walk::through(&attribute.value);
        errors.extend(needs.found.iter().map(|path| no_variable(attribute, path)));
        errors.extend(needs.calls.iter().map(|call| no_function(&call.name)));
        let is_closed = needs.found.is_empty() && needs.calls.is_empty() && !needs.loops;
        if is_closed && constant(&attribute.value.value, &|_| None).is_none() {
            errors.push(no_value(attribute));
        }
    }
    errors.sort_by_key(|error| error.span.start);
    Parsed { tree, errors }
}

/// The message does not show the word, which may be a secret.
fn no_variable(attribute: &Attribute, path: &Spanned<&str>) -> SyntaxError {
    let key = &attribute.key.value;
    let is_whole_value = path.span == attribute.value.span;
    let message = match path.value.to_ascii_lowercase().as_str() {
        keyword @ ("true" | "false" | "null") => {
            format!("Variables not allowed: write `{keyword}` in lower case")
        }
        _ if is_whole_value && !path.value.contains(['.', '[']) => {
            format!("Variables not allowed: put the text in quotes, `{key} = \"…\"`")
        }
        _ => format!("Variables not allowed: `{key}` must be given its value itself"),
    };
    SyntaxError { span: path.span, message }
}

fn no_function(name: &Spanned<String>) -> SyntaxError {
    let message = format!("Function calls not allowed: give the value that `{}` would come to", name.value);
    SyntaxError { span: name.span, message }
}

fn no_value(attribute: &Attribute) -> SyntaxError {
    let message = format!("`{}` cannot be computed: the operands do not fit", attribute.key.value);
    SyntaxError { span: attribute.value.span, message }
}
