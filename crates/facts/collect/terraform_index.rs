//! Indices into what is no list.

use source::Span;
use syntax::Spanned;
use syntax::hcl::{Access, Call, Expression, Step};

/// How deep expressions are looked into.
const DEPTH: usize = 64;

/// The numbers that index the result of `regex` with a pattern without groups, which is a text.
#[must_use]
pub(crate) fn string_indices(expression: &Spanned<Expression>) -> Vec<Span> {
    let mut found = Vec::new();
    walk(expression, DEPTH, &mut found);
    found
}

fn walk(expression: &Spanned<Expression>, depth: usize, found: &mut Vec<Span>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &expression.value {
        Expression::Access(access) => {
            found.extend(indexed(access));
            walk(&access.base, depth, found);
        }
        // `try` and `can` are there for what fails.
        Expression::Call(call) if matches!(call.name.value.as_str(), "try" | "can") => {}
        Expression::Call(call) => call.arguments.iter().for_each(|argument| walk(argument, depth, found)),
        Expression::Array(items) => items.iter().for_each(|item| walk(item, depth, found)),
        Expression::Object(items) => items.iter().for_each(|item| walk(&item.value, depth, found)),
        Expression::Parenthesis(inner) | Expression::Unary(_, inner) => walk(inner, depth, found),
        Expression::Operation(operation) => {
            walk(&operation.first, depth, found);
            operation.rest.iter().for_each(|(_, operand)| walk(operand, depth, found));
        }
        Expression::Conditional(conditional) => {
            for part in [&conditional.condition, &conditional.then, &conditional.otherwise] {
                walk(part, depth, found);
            }
        }
        _ => {}
    }
}

fn indexed(access: &Access) -> Option<Span> {
    let (Expression::Call(call), [Step::Index(index), ..]) = (&access.base.value, access.steps.as_slice())
    else {
        return None;
    };
    let is_number = matches!(index.value, Expression::Number(_));
    (is_number && gives_text(call)).then_some(index.span)
}

/// `regex` gives a text for a pattern without groups, a list or an object for one with groups.
fn gives_text(call: &Call) -> bool {
    let pattern = call.arguments.first().map(|argument| &argument.value);
    call.name.value == "regex"
        && matches!(pattern, Some(Expression::String(text)) if !text.value.contains('('))
}
