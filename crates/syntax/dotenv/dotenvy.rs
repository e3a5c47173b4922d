//! Env files of dotenvy 0.15, as its iterator reads them.

use source::Span;

use super::reading::{Reading, Setting};
use super::{Part, Value};

pub(super) fn read(reading: &mut Reading<'_>) {
    let mut at = 0;
    while at < reading.text.len() {
        at = match logical_line(reading, at) {
            Ok((line, next)) => {
                if let Err(wrong) = read_line(reading, line) {
                    reading.stop(wrong.span, wrong.message);
                }
                next
            }
            Err(wrong) => {
                reading.stop(wrong.span, wrong.message);
                reading.end_of_line(at) + 1
            }
        };
    }
}

/// Where dotenvy stops, and why.
struct Wrong {
    span: Span,
    message: &'static str,
}

/// What a line stands in at its end.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Complete,
    Blank,
    Escape,
    Strong,
    StrongEscape,
    Weak,
    WeakEscape,
    Comment,
}

/// The lines that quotes hold together, without a comment at their end, and where the next one begins.
fn logical_line(reading: &Reading<'_>, start: usize) -> Result<(Span, usize), Wrong> {
    let first_line = Span::new(start, reading.end_of_line(start));
    if first_line.of(reading.text).trim_start().starts_with('#') {
        return Ok((Span::at(start), first_line.end + 1));
    }
    let mut state = State::Complete;
    let mut at = start;
    while at < reading.text.len() {
        let newline = reading.end_of_line(at);
        let next = (newline + 1).min(reading.text.len());
        for (offset, c) in Span::new(at, next).of(reading.text).char_indices() {
            state = after(state, c);
            if state == State::Comment {
                return Ok((Span::new(start, at + offset), next));
            }
        }
        if state == State::Complete {
            return Ok((Span::new(start, newline), next));
        }
        at = next;
    }
    let message = match state {
        State::Blank => "dotenvy takes no blanks at the end of a file; end it with a newline",
        State::Escape => "a `\\` stands at the end of the file",
        _ => "this value is not closed; its closing quote is missing",
    };
    Err(Wrong { span: first_line, message })
}

fn after(state: State, c: char) -> State {
    match (state, c) {
        (State::Blank, '#') | (State::Comment, _) => State::Comment,
        (State::Blank | State::Complete, '\\') => State::Escape,
        (State::Blank | State::Complete, '"') | (State::WeakEscape, _) => State::Weak,
        (State::Blank | State::Complete, '\'') | (State::StrongEscape, _) => State::Strong,
        (State::Complete, _) if c.is_whitespace() && c != '\n' && c != '\r' => State::Blank,
        (State::Weak, '\\') => State::WeakEscape,
        (State::Strong, '\\') => State::StrongEscape,
        (State::Weak, '"') | (State::Strong, '\'') | (State::Blank | State::Complete | State::Escape, _) => {
            State::Complete
        }
        (State::Weak | State::Strong, _) => state,
    }
}

fn read_line(reading: &mut Reading<'_>, line: Span) -> Result<(), Wrong> {
    let line = reading.trimmed_end(line, char::is_whitespace);
    let behind = |reading: &Reading<'_>, at| reading.first(Span::new(at, line.end), char::is_whitespace);
    let has = |reading: &Reading<'_>, at, c| at < line.end && reading.char(at) == Some(c);
    let start = behind(reading, line.start);
    if start == line.end || has(reading, start, '#') {
        return Ok(());
    }
    let mut key = key(reading, Span::new(start, line.end))?;
    let mut equals = behind(reading, key.end);
    let export = key.of(reading.text) == "export" && !has(reading, equals, '=');
    if export {
        key = self::key(reading, Span::new(equals, line.end))?;
        equals = behind(reading, key.end);
    }
    if !has(reading, equals, '=') {
        let span = Span::new(key.start, line.end);
        return Err(Wrong { span, message: "expected `=` after the name; write NAME=value" });
    }
    let from = behind(reading, equals + 1);
    let setting = if from == line.end || has(reading, from, '#') {
        Setting { key, export, raw: Span::at(from), quote: None, value: Value::Text(Vec::new()) }
    } else {
        let value = Shell::default().read(Span::new(from, line.end), reading.text)?;
        Setting { key, export, raw: value.raw, quote: value.quote, value: Value::Text(value.parts) }
    };
    reading.add(setting);
    Ok(())
}

/// The name at the beginning of `rest`.
fn key(reading: &Reading<'_>, rest: Span) -> Result<Span, Wrong> {
    let is_in_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if rest.of(reading.text).starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return Ok(Span::new(rest.start, reading.first(rest, is_in_name)));
    }
    let message = "a name begins with a letter or `_`, and holds only these, digits and `.`";
    Err(Wrong { span: rest, message })
}

/// A value as it stands.
struct Written {
    raw: Span,
    quote: Option<char>,
    parts: Vec<Part>,
}

/// What has been read of a value.
#[derive(Default)]
struct Shell {
    text: String,
    parts: Vec<Part>,
    /// The quote that is open.
    quote: Option<char>,
    /// How many quotes were opened, and where the last one was closed.
    opened: usize,
    closed: usize,
}

impl Shell {
    fn read(mut self, value: Span, source: &str) -> Result<Written, Wrong> {
        let mut chars = value.of(source).char_indices().peekable();
        let mut end = value.end;
        while let Some((offset, c)) = chars.next() {
            let at = value.start + offset;
            match (c, self.quote) {
                ('\'', Some('\'')) | ('"', Some('"')) => {
                    self.quote = None;
                    self.closed = at + 1;
                }
                (_, Some('\'')) => self.text.push(c),
                ('$', _) => {
                    let rest = Span::new(at + 1, value.end);
                    let Some(taken) = self.reference(rest.of(source)) else {
                        return Err(Wrong { span: value, message: "`${` is not closed; its `}` is missing" });
                    };
                    while chars.next_if(|(offset, _)| value.start + offset < rest.start + taken).is_some() {}
                }
                ('\\', _) => match chars.next() {
                    Some((_, escaped)) => self.escape(escaped, Span::new(at, at + 1 + escaped.len_utf8()))?,
                    // The newline that was escaped is not part of the line.
                    None => break,
                },
                ('\'' | '"', None) => {
                    self.quote = Some(c);
                    self.opened += 1;
                }
                (' ' | '\t', None) => {
                    end = at;
                    check_end(Span::new(at, value.end), source)?;
                    break;
                }
                _ => self.text.push(c),
            }
        }
        if self.quote.is_some() {
            return Err(Wrong {
                span: value,
                message: "this value is not closed; its closing quote is missing",
            });
        }
        self.flush();
        let first = source.get(value.start..).and_then(|rest| rest.chars().next());
        let is_quoted = self.opened == 1 && self.closed == end;
        let quote = first.filter(|c| is_quoted && matches!(c, '\'' | '"'));
        Ok(Written { raw: Span::new(value.start, end), quote, parts: self.parts })
    }

    fn escape(&mut self, escaped: char, span: Span) -> Result<(), Wrong> {
        match escaped {
            '\\' | '\'' | '"' | '$' | ' ' => self.text.push(escaped),
            'n' => self.text.push('\n'),
            _ => {
                return Err(Wrong {
                    span,
                    message: "is no escape; dotenvy knows \\n \\\\ \\' \\\" \\$ and `\\ `",
                });
            }
        }
        Ok(())
    }

    /// Reads a reference behind its `$` and gives its length. A name holds letters and digits, no `_`; the
    /// character after it is text, even where it is a quote.
    fn reference(&mut self, rest: &str) -> Option<usize> {
        if let Some(braced) = rest.strip_prefix('{') {
            let length = braced.find('}')?;
            self.variable(braced.get(..length).unwrap_or(""));
            return Some(length + 2);
        }
        let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        self.variable(rest.get(..length).unwrap_or(""));
        match rest.get(length..).and_then(|rest| rest.chars().next()) {
            Some(c) if c != '$' => {
                self.text.push(c);
                Some(length + c.len_utf8())
            }
            _ => Some(length),
        }
    }

    fn variable(&mut self, name: &str) {
        if !name.is_empty() {
            self.flush();
            self.parts.push(Part::Variable { name: name.to_owned(), operator: None });
        }
    }

    fn flush(&mut self) {
        self.parts.extend(Part::text(&std::mem::take(&mut self.text)));
    }
}

/// After a blank only a comment may follow.
fn check_end(rest: Span, source: &str) -> Result<(), Wrong> {
    let after = rest.of(source).trim_start_matches([' ', '\t']);
    if after.is_empty() || after.starts_with('#') {
        return Ok(());
    }
    let span = Span::new(rest.end - after.len(), rest.end);
    Err(Wrong { span, message: "dotenvy takes no blanks in a value without quotes; put it in quotes" })
}
