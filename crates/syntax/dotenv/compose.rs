//! Env files of Docker Compose, after compose-go 2.14.

use source::{Span, without_bom};

use super::reading::{Reading, Setting};
use super::{Part, Value, template};

pub(super) fn read(reading: &mut Reading<'_>) {
    let mut at = without_bom(reading.text).1;
    loop {
        at = reading.after(at, char::is_whitespace);
        at = match reading.char(at) {
            None => return,
            Some('#') => reading.end_of_line(at),
            Some(_) => statement(reading, at).unwrap_or_else(|wrong| {
                reading.refuse(wrong.span, wrong.message);
                reading.end_of_line(wrong.span.end)
            }),
        };
    }
}

/// Why compose refuses the file.
struct Wrong {
    span: Span,
    message: &'static str,
}

/// Where a key ends.
enum KeyEnd {
    /// At `=` or `:`.
    Value(usize),
    /// At the end of its line.
    Line(usize),
    /// At the end of the text: compose takes the word for the value of a variable without a name.
    Text,
}

/// Reads from a key to the end of its value, which need not be the end of the line.
fn statement(reading: &mut Reading<'_>, at: usize) -> Result<usize, Wrong> {
    let start = after_export(reading, at);
    if start == reading.text.len() {
        return Err(Wrong { span: Span::new(at, start), message: "a name is missing after `export`" });
    }
    let end = key_end(reading, start)?;
    let (key, from) = match end {
        KeyEnd::Value(end) => (Span::new(start, end), end + 1),
        KeyEnd::Line(end) => (Span::new(start, end), end),
        KeyEnd::Text => (Span::at(start), start),
    };
    let key = reading.trimmed_end(key, char::is_whitespace);
    if key.of(reading.text).contains(' ') {
        return Err(Wrong { span: key, message: "a name holds no blanks; write NAME=value" });
    }
    let export = start > at;
    if let KeyEnd::Line(end) = end {
        let raw = Span::at(key.end);
        reading.add(Setting { key, export, raw, quote: None, value: Value::Absent });
        return Ok(end);
    }
    let from = reading.after(from, is_blank);
    let Written { raw, quote, parts, end } = match reading.char(from) {
        Some(quote @ ('"' | '\'')) => quoted(reading, from, quote)?,
        _ => unquoted(reading, from)?,
    };
    reading.add(Setting { key, export, raw, quote, value: Value::Text(parts) });
    Ok(end)
}

/// The key's place, behind `export` and blanks.
fn after_export(reading: &Reading<'_>, at: usize) -> usize {
    let Some(rest) = reading.rest(at).strip_prefix("export") else { return at };
    if rest.starts_with([' ', '\t', '\n', '\r', '\u{c}']) {
        return reading.after(at + "export".len(), is_blank);
    }
    at
}

fn key_end(reading: &Reading<'_>, start: usize) -> Result<KeyEnd, Wrong> {
    for (offset, c) in reading.rest(start).char_indices() {
        let at = start + offset;
        match c {
            '=' | ':' => return Ok(KeyEnd::Value(at)),
            '\n' => return Ok(KeyEnd::Line(at)),
            '_' | '.' | '-' | '[' | ']' => {}
            _ if is_blank(c) || c.is_alphabetic() || c.is_numeric() => {}
            _ => {
                let span = Span::new(at, at + c.len_utf8());
                return Err(Wrong { span, message: "a name holds only letters, digits and _ . - [ ]" });
            }
        }
    }
    Ok(KeyEnd::Text)
}

/// A value as it stands.
struct Written {
    raw: Span,
    quote: Option<char>,
    parts: Vec<Part>,
    end: usize,
}

/// Reads to the end of the line; a comment begins with ` #`.
fn unquoted(reading: &Reading<'_>, start: usize) -> Result<Written, Wrong> {
    let end = reading.end_of_line(start);
    let line = Span::new(start, end);
    let text = line.of(reading.text);
    let value = Span::new(start, start + text.find(" #").unwrap_or(text.len()));
    let raw = reading.trimmed_end(value, char::is_whitespace);
    let parts = interpolated(raw.of(reading.text), raw)?;
    Ok(Written { raw, quote: None, parts, end })
}

/// Reads to the closing quote, over as many lines as it takes.
fn quoted(reading: &Reading<'_>, start: usize, quote: char) -> Result<Written, Wrong> {
    let mut text = String::new();
    let mut is_escaped = false;
    for (offset, c) in reading.rest(start + 1).char_indices() {
        let at = start + 1 + offset;
        if c == quote && !is_escaped {
            let raw = Span::new(start, at + 1);
            let parts = if quote == '"' { interpolated(&unescaped(&text), raw)? } else { Part::text(&text) };
            return Ok(Written { raw, quote: Some(quote), parts, end: at + 1 });
        }
        if is_escaped && c != quote {
            text.push('\\');
        }
        is_escaped = !is_escaped && c == '\\';
        if !is_escaped {
            text.push(c);
        }
    }
    let span = Span::new(start, reading.end_of_line(start));
    Err(Wrong { span, message: "this value is not closed; its closing quote is missing" })
}

fn interpolated(text: &str, span: Span) -> Result<Vec<Part>, Wrong> {
    template::parse(text).map_err(|message| Wrong { span, message })
}

/// Replaces the escapes that compose knows in double quotes; others stay as they are. `\$` becomes `$$`, which
/// interpolation takes for a plain `$`.
fn unescaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        result.push_str(rest.get(..at).unwrap_or(""));
        let escape = rest.get(at + 1..).unwrap_or("");
        let (replacement, length) = escaped(escape);
        match replacement {
            Some('$') => result.push_str("$$"),
            Some(c) => result.push(c),
            // Of an octal escape that is none, the zero is lost.
            None => {
                result.push('\\');
                result.push_str(escape.get(usize::from(escape.starts_with('0'))..length).unwrap_or(""));
            }
        }
        rest = escape.get(length..).unwrap_or("");
    }
    result + rest
}

/// What the text after a `\` stands for, and how many bytes of it belong to the escape.
fn escaped(escape: &str) -> (Option<char>, usize) {
    let Some(selector) = escape.chars().next() else { return (None, 0) };
    let replacement = match selector {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '$' | '"' | '\\' => selector,
        '0' => {
            let digits = escape.bytes().skip(1).take(3).take_while(u8::is_ascii_digit).count();
            let octal = escape.get(1..=digits).filter(|octal| octal.len() == 3);
            let value = octal.and_then(|octal| u8::from_str_radix(octal, 8).ok());
            return (value.map(char::from), digits + 1);
        }
        _ => return (None, 0),
    };
    (Some(replacement), 1)
}

/// Blanks that do not end a line, as compose-go counts them.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}
