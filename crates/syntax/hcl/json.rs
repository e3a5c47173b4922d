//! `.tfvars.json`.

use std::collections::HashMap;

use jsonc_parser::ast::{Object, ObjectProp, ObjectPropName, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use source::{LineIndex, Span, without_bom};

use super::parser::MAX_DEPTH;
use super::tree::{Attribute, Body, Expression, Number, ObjectItem};
use crate::{Parsed, Spanned, SyntaxError};

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn parse(text: &str) -> Parsed<Body> {
    let (json, shift) = without_bom(text);
    let mut reader = Reader { lines: LineIndex::new(text), shift, errors: Vec::new() };
    let tree = reader.file(json).unwrap_or_else(|error| {
        reader.errors.push(error);
        Body::default()
    });
    Parsed { tree, errors: reader.errors }
}

struct Reader {
    lines: LineIndex,
    /// How many bytes the byte order mark takes.
    shift: usize,
    errors: Vec<SyntaxError>,
}

impl Reader {
    fn file(&mut self, json: &str) -> Result<Body, SyntaxError> {
        if let Some(at) = too_deep(json) {
            let message = format!("is nested too deep: up to {MAX_DEPTH} levels are read");
            return Err(SyntaxError { span: Span::at(at).shifted(self.shift), message });
        }
        if let Some(at) = control_character(json) {
            let message =
                "a string holds a tab, newline or other control character; write `\\t` or `\\n`".to_owned();
            return Err(SyntaxError { span: Span::at(at).shifted(self.shift), message });
        }
        let parsed =
            parse_to_ast(json, &CollectOptions::default(), &STRICT).map_err(|error| SyntaxError {
                span: self.span(error.range()),
                message: format!("is no JSON: {}", error.kind().to_string().to_lowercase()),
            })?;
        if self.shift > 0 {
            let message = "terraform takes no byte order mark in JSON; save the file without it".to_owned();
            self.errors.push(SyntaxError { span: Span::new(0, self.shift), message });
        }
        match parsed.value {
            Some(Value::Object(object)) => Ok(self.body(object)),
            other => {
                let span = other.map_or(Span::at(self.shift), |value| self.span(value.range()));
                let message = "must be one object: { \"name\": value }".to_owned();
                Err(SyntaxError { span, message })
            }
        }
    }

    fn span(&self, range: Range) -> Span {
        Span::new(range.start, range.end).shifted(self.shift)
    }

    /// The variables that are set; terraform takes the key `//` for a comment.
    fn body(&mut self, object: Object<'_>) -> Body {
        let attributes = self
            .unique(object.properties)
            .into_iter()
            .filter(|property| property.name.as_str() != "//")
            .map(|property| self.attribute(property))
            .collect();
        Body { attributes, blocks: Vec::new() }
    }

    /// The properties whose key was not there before; of `//` there may be several.
    fn unique<'j>(&mut self, properties: Vec<ObjectProp<'j>>) -> Vec<ObjectProp<'j>> {
        let mut lines = HashMap::new();
        let mut kept = Vec::with_capacity(properties.len());
        for property in properties {
            let key = property.name.as_str().to_owned();
            let span = self.span(property.name.range());
            match lines.get(&key) {
                Some(first) if key != "//" => {
                    let message = format!("`{key}` is already set on line {first}; remove one of the two");
                    self.errors.push(SyntaxError { span, message });
                }
                _ => {
                    lines.insert(key, self.lines.line(span.start));
                    kept.push(property);
                }
            }
        }
        kept
    }

    fn attribute(&mut self, property: ObjectProp<'_>) -> Attribute {
        let span = self.span(property.range());
        let key = self.key(property.name);
        Attribute { key, value: self.value(property.value), span, line: self.lines.line(span.start) }
    }

    /// A key; its span is inside the quotes.
    fn key(&self, name: ObjectPropName<'_>) -> Spanned<String> {
        let span = inside(self.span(name.range()));
        Spanned::new(name.into_string(), span)
    }

    fn value(&mut self, value: Value<'_>) -> Spanned<Expression> {
        let span = self.span(value.range());
        let value = match value {
            Value::NullKeyword(_) => Expression::Null,
            Value::BooleanLit(literal) => Expression::Bool(literal.value),
            Value::NumberLit(literal) => Expression::Number(Number {
                written: literal.value.to_owned(),
                value: literal.value.parse().unwrap_or(f64::NAN),
            }),
            Value::StringLit(literal) => {
                Expression::String(Spanned::new(literal.value.into_owned(), inside(span)))
            }
            Value::Array(array) => {
                Expression::Array(array.elements.into_iter().map(|item| self.value(item)).collect())
            }
            Value::Object(object) => Expression::Object(
                self.unique(object.properties).into_iter().map(|property| self.item(property)).collect(),
            ),
        };
        Spanned::new(value, span)
    }

    fn item(&mut self, property: ObjectProp<'_>) -> ObjectItem {
        let span = self.span(property.name.range());
        let key = Spanned::new(Expression::String(self.key(property.name)), span);
        ObjectItem { key, value: self.value(property.value) }
    }
}

fn inside(quoted: Span) -> Span {
    Span::new(quoted.start + 1, quoted.end.saturating_sub(1).max(quoted.start + 1))
}

/// Where brackets get nested deeper than is read.
fn too_deep(json: &str) -> Option<usize> {
    let mut depth = 0_usize;
    outside_and_in(json).find_map(|(at, byte, in_string)| {
        match byte {
            _ if in_string => {}
            b'[' | b'{' if depth == MAX_DEPTH => return Some(at),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        None
    })
}

/// Where a string holds a character that JSON wants escaped; jsonc-parser lets them through.
fn control_character(json: &str) -> Option<usize> {
    outside_and_in(json).find_map(|(at, byte, in_string)| (in_string && byte < b' ').then_some(at))
}

/// Each byte with its place, and whether it is inside of a string.
fn outside_and_in(json: &str) -> impl Iterator<Item = (usize, u8, bool)> {
    let mut in_string = false;
    let mut is_escaped = false;
    json.bytes().enumerate().map(move |(at, byte)| {
        let was_in_string = in_string;
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            _ => {}
        }
        (at, byte, was_in_string)
    })
}
