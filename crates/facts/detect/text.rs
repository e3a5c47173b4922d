//! Methods of texts.

use source::Span;
use syntax::decision::{Language, SequenceKind};

use super::machine::{Eval, Machine};
use super::scope::Frame;
use super::value::Value;

/// Characters that a text may grow to.
const MAX_TEXT: usize = 100_000;

impl Machine<'_> {
    /// A method of a text whose arguments are known.
    pub(super) fn text_method(
        &mut self,
        frame: &Frame,
        span: Span,
        text: &str,
        name: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        let first = arguments.first();
        let argument = |at: usize| arguments.get(at).and_then(Value::as_text);
        let known = match (frame.language(), name, arguments) {
            (Language::Python, "lower", [])
            | (Language::JavaScript, "toLowerCase" | "toLocaleLowerCase", [])
            | (Language::Rust, "to_lowercase" | "to_ascii_lowercase", []) => Value::text(text.to_lowercase()),
            (Language::Python, "upper", [])
            | (Language::JavaScript, "toUpperCase" | "toLocaleUpperCase", [])
            | (Language::Rust, "to_uppercase" | "to_ascii_uppercase", []) => Value::text(text.to_uppercase()),
            (Language::Python, "casefold", []) if text.is_ascii() => Value::text(text.to_lowercase()),
            (Language::Python, "strip", []) => Value::text(text.trim_matches(is_python_space)),
            (Language::Python, "lstrip", []) => Value::text(text.trim_start_matches(is_python_space)),
            (Language::Python, "rstrip", []) => Value::text(text.trim_end_matches(is_python_space)),
            (Language::Python, "strip", [Value::Text(of)]) => {
                Value::text(text.trim_matches(|letter| of.contains(letter)))
            }
            (Language::Python, "lstrip", [Value::Text(of)]) => {
                Value::text(text.trim_start_matches(|letter| of.contains(letter)))
            }
            (Language::Python, "rstrip", [Value::Text(of)]) => {
                Value::text(text.trim_end_matches(|letter| of.contains(letter)))
            }
            (Language::JavaScript | Language::Rust, "trim", []) => Value::text(text.trim()),
            (Language::JavaScript, "trimStart", []) | (Language::Rust, "trim_start", []) => {
                Value::text(text.trim_start())
            }
            (Language::JavaScript, "trimEnd", []) | (Language::Rust, "trim_end", []) => {
                Value::text(text.trim_end())
            }
            (Language::Python, "startswith", [prefix]) => {
                return Ok(any_of(prefix, |one| text.starts_with(one)));
            }
            (Language::Python, "endswith", [suffix]) => return Ok(any_of(suffix, |one| text.ends_with(one))),
            (Language::JavaScript, "startsWith", [Value::Text(one)])
            | (Language::Rust, "starts_with", [Value::Text(one)]) => Value::Bool(text.starts_with(&**one)),
            (Language::JavaScript, "endsWith", [Value::Text(one)])
            | (Language::Rust, "ends_with", [Value::Text(one)]) => Value::Bool(text.ends_with(&**one)),
            (Language::JavaScript, "includes", [Value::Text(one)])
            | (Language::Rust, "contains", [Value::Text(one)])
            | (Language::Python, "__contains__", [Value::Text(one)]) => Value::Bool(text.contains(&**one)),
            (Language::Rust, "eq_ignore_ascii_case", [Value::Text(one)]) => {
                Value::Bool(text.eq_ignore_ascii_case(one))
            }
            (Language::Python | Language::Rust, "replace", [Value::Text(from), Value::Text(to)])
            | (Language::JavaScript, "replaceAll", [Value::Text(from), Value::Text(to)]) => {
                let made = text.replace(&**from, to);
                if made.len() > MAX_TEXT {
                    return Ok(None);
                }
                Value::text(made)
            }
            (Language::Python, "replace", [Value::Text(from), Value::Text(to), Value::Integer(count)]) => {
                match usize::try_from(*count) {
                    Ok(count) => Value::text(text.replacen(&**from, to, count)),
                    Err(_) => Value::text(text.replace(&**from, to)),
                }
            }
            (Language::JavaScript, "replace", [Value::Text(from), Value::Text(to)]) if !to.contains('$') => {
                Value::text(text.replacen(&**from, to, 1))
            }
            (Language::Python, "split", _) => return self.python_split(frame, span, text, arguments, false),
            (Language::Python, "rsplit", _) => return self.python_split(frame, span, text, arguments, true),
            (Language::JavaScript | Language::Rust, "split", [Value::Text(by)]) if !by.is_empty() => {
                Value::list(text.split(&**by).map(Value::text).collect())
            }
            (Language::Python, "splitlines", []) => Value::list(text.lines().map(Value::text).collect()),
            (Language::Python, "partition", [Value::Text(by)]) if !by.is_empty() => {
                match text.split_once(&**by) {
                    Some((before, after)) => tuple(&[before, by, after]),
                    None => tuple(&[text, "", ""]),
                }
            }
            (Language::Python, "rpartition", [Value::Text(by)]) if !by.is_empty() => {
                match text.rsplit_once(&**by) {
                    Some((before, after)) => tuple(&[before, by, after]),
                    None => tuple(&["", "", text]),
                }
            }
            (Language::Python, "removeprefix", [Value::Text(one)]) => {
                Value::text(text.strip_prefix(&**one).unwrap_or(text))
            }
            (Language::Python, "removesuffix", [Value::Text(one)]) => {
                Value::text(text.strip_suffix(&**one).unwrap_or(text))
            }
            (Language::Python, "join", [items]) => return self.joined(frame, span, text, items),
            (Language::Python, "count", [Value::Text(one)]) if !one.is_empty() => {
                whole(text.matches(&**one).count())
            }
            (Language::Python, "find", [Value::Text(one)])
            | (Language::JavaScript, "indexOf", [Value::Text(one)])
                if text.is_ascii() =>
            {
                text.find(&**one).map_or(Value::Integer(-1), whole)
            }
            (Language::Python, "isdigit" | "isdecimal" | "isnumeric", []) if text.is_ascii() => {
                Value::Bool(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
            }
            (Language::Python, "isalpha", []) if text.is_ascii() => {
                Value::Bool(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic()))
            }
            (Language::Python, "isalnum", []) if text.is_ascii() => {
                Value::Bool(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            }
            (Language::Python, "isspace", []) => {
                Value::Bool(!text.is_empty() && text.chars().all(is_python_space))
            }
            (Language::Python, "isupper", []) if text.is_ascii() => Value::Bool(
                text.bytes().any(|byte| byte.is_ascii_uppercase())
                    && !text.bytes().any(|byte| byte.is_ascii_lowercase()),
            ),
            (Language::Python, "islower", []) if text.is_ascii() => Value::Bool(
                text.bytes().any(|byte| byte.is_ascii_lowercase())
                    && !text.bytes().any(|byte| byte.is_ascii_uppercase()),
            ),
            (Language::Python, "capitalize", []) if text.is_ascii() => {
                let lower = text.to_ascii_lowercase();
                let mut letters = lower.chars();
                let head = letters.next().map(|letter| letter.to_ascii_uppercase());
                Value::text(head.into_iter().chain(letters).collect::<String>())
            }
            (Language::Python, "title", []) if text.is_ascii() => Value::text(titled(text)),
            (Language::Python, "swapcase", []) if text.is_ascii() => {
                let swap = |letter: char| {
                    if letter.is_ascii_lowercase() {
                        letter.to_ascii_uppercase()
                    } else {
                        letter.to_ascii_lowercase()
                    }
                };
                Value::text(text.chars().map(swap).collect::<String>())
            }
            (Language::Python, "format", values) if !values.is_empty() => {
                return self.formatted(frame, span, text, values);
            }
            (Language::JavaScript, "slice" | "substring", _) => {
                let negative = matches!(first, Some(Value::Integer(at)) if *at < 0)
                    || matches!(arguments.get(1), Some(Value::Integer(at)) if *at < 0);
                if negative && name == "substring" {
                    return Ok(None);
                }
                let object = Value::text(text);
                self.slice(frame, span, &object, first.cloned(), arguments.get(1).cloned())
            }
            (Language::JavaScript, "charAt", [Value::Integer(at)]) => {
                let letter = usize::try_from(*at).ok().and_then(|at| text.chars().nth(at));
                Value::text(letter.map(String::from).unwrap_or_default())
            }
            (Language::JavaScript, "toString" | "valueOf", [])
            | (
                Language::Rust,
                "to_string" | "to_owned" | "as_str" | "clone" | "into" | "as_ref" | "to_str" | "into_owned"
                | "borrow" | "deref" | "into_string" | "to_string_lossy" | "as_deref",
                [],
            ) => Value::text(text),
            (Language::Rust, "is_empty", []) => Value::Bool(text.is_empty()),
            (Language::JavaScript, "concat", _) if arguments.iter().all(|one| one.as_text().is_some()) => {
                let parts = (0..arguments.len()).filter_map(argument);
                Value::text(std::iter::once(text).chain(parts).collect::<String>())
            }
            _ => return Ok(None),
        };
        Ok(Some(known))
    }

    fn python_split(
        &mut self,
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
                return self.raise(frame, span, "ValueError", "empty separator");
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

    fn joined(&mut self, frame: &Frame, span: Span, by: &str, items: &Value) -> Eval<Option<Value>> {
        let items = match self.items(frame, span, items)? {
            Ok(items) => items,
            Err(_) => return Ok(None),
        };
        let mut texts = Vec::new();
        for item in &items {
            match self.settled(item.clone()) {
                Value::Text(text) => texts.push(text.to_string()),
                Value::Unknown(_) => return Ok(None),
                _ => return self.raise(frame, span, "TypeError", "only texts can be joined"),
            }
        }
        Ok(Some(Value::text(texts.join(by))))
    }

    /// `"{}-{}".format(a, b)`; other fields are not followed.
    fn formatted(&mut self, frame: &Frame, span: Span, text: &str, values: &[Value]) -> Eval<Option<Value>> {
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
