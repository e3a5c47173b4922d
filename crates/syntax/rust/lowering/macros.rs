//! Calls of macros.

use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, Macro, Pat, Token};

use super::Lowering;
use super::items::call;
use super::statements::block_value;
use crate::decision::{
    Case, Expression, ExpressionKind as Kind, Pattern, Piece, SequenceKind, Statement, StatementKind,
};
use crate::rust::items::plain;

/// `matches!(subject, PATTERN if guard)`.
struct Matches {
    subject: Expr,
    pattern: Pat,
    guard: Option<Expr>,
}

impl Parse for Matches {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let subject = input.parse()?;
        input.parse::<Token![,]>()?;
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = if input.parse::<Option<Token![if]>>()?.is_some() { Some(input.parse()?) } else { None };
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { subject, pattern, guard })
    }
}

/// `static ref NAME: Type = value;` of `lazy_static!`.
pub(super) struct Static {
    pub(super) name: syn::Ident,
    pub(super) written: syn::Type,
    pub(super) value: Expr,
}

/// What `lazy_static!` defines.
pub(super) struct Statics(pub(super) Vec<Static>);

impl Parse for Statics {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut all = Vec::new();
        while !input.is_empty() {
            input.call(syn::Attribute::parse_outer)?;
            input.parse::<syn::Visibility>()?;
            input.parse::<Token![static]>()?;
            input.parse::<Token![ref]>()?;
            let name = input.parse()?;
            input.parse::<Token![:]>()?;
            let written = input.parse()?;
            input.parse::<Token![=]>()?;
            let value = input.parse()?;
            input.parse::<Token![;]>()?;
            all.push(Static { name, written, value });
        }
        Ok(Self(all))
    }
}

/// Whether a macro is `lazy_static!`.
pub(super) fn is_lazy(name: &syn::PathSegment) -> bool {
    name.ident == "lazy_static"
}

impl Lowering {
    pub(super) fn macro_call(&self, called: &Macro) -> Expression {
        let span = self.source.of(called);
        let name = called.path.segments.last().map(|last| plain(&last.ident)).unwrap_or_default();
        self.deeper(|| self.known_macro(&name, called, span))
            .unwrap_or_else(|| Expression::opaque("a macro that nests too deep", span))
    }

    fn known_macro(&self, name: &str, called: &Macro, span: source::Span) -> Expression {
        match name {
            "matches" => match called.parse_body::<Matches>() {
                Ok(parts) => Self::matching(
                    self.expression(&parts.subject),
                    self.pattern(&parts.pattern),
                    parts.guard.as_ref().map(|guard| self.expression(guard)),
                    span,
                ),
                Err(_) => Expression::opaque("this use of `matches!`", span),
            },
            "format" | "format_args" => match arguments(called) {
                Some(given) => self.format(given.iter(), span),
                None => Expression::opaque("this use of `format!`", span),
            },
            // What `to_string` gives is written by `fmt` piece by piece.
            "write" => match arguments(called) {
                Some(given) => {
                    let mut given = given.iter();
                    let Some(into) = given.next() else {
                        return Expression::opaque("this use of `write!`", span);
                    };
                    let (object, text) = (Box::new(self.expression(into)), self.format(given, span));
                    let member = Kind::Member { object, name: "write_str".to_owned(), optional: false };
                    call(Expression::new(member, span), vec![text], span)
                }
                None => Expression::opaque("this use of `write!`", span),
            },
            "vec" => match arguments(called) {
                Some(items) => {
                    let items = items.iter().map(|item| self.expression(item)).collect();
                    Expression::new(Kind::Sequence(SequenceKind::List, items), span)
                }
                None => Expression::opaque("a repeated value", span),
            },
            "panic" | "unreachable" | "todo" | "unimplemented" => {
                let panic = Expression::new(Kind::Name("panic".to_owned()), span);
                let raised = Statement::new(StatementKind::Raise(Some(panic)), span);
                block_value(vec![raised], span)
            }
            "bail" => {
                let callee = Expression::new(Kind::Name("Err".to_owned()), span);
                let failed = call(callee, vec![Expression::new(Kind::Text(String::new()), span)], span);
                block_value(vec![Statement::new(StatementKind::Return(Some(failed)), span)], span)
            }
            "println" | "eprintln" | "print" | "eprint" | "dbg" | "debug" | "info" | "warn" | "error"
            | "trace" | "log" | "assert" | "assert_eq" | "assert_ne" | "debug_assert" | "debug_assert_eq" => {
                Expression::new(Kind::Null, span)
            }
            "env" | "option_env" => {
                Expression::opaque("a variable that is read when the program is built", span)
            }
            "cfg" => Expression::opaque("what `cfg!` decides when the program is built", span),
            _ => Expression::opaque(format!("the macro `{name}!`"), span),
        }
    }

    /// Whether a value fits a pattern.
    pub(super) fn matching(
        subject: Expression,
        pattern: Pattern,
        guard: Option<Expression>,
        span: source::Span,
    ) -> Expression {
        let answer = |value: bool| {
            let value = Expression::new(Kind::Bool(value), span);
            vec![Statement::new(StatementKind::Expression(value), span)]
        };
        let cases = vec![
            Case { pattern, guard, body: answer(true) },
            Case { pattern: Pattern::Any, guard: None, body: answer(false) },
        ];
        block_value(vec![Statement::new(StatementKind::Match(subject, cases), span)], span)
    }

    /// `format!("{}-{name}", value)`; opaque where a value is formatted in another way than as it is.
    fn format<'e>(&self, mut given: impl Iterator<Item = &'e Expr>, span: source::Span) -> Expression {
        let opaque = || Expression::opaque("this use of `format!`", span);
        let Some(Expr::Lit(pattern)) = given.next() else { return opaque() };
        let Some(pattern) = self.literal(&pattern.lit).text().map(str::to_owned) else { return opaque() };
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = pattern.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            text.push_str(before);
            if from.starts_with("{{") || from.starts_with("}}") {
                text.extend(from.chars().next());
                rest = from.get(2..).unwrap_or_default();
                continue;
            }
            let Some((field, after)) = from.strip_prefix('{').and_then(|inner| inner.split_once('}')) else {
                return opaque();
            };
            let value = if field.is_empty() {
                given.next().map(|value| self.expression(value))
            } else {
                let is_name = field.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
                    && !field.starts_with(char::is_numeric);
                is_name.then(|| Expression::new(Kind::Name(field.to_owned()), span))
            };
            let Some(value) = value else { return opaque() };
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(Piece::Value(value));
            rest = after;
        }
        text.push_str(rest);
        pieces.push(Piece::Text(text));
        if given.next().is_some() {
            return opaque();
        }
        Expression::new(Kind::Format(pieces), span)
    }
}

/// The arguments of a macro, where they are expressions.
fn arguments(called: &Macro) -> Option<Punctuated<Expr, Token![,]>> {
    let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
    parser.parse2(called.tokens.clone()).ok()
}
