//! Values that the text tells: strings, numbers, truth values, and dotted names.

use ruff_python_ast::{self as ast, Expr, FStringPart, InterpolatedStringElement, StringFlags, UnaryOp};
use ruff_text_size::{Ranged, TextRange};
use source::Span;

use super::types::{Literal, Text};
use crate::Spanned;

/// A text as the parser was given it, and where that begins in the file.
#[derive(Clone, Copy)]
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    pub(super) offset: usize,
}

impl<'t> Source<'t> {
    /// The bytes of a node in the file, moved outwards to character boundaries.
    pub(super) fn span(self, range: TextRange) -> Span {
        self.checked(range.start().to_usize(), range.end().to_usize())
    }

    /// A node as written.
    pub(super) fn slice(self, range: TextRange) -> &'t str {
        self.text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or("")
    }

    fn checked(self, start: usize, end: usize) -> Span {
        let end = self.text.ceil_char_boundary(end.min(self.text.len()));
        let start = self.text.floor_char_boundary(start.min(end));
        Span::new(start, end).shifted(self.offset)
    }

    /// A string literal of one part, the inside of its quotes; any other expression whole.
    fn value_span(self, part: Option<TextRange>, quotes: (u32, u32), whole: TextRange) -> Span {
        let Some(part) = part else { return self.span(whole) };
        let start = part.start().to_usize() + quotes.0 as usize;
        let end = part.end().to_usize().saturating_sub(quotes.1 as usize);
        if start <= end { self.checked(start, end) } else { self.span(whole) }
    }

    /// The value of a string or f-string.
    pub(super) fn text_of(self, expr: &Expr) -> Option<Spanned<Text>> {
        match expr {
            Expr::StringLiteral(string) => Some(self.string(string)),
            Expr::FString(string) => Some(self.format_string(string)),
            _ => None,
        }
    }

    fn string(self, string: &ast::ExprStringLiteral) -> Spanned<Text> {
        let single = match string.value.as_slice() {
            [part] => Some(part),
            _ => None,
        };
        let quotes =
            single.map_or((0, 0), |part| (part.flags.opener_len().into(), part.flags.closer_len().into()));
        let span = self.value_span(single.map(Ranged::range), quotes, string.range);
        Spanned::new(Text { value: string.value.to_str().to_owned(), template: false }, span)
    }

    fn format_string(self, string: &ast::ExprFString) -> Spanned<Text> {
        let mut text = Text::default();
        for part in &string.value {
            match part {
                FStringPart::Literal(literal) => text.value.push_str(literal),
                FStringPart::FString(format) => push_elements(&format.elements, &mut text),
            }
        }
        let single = match string.value.as_slice() {
            [FStringPart::FString(format)] => Some(format),
            _ => None,
        };
        let quotes =
            single.map_or((0, 0), |part| (part.flags.opener_len().into(), part.flags.closer_len().into()));
        let span = self.value_span(single.map(Ranged::range), quotes, string.range);
        Spanned::new(text, span)
    }

    /// The value of a string that holds no expression.
    pub(super) fn plain_text_of(self, expr: &Expr) -> Option<Spanned<String>> {
        let text = self.text_of(expr)?;
        (!text.value.template).then(|| Spanned::new(text.value.value, text.span))
    }

    /// The value of a literal.
    pub(super) fn literal_of(self, expr: &Expr) -> Option<Spanned<Literal>> {
        let span = self.span(expr.range());
        match expr {
            Expr::StringLiteral(_) | Expr::FString(_) => {
                self.text_of(expr).map(|text| Spanned::new(Literal::Text(text.value), text.span))
            }
            Expr::NumberLiteral(number) => {
                Some(Spanned::new(Literal::Number(self.slice(number.range).to_owned()), span))
            }
            Expr::UnaryOp(signed) if matches!(signed.op, UnaryOp::USub | UnaryOp::UAdd) => {
                let number = signed.operand.is_number_literal_expr();
                number.then(|| Spanned::new(Literal::Number(self.slice(signed.range).to_owned()), span))
            }
            Expr::BooleanLiteral(boolean) => Some(Spanned::new(Literal::Bool(boolean.value), span)),
            Expr::NoneLiteral(_) => Some(Spanned::new(Literal::None, span)),
            _ => None,
        }
    }
}

fn push_elements(elements: &[InterpolatedStringElement], text: &mut Text) {
    for element in elements {
        match element {
            InterpolatedStringElement::Literal(literal) => text.value.push_str(literal),
            InterpolatedStringElement::Interpolation(_) => {
                text.value.push_str("{}");
                text.template = true;
            }
        }
    }
}

/// The items of a list, tuple or set display.
pub(super) fn items_of(expr: &Expr) -> Option<&[Expr]> {
    match expr {
        Expr::List(list) => Some(&list.elts),
        Expr::Tuple(tuple) => Some(&tuple.elts),
        Expr::Set(set) => Some(&set.elts),
        _ => None,
    }
}

/// Names longer than this are not followed, so that what is kept stays within a constant factor of the text.
pub(super) const MAX_NAME: usize = 256;
const MAX_DOTTED_PARTS: usize = 32;

/// A dotted name as written (`self.env.get`); a call in it keeps its parentheses: `get_env().get`.
pub(super) fn dotted(expr: &Expr) -> Option<String> {
    let mut parts = Vec::new();
    let mut expr = expr;
    loop {
        if parts.len() > MAX_DOTTED_PARTS {
            return None;
        }
        match expr {
            Expr::Name(name) => {
                parts.push(name.id.as_str());
                break;
            }
            Expr::Attribute(attribute) => {
                parts.push(attribute.attr.as_str());
                parts.push(".");
                expr = &attribute.value;
            }
            Expr::Call(call) => {
                parts.push("()");
                expr = &call.func;
            }
            _ => return None,
        }
    }
    let name: String = parts.iter().rev().copied().collect();
    (name.len() <= MAX_NAME).then_some(name)
}

/// The words of a name in lower case: `IsolatedEnvironment`, `get_env`, `K_SERVICE`.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = '_';
    for character in name.chars() {
        if !character.is_alphanumeric() {
            previous = '_';
            continue;
        }
        let begins = !previous.is_alphanumeric() || (character.is_uppercase() && previous.is_lowercase());
        match words.last_mut() {
            Some(word) if !begins => word.extend(character.to_lowercase()),
            _ => words.push(character.to_lowercase().collect()),
        }
        previous = character;
    }
    words
}

/// Whether a text is written as variables are: `API_KEY`, two characters or more.
pub(super) fn is_upper_snake(text: &str) -> bool {
    let upper = |byte: u8| byte.is_ascii_uppercase();
    text.len() >= 2
        && text.bytes().any(upper)
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| upper(byte) || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a text is written as names in a secret store are: `api-key-staging`, two words or more.
pub(super) fn is_kebab(text: &str) -> bool {
    let is_letter =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.contains('-')
        && text.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words_of("IsolatedEnvironment"), ["isolated", "environment"]);
        assert_eq!(words_of("_get_env"), ["get", "env"]);
        assert_eq!(words_of("K_SERVICE"), ["k", "service"]);
        assert_eq!(words_of("self.envManager"), ["self", "env", "manager"]);
    }

    #[test]
    fn variables_are_written_in_upper_case() {
        assert!(is_upper_snake("API_KEY") && is_upper_snake("PORT") && is_upper_snake("_X"));
        assert!(
            !is_upper_snake("Api") && !is_upper_snake("X") && !is_upper_snake("9A") && !is_upper_snake("A-B")
        );
    }
}
