//! Methods of texts.

use source::Span;
use syntax::decision::{Language, SequenceKind};

use super::machine::{Eval, Machine};
use super::scope::Frame;
use super::value::Value;

/// Characters that a text may grow to.
const MAX_TEXT: usize = 100_000;

impl Machine<'_> {
    /// A method of a text whose arguments are known; `None` where it is not followed.
    pub(super) fn text_method(
        &mut self,
        frame: &Frame,
        span: Span,
        text: &str,
        name: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        match frame.language() {
            Language::Python => {
                let plain = python_case(text, name, arguments)
                    .or_else(|| python_strip(text, name, arguments))
                    .or_else(|| python_search(text, name, arguments))
                    .or_else(|| python_parts(text, name, arguments));
                match (plain, name, arguments) {
                    (Some(value), ..) => Ok(Some(value)),
                    (None, "split", _) => python_split(frame, span, text, arguments, false),
                    (None, "rsplit", _) => python_split(frame, span, text, arguments, true),
                    (None, "join", [items]) => self.joined(frame, span, text, items),
                    (None, "format", [_, ..]) => self.formatted(frame, span, text, arguments),
                    _ => Ok(None),
                }
            }
            Language::JavaScript => Ok(match (name, arguments) {
                ("slice" | "substring", _) => self.javascript_part(frame, span, text, name, arguments),
                _ => javascript_text(text, name, arguments),
            }),
            Language::Rust => Ok(rust_text(text, name, arguments)),
        }
    }

    /// `slice` and `substring`; the latter exchanges its bounds where they are negative, which is not followed.
    fn javascript_part(
        &mut self,
        frame: &Frame,
        span: Span,
        text: &str,
        name: &str,
        arguments: &[Value],
    ) -> Option<Value> {
        let is_negative = |value: &Value| matches!(value, Value::Integer(at) if *at < 0);
        if name == "substring" && arguments.iter().any(is_negative) {
            return None;
        }
        let (start, end) = (arguments.first().cloned(), arguments.get(1).cloned());
        Some(self.slice(frame, span, &Value::text(text), start, end))
    }

    fn joined(&mut self, frame: &Frame, span: Span, by: &str, items: &Value) -> Eval<Option<Value>> {
        let Ok(items) = self.items(frame, span, items)? else { return Ok(None) };
        let mut texts = Vec::new();
        for item in &items {
            match self.settled(item.clone()) {
                Value::Text(text) => texts.push(text.to_string()),
                Value::Unknown(_) => return Ok(None),
                _ => return Self::raise(frame, span, "TypeError", "only texts can be joined"),
            }
        }
        Ok(Some(Value::text(texts.join(by))))
    }

    /// `"{}-{}".format(a, b)`; other fields are not followed.
    fn formatted(&mut self, frame: &Frame, span: Span, text: &str, values: &[Value]) -> Eval<Option<Value>> {
        if let (Some(how), [value]) = (text.strip_prefix("{:").and_then(|how| how.strip_suffix('}')), values)
        {
            return Ok(match self.text_of(frame, span, value)? {
                Value::Text(shown) if matches!(value, Value::Text(_)) => {
                    laid_out(&shown, how).map(Value::text)
                }
                _ => None,
            });
        }
        let parts: Vec<&str> = text.split("{}").collect();
        if parts.len() != values.len() + 1 || parts.iter().any(|part| part.contains(['{', '}'])) {
            return Ok(None);
        }
        let mut made = String::new();
        for (index, part) in parts.iter().enumerate() {
            made.push_str(part);
            let Some(value) = values.get(index) else { continue };
            match self.text_of(frame, span, value)? {
                Value::Text(text) => made.push_str(&text),
                _ => return Ok(None),
            }
        }
        Ok(Some(Value::text(made)))
    }
}

/// A text in a field of some width, as Python lays it out; `None` for what is not followed.
fn laid_out(text: &str, how: &str) -> Option<String> {
    let letters: Vec<char> = how.strip_suffix('s').unwrap_or(how).chars().collect();
    let is_side = |letter: Option<&char>| letter.is_some_and(|letter| matches!(letter, '<' | '>' | '^'));
    let (fill, side, width) = match letters.as_slice() {
        [fill, side, width @ ..] if is_side(Some(side)) => (*fill, *side, width),
        [side, width @ ..] if is_side(Some(side)) => (' ', *side, width),
        width => (' ', '<', width),
    };
    if width.first() == Some(&'0') || !width.iter().all(char::is_ascii_digit) {
        return None;
    }
    let width: usize = if width.is_empty() { 0 } else { String::from_iter(width).parse().ok()? };
    let room = width.saturating_sub(text.chars().count());
    if width > MAX_TEXT {
        return None;
    }
    let before = match side {
        '<' => 0,
        '>' => room,
        _ => room / 2,
    };
    let filled = |count: usize| fill.to_string().repeat(count);
    Some(format!("{}{text}{}", filled(before), filled(room - before)))
}

fn python_split(
    frame: &Frame,
    span: Span,
    text: &str,
    arguments: &[Value],
    from_end: bool,
) -> Eval<Option<Value>> {
    let count = match arguments.get(1) {
        None => None,
        Some(Value::Integer(count)) => usize::try_from(*count).ok(),
        Some(_) => return Ok(None),
    };
    let parts: Vec<&str> = match (arguments.first(), count) {
        (None | Some(Value::None), None) => {
            text.split(is_python_space).filter(|part| !part.is_empty()).collect()
        }
        (Some(Value::Text(by)), _) if by.is_empty() => {
            return Machine::raise(frame, span, "ValueError", "empty separator");
        }
        (Some(Value::Text(by)), None) => text.split(&**by).collect(),
        (Some(Value::Text(by)), Some(count)) if from_end => {
            let mut parts: Vec<&str> = text.rsplitn(count + 1, &**by).collect();
            parts.reverse();
            parts
        }
        (Some(Value::Text(by)), Some(count)) => text.splitn(count + 1, &**by).collect(),
        _ => return Ok(None),
    };
    Ok(Some(Value::list(parts.into_iter().map(Value::text).collect())))
}

fn python_case(text: &str, name: &str, arguments: &[Value]) -> Option<Value> {
    if !arguments.is_empty() {
        return None;
    }
    let ascii = text.is_ascii();
    let any = |test: fn(&u8) -> bool| text.bytes().any(|byte| test(&byte));
    let all = |test: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| test(&byte));
    Some(match name {
        "lower" => Value::text(text.to_lowercase()),
        "upper" => Value::text(text.to_uppercase()),
        "casefold" if ascii => Value::text(text.to_lowercase()),
        "capitalize" if ascii => Value::text(capitalized(text)),
        "title" if ascii => Value::text(titled(text)),
        "swapcase" if ascii => {
            let swap = |letter: char| {
                if letter.is_ascii_lowercase() {
                    letter.to_ascii_uppercase()
                } else {
                    letter.to_ascii_lowercase()
                }
            };
            Value::text(text.chars().map(swap).collect::<String>())
        }
        "isdigit" | "isdecimal" | "isnumeric" if ascii => Value::Bool(all(u8::is_ascii_digit)),
        "isalpha" if ascii => Value::Bool(all(u8::is_ascii_alphabetic)),
        "isalnum" if ascii => Value::Bool(all(u8::is_ascii_alphanumeric)),
        "isspace" => Value::Bool(!text.is_empty() && text.chars().all(is_python_space)),
        "isupper" if ascii => Value::Bool(any(u8::is_ascii_uppercase) && !any(u8::is_ascii_lowercase)),
        "islower" if ascii => Value::Bool(any(u8::is_ascii_lowercase) && !any(u8::is_ascii_uppercase)),
        _ => return None,
    })
}

fn python_strip(text: &str, name: &str, arguments: &[Value]) -> Option<Value> {
    let of = match arguments {
        [] | [Value::None] => None,
        [Value::Text(of)] => Some(of),
        _ => return None,
    };
    let goes = |letter: char| of.map_or_else(|| is_python_space(letter), |of| of.contains(letter));
    Some(match name {
        "strip" => Value::text(text.trim_matches(goes)),
        "lstrip" => Value::text(text.trim_start_matches(goes)),
        "rstrip" => Value::text(text.trim_end_matches(goes)),
        _ => return None,
    })
}

fn python_search(text: &str, name: &str, arguments: &[Value]) -> Option<Value> {
    Some(match (name, arguments) {
        ("startswith", [prefix]) => return any_of(prefix, |one| text.starts_with(one)),
        ("endswith", [suffix]) => return any_of(suffix, |one| text.ends_with(one)),
        ("__contains__", [Value::Text(one)]) => Value::Bool(text.contains(&**one)),
        ("count", [Value::Text(one)]) if !one.is_empty() => whole(text.matches(&**one).count()),
        ("find", [Value::Text(one)]) if text.is_ascii() => {
            text.find(&**one).map_or(Value::Integer(-1), whole)
        }
        _ => return None,
    })
}

fn python_parts(text: &str, name: &str, arguments: &[Value]) -> Option<Value> {
    Some(match (name, arguments) {
        ("replace", [Value::Text(from), Value::Text(to)]) => return replaced(text, from, to),
        ("replace", [Value::Text(from), Value::Text(to), Value::Integer(count)]) => {
            match usize::try_from(*count) {
                Ok(count) => Value::text(text.replacen(&**from, to, count)),
                Err(_) => return replaced(text, from, to),
            }
        }
        ("splitlines", []) => Value::list(text.lines().map(Value::text).collect()),
        ("partition", [Value::Text(by)]) if !by.is_empty() => match text.split_once(&**by) {
            Some((before, after)) => tuple(&[before, by, after]),
            None => tuple(&[text, "", ""]),
        },
        ("rpartition", [Value::Text(by)]) if !by.is_empty() => match text.rsplit_once(&**by) {
            Some((before, after)) => tuple(&[before, by, after]),
            None => tuple(&["", "", text]),
        },
        ("removeprefix", [Value::Text(one)]) => Value::text(text.strip_prefix(&**one).unwrap_or(text)),
        ("removesuffix", [Value::Text(one)]) => Value::text(text.strip_suffix(&**one).unwrap_or(text)),
        _ => return None,
    })
}

fn javascript_text(text: &str, name: &str, arguments: &[Value]) -> Option<Value> {
    Some(match (name, arguments) {
        ("toLowerCase" | "toLocaleLowerCase", []) => Value::text(text.to_lowercase()),
        ("toUpperCase" | "toLocaleUpperCase", []) => Value::text(text.to_uppercase()),
        ("trim", []) => Value::text(text.trim()),
        ("trimStart", []) => Value::text(text.trim_start()),
        ("trimEnd", []) => Value::text(text.trim_end()),
        ("startsWith", [Value::Text(one)]) => Value::Bool(text.starts_with(&**one)),
        ("endsWith", [Value::Text(one)]) => Value::Bool(text.ends_with(&**one)),
        ("includes", [Value::Text(one)]) => Value::Bool(text.contains(&**one)),
        ("indexOf", [Value::Text(one)]) if text.is_ascii() => {
            text.find(&**one).map_or(Value::Integer(-1), whole)
        }
        ("replaceAll", [Value::Text(from), Value::Text(to)]) => return replaced(text, from, to),
        // A dollar sign stands for a part of what was found.
        ("replace", [Value::Text(from), Value::Text(to)]) if !to.contains('$') => {
            Value::text(text.replacen(&**from, to, 1))
        }
        ("split", [Value::Text(by)]) if !by.is_empty() => {
            Value::list(text.split(&**by).map(Value::text).collect())
        }
        ("charAt", [Value::Integer(at)]) => {
            let letter = usize::try_from(*at).ok().and_then(|at| text.chars().nth(at));
            Value::text(letter.map(String::from).unwrap_or_default())
        }
        ("toString" | "valueOf", []) => Value::text(text),
        _ => return None,
    })
}

fn rust_text(text: &str, name: &str, arguments: &[Value]) -> Option<Value> {
    Some(match (name, arguments) {
        ("to_lowercase", []) => Value::text(text.to_lowercase()),
        ("to_uppercase", []) => Value::text(text.to_uppercase()),
        ("to_ascii_lowercase", []) => Value::text(text.to_ascii_lowercase()),
        ("to_ascii_uppercase", []) => Value::text(text.to_ascii_uppercase()),
        ("trim", []) => Value::text(text.trim()),
        ("trim_start", []) => Value::text(text.trim_start()),
        ("trim_end", []) => Value::text(text.trim_end()),
        ("starts_with", [Value::Text(one)]) => Value::Bool(text.starts_with(&**one)),
        ("ends_with", [Value::Text(one)]) => Value::Bool(text.ends_with(&**one)),
        ("contains", [Value::Text(one)]) => Value::Bool(text.contains(&**one)),
        ("eq_ignore_ascii_case", [Value::Text(one)]) => Value::Bool(text.eq_ignore_ascii_case(one)),
        ("replace", [Value::Text(from), Value::Text(to)]) => return replaced(text, from, to),
        ("split", [Value::Text(by)]) if !by.is_empty() => {
            Value::list(text.split(&**by).map(Value::text).collect())
        }
        ("is_empty", []) => Value::Bool(text.is_empty()),
        ("strip_prefix", [Value::Text(one)]) => optional(text.strip_prefix(&**one)),
        ("strip_suffix", [Value::Text(one)]) => optional(text.strip_suffix(&**one)),
        (
            "to_string" | "to_owned" | "as_str" | "clone" | "as_ref" | "to_str" | "into_owned" | "borrow"
            | "deref" | "into_string" | "to_string_lossy" | "as_deref",
            [],
        ) => Value::text(text),
        _ => return None,
    })
}

/// `Some` text, or `None`.
fn optional(text: Option<&str>) -> Value {
    match text {
        Some(text) => Value::variant("Some", vec![Value::text(text)]),
        None => Value::variant("None", Vec::new()),
    }
}

/// The text with every `from` replaced; `None` where it grows too large.
fn replaced(text: &str, from: &str, to: &str) -> Option<Value> {
    let made = text.replace(from, to);
    (made.len() <= MAX_TEXT).then(|| Value::text(made))
}

fn capitalized(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut letters = lower.chars();
    let head = letters.next().map(|letter| letter.to_ascii_uppercase());
    head.into_iter().chain(letters).collect()
}

/// Whether any of the texts in a text or a tuple fits; `None` where they are not all known.
fn any_of(texts: &Value, fits: impl Fn(&str) -> bool) -> Option<Value> {
    match texts {
        Value::Text(one) => Some(Value::Bool(fits(one))),
        Value::Sequence(SequenceKind::Tuple, items) => {
            let items = items.borrow();
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_text).collect();
            Some(Value::Bool(texts?.into_iter().any(fits)))
        }
        _ => None,
    }
}

/// What Python's `strip` takes away.
fn is_python_space(letter: char) -> bool {
    letter.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&letter)
}

fn tuple(parts: &[&str]) -> Value {
    Value::sequence(SequenceKind::Tuple, parts.iter().map(Value::text).collect())
}

pub(super) fn whole(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn titled(text: &str) -> String {
    let mut begins = true;
    let letters = text.chars().map(|letter| {
        let made = if begins { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        begins = !letter.is_ascii_alphabetic();
        made
    });
    letters.collect()
}
