//! The comma-separated fields of a flag's value, such as `--mount=type=cache,target=/c`.

use source::Span;

use super::{Flag, Pair};
use crate::Spanned;

impl Flag {
    /// The fields `key=value` of its value, as `--mount` and `--device` use them; keys in lower case, a field
    /// without `=` has no value. A field in double quotes may hold commas. Variables are unexpanded.
    #[must_use]
    pub fn fields(&self) -> Vec<Pair> {
        let Some(value) = &self.value else { return Vec::new() };
        // Quotes and escapes of the flag itself are gone: then a field has no place of its own.
        let verbatim = value.span.len() == value.value.len();
        let place = |at: usize, length: usize| {
            if verbatim {
                Span::new(value.span.start + at, value.span.start + at + length)
            } else {
                value.span
            }
        };
        split(&value.value).into_iter().map(|(at, written)| field(at, written, &place)).collect()
    }
}

/// One field, which is written at byte `at` of the value.
fn field(at: usize, written: &str, place: &dyn Fn(usize, usize) -> Span) -> Pair {
    let (text, at) = match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => (inner.replace("\"\"", "\""), at + 1),
        None => (written.to_owned(), at),
    };
    let (key, value) = text.split_once('=').map_or((text.as_str(), None), |(key, value)| (key, Some(value)));
    let value_at = at + key.len() + 1;
    Pair {
        key: Spanned::new(key.to_lowercase(), place(at, key.len())),
        value: value.map(|value| Spanned::new(value.to_owned(), place(value_at, value.len()))),
        span: place(at, text.len()),
        legacy: false,
    }
}

/// The text between the commas outside of quotes, each with its first byte.
fn split(value: &str) -> Vec<(usize, &str)> {
    let mut fields = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    for (at, c) in value.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                fields.push((start, value.get(start..at).unwrap_or("")));
                start = at + 1;
            }
            _ => {}
        }
    }
    fields.push((start, value.get(start..).unwrap_or("")));
    fields
}
