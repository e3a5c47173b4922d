//! Env files of python-dotenv 1.2.

use source::{Span, without_bom};

use super::reading::{Reading, Setting};
use super::{Operator, OperatorKind, Part, Value};

pub(super) fn read(reading: &mut Reading<'_>) {
    let mut at = without_bom(reading.text).1;
    loop {
        at = reading.after(at, is_space);
        if at == reading.text.len() {
            return;
        }
        at = binding(reading, at).unwrap_or_else(|wrong| {
            let end = reading.after(wrong.at, |c| !is_newline(c));
            reading.error(Span::new(at, end.max(at)), wrong.message);
            end
        });
    }
}

/// Why a binding is dropped, and how far it was read; the rest of that line goes with it.
struct Wrong {
    at: usize,
    message: &'static str,
}

/// Reads one line, or several where a quoted value spans them.
fn binding(reading: &mut Reading<'_>, start: usize) -> Result<usize, Wrong> {
    let from = after_export(reading, start);
    let key = key(reading, from)?;
    let after_key = key.as_ref().map_or(from, |key| key.end);
    let at = reading.after(after_key, is_blank);
    let (written, end) = if reading.char(at) == Some('=') {
        let written = value(reading, at + 1)?;
        let end = written.end;
        (Some(written), end)
    } else {
        (None, at)
    };
    let end = end_of_line(reading, end)?;
    if let Some(key) = key {
        let (raw, quote, value) = match written {
            Some(Written { raw, quote, text, .. }) => (raw, quote, Value::Text(references(&text))),
            None => (Span::at(key.end), None, Value::Absent),
        };
        reading.add(Setting { key: key.name, export: from > start, raw, quote, value });
    }
    Ok(end)
}

fn after_export(reading: &Reading<'_>, at: usize) -> usize {
    match reading.rest(at).strip_prefix("export") {
        Some(rest) if rest.starts_with(is_blank) => reading.after(at + "export".len(), is_blank),
        _ => at,
    }
}

/// A key, and where it ends with its quotes.
struct Key {
    name: Span,
    end: usize,
}

/// `None` where a comment begins.
fn key(reading: &Reading<'_>, at: usize) -> Result<Option<Key>, Wrong> {
    let wrong = |message| Err(Wrong { at, message });
    match reading.char(at) {
        Some('#') => Ok(None),
        Some('\'') => match reading.rest(at + 1).find('\'') {
            Some(length) if length > 0 => {
                Ok(Some(Key { name: Span::new(at + 1, at + 1 + length), end: at + length + 2 }))
            }
            _ => wrong("the name in single quotes is empty or not closed"),
        },
        _ => {
            let end = reading.after(at, |c| c != '=' && c != '#' && !is_space(c));
            if end == at {
                return wrong("a name is missing before `=`");
            }
            Ok(Some(Key { name: Span::new(at, end), end }))
        }
    }
}

/// A value as it stands, and its text with escapes replaced.
struct Written {
    raw: Span,
    quote: Option<char>,
    text: String,
    end: usize,
}

/// Reads what follows `=`.
fn value(reading: &Reading<'_>, after_equals: usize) -> Result<Written, Wrong> {
    let at = reading.after(after_equals, is_blank);
    let empty = Written { raw: Span::at(at), quote: None, text: String::new(), end: at };
    match reading.char(at) {
        Some('#') if at > after_equals => Ok(empty),
        None | Some('\n' | '\r') => Ok(empty),
        Some(quote @ ('"' | '\'')) => quoted(reading, at, quote),
        _ => Ok(unquoted(reading, at)),
    }
}

fn quoted(reading: &Reading<'_>, start: usize, quote: char) -> Result<Written, Wrong> {
    let inner = reading.rest(start + 1);
    let Some(length) = closing_quote(inner, quote) else {
        return Err(Wrong { at: start, message: "this value is not closed; its closing quote is missing" });
    };
    // Python reads text files with `\n` for every newline.
    let inner = inner.get(..length).unwrap_or("").replace("\r\n", "\n").replace('\r', "\n");
    let end = start + length + 2;
    Ok(Written { raw: Span::new(start, end), quote: Some(quote), text: decoded(&inner, quote), end })
}

fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    let is_closing = |(_, c): &(usize, char)| {
        let was_escaped = std::mem::take(&mut is_escaped);
        is_escaped = *c == '\\' && !was_escaped;
        *c == quote && !was_escaped
    };
    text.char_indices().find(is_closing).map(|(at, _)| at)
}

fn decoded(text: &str, quote: char) -> String {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let escaped = chars.clone().next();
        if c == '\\'
            && let Some(meant) = escaped.and_then(|escaped| unescaped(escaped, quote))
        {
            chars.next();
            result.push(meant);
        } else {
            result.push(c);
        }
    }
    result
}

fn unescaped(escaped: char, quote: char) -> Option<char> {
    match escaped {
        '\\' | '\'' => Some(escaped),
        _ if quote == '\'' => None,
        '"' => Some('"'),
        'a' => Some('\u{7}'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\u{b}'),
        _ => None,
    }
}

/// Reads to the end of the line; a comment begins with a blank and `#`.
fn unquoted(reading: &Reading<'_>, start: usize) -> Written {
    let end = reading.after(start, |c| !is_newline(c));
    let line = Span::new(start, end).of(reading.text);
    let is_comment = |hash: &usize| line.get(..*hash).is_some_and(|before| before.ends_with(is_space));
    let comment = line.match_indices('#').map(|(hash, _)| hash).find(is_comment);
    let value = Span::new(start, start + comment.unwrap_or(line.len()));
    let raw = reading.trimmed_end(value, is_space);
    Written { raw, quote: None, text: raw.of(reading.text).to_owned(), end }
}

/// Goes over a comment to the end of the line.
fn end_of_line(reading: &Reading<'_>, at: usize) -> Result<usize, Wrong> {
    let next = reading.after(at, is_blank);
    match reading.char(next) {
        None | Some('\n' | '\r') => Ok(next),
        Some('#') => Ok(reading.after(next, |c| !is_newline(c))),
        Some(_) => Err(Wrong { at, message: "expected `=`, a comment or the end of the line here" }),
    }
}

/// Reads `${NAME}` and `${NAME:-default}`, in whatever quotes. A name is all up to `}` or `:`.
fn references(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut literal, mut at) = (0, 0);
    let mut stop = 0;
    while let Some(length) = text.get(at..).and_then(|rest| rest.find("${")) {
        let start = at + length;
        let name_start = start + 2;
        if stop < name_start {
            let Some(length) = text.get(name_start..).and_then(|rest| rest.find(['}', ':'])) else { break };
            stop = name_start + length;
        }
        let name = Span::new(name_start, stop).of(text);
        let behind = text.get(stop..).unwrap_or("");
        let (operator, end) = if behind.starts_with('}') {
            (None, stop + 1)
        } else if let Some(default) = behind.strip_prefix(":-") {
            let Some(length) = default.find('}') else { break };
            let operand = Part::text(default.get(..length).unwrap_or(""));
            let kind = OperatorKind::Default;
            (Some(Operator { kind, empty_is_unset: false, operand }), stop + 2 + length + 1)
        } else {
            at = name_start;
            continue;
        };
        parts.extend(Part::text(text.get(literal..start).unwrap_or("")));
        parts.push(Part::Variable { name: name.to_owned(), operator });
        (literal, at) = (end, end);
    }
    parts.extend(Part::text(text.get(literal..).unwrap_or("")));
    parts
}

/// What `\s` of Python's regular expressions takes.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn is_blank(c: char) -> bool {
    is_space(c) && !is_newline(c)
}

fn is_newline(c: char) -> bool {
    c == '\n' || c == '\r'
}
