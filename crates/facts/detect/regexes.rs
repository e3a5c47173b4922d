//! Regular expressions whose meaning is the same in the evaluated language and here.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};
use source::Span;
use syntax::decision::Language;

use super::machine::Machine;
use super::scope::Frame;
use super::value::Value;

/// Expressions that have been compiled; `None` for those that are not followed.
#[derive(Default)]
pub(super) struct Regexes(Mutex<HashMap<(String, bool, Language), Option<Regex>>>);

impl Regexes {
    fn get_or_compile(&self, pattern: &str, ignores_case: bool, language: Language) -> Option<Regex> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (pattern.to_owned(), ignores_case, language);
        known.entry(key).or_insert_with(|| compiled(pattern, ignores_case, language)).clone()
    }
}

/// Bytes that a compiled expression may take.
const MAX_SIZE: usize = 1 << 20;

impl Machine<'_> {
    /// A literal of JavaScript.
    pub(super) fn regex(&mut self, frame: &Frame, span: Span, pattern: &str, flags: &str) -> Value {
        let known = flags.chars().all(|flag| matches!(flag, 'i' | 'g' | 'u' | 'm'));
        let compiled =
            if known { self.compiled(pattern, flags.contains('i'), frame.language()) } else { None };
        match compiled {
            Some(regex) => Value::Regex(Rc::new(regex)),
            None => self.unknown(frame, span, "this regular expression is not followed"),
        }
    }

    /// The expression, compiled once for all runs.
    fn compiled(&self, pattern: &str, ignores_case: bool, language: Language) -> Option<Regex> {
        self.program.regexes.get_or_compile(pattern, ignores_case, language)
    }

    /// `re.match(pattern, text)` and its kin; `None` where that is not followed.
    pub(super) fn python_regex(
        &self,
        function: &str,
        arguments: &[Value],
        flags: Option<&Value>,
    ) -> Option<Value> {
        let ignores_case = match flags {
            None | Some(Value::Integer(0)) => false,
            Some(Value::External(name)) if matches!(&**name, "re.I" | "re.IGNORECASE") => true,
            Some(_) => return None,
        };
        let pattern = match arguments.first()? {
            Value::Text(pattern) => self.compiled(pattern, ignores_case, Language::Python)?,
            Value::Regex(regex) => (**regex).clone(),
            _ => return None,
        };
        if function == "compile" {
            return Some(Value::Regex(Rc::new(pattern)));
        }
        if function == "sub" {
            let text = arguments.get(2)?.as_text()?;
            if !pattern.is_match(text) {
                return Some(Value::text(text));
            }
            let replacement = arguments.get(1)?.as_text()?;
            return substituted(&pattern, replacement, text);
        }
        applied(&pattern, function, arguments.get(1)?.as_text()?)
    }

    /// What a pattern that is a literal gives for a text that is not known: it fails for none.
    pub(super) fn regex_on_unknown(&self, function: &str, arguments: &[Value]) -> Option<Value> {
        let text = arguments.get(if function == "sub" { 2 } else { 1 })?;
        let is_literal = self.is_pattern(arguments.first()?);
        let replaces_alike = function != "sub" || arguments.get(1)?.as_text().is_some();
        let is_text = text.as_unknown().is_some_and(|unknown| unknown.is_text);
        if !is_text || !is_literal || !replaces_alike {
            return None;
        }
        let parts: Vec<&Value> = arguments.iter().collect();
        let operation = match arguments.first()? {
            Value::Regex(pattern) => format!("re.{function} {pattern}"),
            _ => format!("re.{function}"),
        };
        self.derived(&operation, &parts, function == "sub")
    }

    /// Whether a value is a regular expression of Python that is followed.
    pub(super) fn is_pattern(&self, value: &Value) -> bool {
        match value {
            Value::Text(pattern) => self.compiled(pattern, false, Language::Python).is_some(),
            pattern => matches!(pattern, Value::Regex(_)),
        }
    }

    pub(super) fn regex_method(
        frame: &Frame,
        regex: &Rc<Regex>,
        name: &str,
        arguments: &[Value],
    ) -> Option<Value> {
        let first = arguments.first()?.as_text()?;
        match (frame.language(), name) {
            (Language::JavaScript, "test") => Some(Value::Bool(regex.is_match(first))),
            (Language::Python, "sub") => substituted(regex, first, arguments.get(1)?.as_text()?),
            (Language::Python, _) => applied(regex, name, first),
            _ => None,
        }
    }
}

fn substituted(pattern: &Regex, replacement: &str, text: &str) -> Option<Value> {
    if replacement.contains(['\\', '$']) {
        return None;
    }
    Some(Value::text(pattern.replace_all(text, regex::NoExpand(replacement))))
}

fn applied(pattern: &Regex, function: &str, text: &str) -> Option<Value> {
    // `$` also matches before a line break at the end.
    if text.contains('\n') {
        return None;
    }
    let whole =
        |found: &regex::Captures<'_>| found.get(0).map_or((0, 0), |found| (found.start(), found.end()));
    let captures = match function {
        "search" => pattern.captures(text),
        // The leftmost match need not be the one that starts at the first character or ends at the last.
        "match" => anchored(pattern, "")?.captures(text),
        "fullmatch" => anchored(pattern, "$")?.captures(text).filter(|found| whole(found).1 == text.len()),
        "finditer" => {
            return Some(Value::list(pattern.captures_iter(text).map(|found| groups_of(&found)).collect()));
        }
        "findall" if pattern.captures_len() == 1 => {
            return Some(Value::list(
                pattern.find_iter(text).map(|found| Value::text(found.as_str())).collect(),
            ));
        }
        _ => return None,
    };
    Some(captures.map_or(Value::None, |captures| groups_of(&captures)))
}

fn groups_of(captures: &regex::Captures<'_>) -> Value {
    let groups = captures.iter().map(|group| group.map(|group| group.as_str().to_owned()));
    Value::Match(Rc::new(groups.collect()))
}

fn anchored(pattern: &Regex, end: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{pattern}){end}")).size_limit(MAX_SIZE).build().ok()
}

/// A pattern that means the same in this language and in the `regex` crate; `None` for any other.
fn compiled(pattern: &str, ignores_case: bool, language: Language) -> Option<Regex> {
    let group = if language == Language::Python { "(?P<" } else { "(?<" };
    let foreign =
        ["[[", "&&", "--", "~~", "\\Z", "\\z", "\\G", "\\h", "\\p", "\\P", "(?#", "\\x", "\\u", "\\<", "\\>"];
    if pattern.len() > 1_000 || foreign.iter().any(|part| pattern.contains(part)) {
        return None;
    }
    let mut rest = pattern;
    while let Some(at) = rest.find("(?") {
        let tail = rest.get(at..)?;
        let known = tail.starts_with("(?:")
            || tail.starts_with("(?i)") && language == Language::Python && at == 0
            || (tail.starts_with(group) && !tail.starts_with("(?<=") && !tail.starts_with("(?<!"));
        if !known {
            return None;
        }
        rest = tail.get(2..)?;
    }
    // In JavaScript `\d` and `\w` are ASCII alone.
    let unicode = language == Language::Python || !pattern.contains('\\');
    let pattern = if ignores_case { format!("(?i){pattern}") } else { pattern.to_owned() };
    if !unicode && !pattern.is_ascii() {
        return None;
    }
    RegexBuilder::new(&pattern).size_limit(MAX_SIZE).build().ok()
}
