//! Patterns.

use syn::Pat;

use super::Lowering;
use super::expressions::{dotted, is_type_name};
use crate::decision::{Expression, ExpressionKind, Pattern};
use crate::rust::items::plain;

impl Lowering {
    pub(super) fn pattern(&self, pattern: &Pat) -> Pattern {
        self.deeper(|| self.pattern_kind(pattern))
            .unwrap_or_else(|| Pattern::Opaque("a pattern that nests too deep".to_owned()))
    }

    fn pattern_kind(&self, pattern: &Pat) -> Pattern {
        match pattern {
            Pat::Wild(_) => Pattern::Any,
            Pat::Ident(bound) => {
                let name = plain(&bound.ident);
                match &bound.subpat {
                    Some((_, inner)) => Pattern::As(Box::new(self.pattern(inner)), name),
                    None => Self::named(name, self.source.span(bound.ident.span())),
                }
            }
            Pat::Path(path) => Self::named(dotted(&path.path), self.source.of(&path.path)),
            Pat::Lit(literal) => Pattern::Value(self.literal(&literal.lit)),
            Pat::Or(either) => Pattern::Or(either.cases.iter().map(|one| self.pattern(one)).collect()),
            Pat::Paren(inner) => self.pattern(&inner.pat),
            Pat::Reference(inner) => self.pattern(&inner.pat),
            Pat::Type(typed) => self.pattern(&typed.pat),
            Pat::Tuple(all) => self.sequence(all.elems.iter()),
            Pat::Slice(all) => self.sequence(all.elems.iter()),
            Pat::TupleStruct(variant) if !variant.elems.iter().any(is_rest) => {
                let name = variant.path.segments.last().map(|last| plain(&last.ident)).unwrap_or_default();
                Pattern::Variant(name, variant.elems.iter().map(|one| self.pattern(one)).collect())
            }
            Pat::Const(_) | Pat::Macro(_) => Pattern::Opaque("a constant in a pattern".to_owned()),
            Pat::Range(_) => Pattern::Opaque("a range in a pattern".to_owned()),
            _ => Pattern::Opaque("a pattern of this kind".to_owned()),
        }
    }

    /// A name in a pattern: a variant, a constant, or a new name for what is matched.
    fn named(name: String, span: source::Span) -> Pattern {
        let last = name.rsplit("::").next().unwrap_or(&name);
        if is_type_name(last) {
            return Pattern::Variant(last.to_owned(), Vec::new());
        }
        if name.contains("::") || last.chars().all(|letter| !letter.is_lowercase()) {
            return Pattern::Value(Expression::new(ExpressionKind::Name(name), span));
        }
        Pattern::Bind(name)
    }

    fn sequence<'p>(&self, patterns: impl Iterator<Item = &'p Pat>) -> Pattern {
        let all: Vec<&Pat> = patterns.collect();
        if all.iter().any(|one| is_rest(one)) {
            return Pattern::Opaque("the rest of a sequence".to_owned());
        }
        Pattern::Sequence(all.into_iter().map(|one| self.pattern(one)).collect())
    }

    /// The value of a literal.
    pub(super) fn literal(&self, literal: &syn::Lit) -> Expression {
        let span = self.source.span(literal.span());
        let kind = match literal {
            syn::Lit::Str(text) => {
                let value = crate::rust::items::text_literal(self.source, literal);
                return match value {
                    Some(text) => Expression::new(ExpressionKind::Text(text.value), text.span),
                    None => Expression::new(ExpressionKind::Text(text.value()), span),
                };
            }
            syn::Lit::Bool(value) => ExpressionKind::Bool(value.value),
            syn::Lit::Char(letter) => ExpressionKind::Text(letter.value().to_string()),
            syn::Lit::Int(number) => match number.base10_parse::<i64>() {
                Ok(number) => ExpressionKind::Integer(number),
                Err(_) => ExpressionKind::Opaque("a large number".to_owned()),
            },
            syn::Lit::Float(number) => match number.base10_parse::<f64>() {
                Ok(number) => ExpressionKind::Float(number),
                Err(_) => ExpressionKind::Opaque("a number of this form".to_owned()),
            },
            _ => ExpressionKind::Opaque("a literal of bytes".to_owned()),
        };
        Expression::new(kind, span)
    }
}

fn is_rest(pattern: &Pat) -> bool {
    matches!(pattern, Pat::Rest(_))
}
