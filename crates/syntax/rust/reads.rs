//! Reads of environment variables, and what happens where one is not set.

use syn::{Expr, ExprCall, ExprMethodCall};

use super::Source;
use super::items::{plain, text_literal};
use super::types::WhenAbsent;
use crate::Spanned;

/// Methods between a read and what decides about its absence.
const PASSED_THROUGH: &[&str] = &[
    "ok",
    "as_deref",
    "as_ref",
    "map",
    "map_err",
    "and_then",
    "filter",
    "context",
    "with_context",
    "cloned",
];

/// The variable that `std::env::var("NAME")` reads.
pub(super) fn read_by_call(source: Source, expression: &Expr) -> Option<Spanned<String>> {
    let Expr::Call(call) = expression else { return None };
    if !is_read(call) {
        return None;
    }
    match call.args.first()? {
        Expr::Lit(literal) => text_literal(source, &literal.lit),
        _ => None,
    }
}

/// `env::var`, `std::env::var_os`, `dotenvy::var`; `var` alone where a name of capitals is asked for.
fn is_read(call: &ExprCall) -> bool {
    let Expr::Path(path) = &*call.func else { return false };
    let mut names = path.path.segments.iter().rev().map(|segment| plain(&segment.ident));
    let is_var = names.next().is_some_and(|name| name == "var" || name == "var_os");
    let owner = names.next();
    is_var && owner.is_none_or(|owner| matches!(owner.as_str(), "env" | "dotenvy" | "dotenv"))
}

/// A read behind methods that say what happens where the variable is absent.
pub(super) fn absent_by_method(source: Source, expression: &Expr) -> Option<(Spanned<String>, WhenAbsent)> {
    match expression {
        Expr::Try(tried) => Some((read_within(source, &tried.expr)?, WhenAbsent::Fails)),
        Expr::MethodCall(call) => {
            let name = plain(&call.method);
            let absent = match name.as_str() {
                "unwrap" | "expect" => WhenAbsent::Fails,
                "unwrap_or" | "unwrap_or_else" => WhenAbsent::Default(default_of(source, call)),
                "unwrap_or_default" => WhenAbsent::Default(Some(String::new())),
                _ => return None,
            };
            Some((read_within(source, &call.receiver)?, absent))
        }
        _ => None,
    }
}

/// The read at the bottom of a chain of methods that keep an absent value absent.
fn read_within(source: Source, expression: &Expr) -> Option<Spanned<String>> {
    let mut at = expression;
    loop {
        match at {
            Expr::MethodCall(call) if PASSED_THROUGH.contains(&plain(&call.method).as_str()) => {
                at = &call.receiver;
            }
            _ => return read_by_call(source, at),
        }
    }
}

/// The text that is taken where there is none: `"x"`, `"x".to_string()`, `String::from("x")`, `|_| "x".into()`.
fn default_of(source: Source, call: &ExprMethodCall) -> Option<String> {
    let mut at = call.args.first()?;
    loop {
        at = match at {
            Expr::Lit(literal) => return text_literal(source, &literal.lit).map(|text| text.value),
            Expr::Closure(closure) => &closure.body,
            Expr::MethodCall(conversion) if conversion.args.is_empty() => &conversion.receiver,
            Expr::Call(conversion) if conversion.args.len() == 1 => conversion.args.first()?,
            Expr::Block(block) => match block.block.stmts.as_slice() {
                [syn::Stmt::Expr(value, None)] => value,
                _ => return None,
            },
            _ => return None,
        };
    }
}
