//! Methods of values that are built in.

use std::rc::Rc;

use source::Span;
use syntax::decision::{Language, SequenceKind};

use super::expressions::put;
use super::journal::Slot;
use super::machine::{Eval, Flow, Machine};
use super::scope::Frame;
use super::text::whole;
use super::value::Value;

/// Methods whose answer is a text where the object is one.
const GIVES_TEXT: &[&str] = &[
    "lower",
    "upper",
    "casefold",
    "strip",
    "lstrip",
    "rstrip",
    "replace",
    "title",
    "capitalize",
    "swapcase",
    "removeprefix",
    "removesuffix",
    "format",
    "join",
    "toLowerCase",
    "toUpperCase",
    "trim",
    "trimStart",
    "trimEnd",
    "replaceAll",
    "slice",
    "substring",
    "charAt",
    "toString",
    "to_lowercase",
    "to_uppercase",
    "to_ascii_lowercase",
    "to_ascii_uppercase",
    "trim_start",
    "trim_end",
    "to_string",
    "to_owned",
];

/// Methods of an unknown text that give the text itself.
const SAME: &[&str] =
    &["as_str", "clone", "as_ref", "to_string", "to_owned", "as_deref", "toString", "valueOf", "into_owned"];

impl Machine<'_> {
    /// Calls the method `name` of a value.
    pub(super) fn call_method(
        &mut self,
        frame: &Frame,
        span: Span,
        object: &Value,
        name: &str,
        arguments: &[Value],
        keywords: &[(String, Value)],
    ) -> Eval<Value> {
        let object = self.settled(object.clone());
        if matches!(name, "includes" | "contains" | "__contains__")
            && let [item] = arguments
        {
            self.note_substring(frame, span, &object, item);
        }
        let found = match &object {
            Value::Variant(..) | Value::Instance(_)
                if name == "to_string" && frame.language() == Language::Rust =>
            {
                self.displayed(frame, span, &object)?
            }
            Value::Text(_) if name == "fmt" && matches!(arguments, [Value::Sequence(..)]) => {
                let into = arguments.first().cloned().unwrap_or(Value::None);
                return self.call_method(frame, span, &into, "write_str", std::slice::from_ref(&object), &[]);
            }
            Value::Text(text) => {
                let text = Rc::clone(text);
                self.text_method(frame, span, &text, name, arguments)?
            }
            Value::Sequence(kind, items) => {
                let (kind, items) = (*kind, Rc::clone(items));
                self.sequence_method(frame, span, kind, &items, name, arguments)?
            }
            Value::Map(entries) if super::schemas::is_marked(&entries.borrow()) => {
                let entries = Rc::clone(entries);
                self.schema_method(frame, span, &entries, name, arguments)?
            }
            Value::Map(entries) => {
                let entries = Rc::clone(entries);
                self.map_method(frame, span, &entries, name, arguments)?
            }
            Value::Environ => self.environ_method(frame, span, name, arguments, keywords)?,
            Value::Copy(copy) => {
                let copy = Rc::clone(copy);
                self.copy_method(frame, span, &copy, name, arguments)?
            }
            Value::Regex(regex) => {
                let regex = Rc::clone(regex);
                Self::regex_method(frame, &regex, name, arguments)
            }
            Value::Match(groups) => match_method(groups, name, arguments),
            Value::Integer(number) if name == "toString" => Some(Value::text(number.to_string())),
            Value::Variant(..) => self.variant_method(frame, span, &object, name, arguments)?,
            Value::Instance(_) if frame.language() == Language::Rust && SAME.contains(&name) => {
                Some(object.clone())
            }
            Value::Unknown(unknown) if unknown.is_text && SAME.contains(&name) => Some(object.clone()),
            _ => None,
        };
        if let Some(value) = found {
            return Ok(value);
        }
        if !matches!(object, Value::Text(_)) {
            self.time_passes();
        }
        let mut parts: Vec<&Value> = vec![&object];
        parts.extend(arguments);
        let is_text = GIVES_TEXT.contains(&name)
            && (object.as_text().is_some() || object.as_unknown().is_some_and(|unknown| unknown.is_text));
        if let Some(unknown) = self.derived(name, &parts, is_text) {
            return Ok(unknown);
        }
        if frame.language() == Language::Python && !matches!(object, Value::Method(_) | Value::External(_)) {
            let class = matches!(object, Value::Integer(_) | Value::Bool(_) | Value::Float(_));
            if class && is_text_method(name) {
                return Self::raise(frame, span, "AttributeError", name);
            }
        }
        Ok(self.unknown(frame, span, format!("`{name}` of {} is not followed", object.kind())))
    }

    fn environ_method(
        &mut self,
        frame: &Frame,
        span: Span,
        name: &str,
        arguments: &[Value],
        keywords: &[(String, Value)],
    ) -> Eval<Option<Value>> {
        match (name, arguments) {
            ("copy", []) => Ok(Some(self.copy_of_all())),
            ("get", _) => {
                let mut all = arguments.to_vec();
                all.extend(
                    keywords.iter().filter(|(name, _)| name == "default").map(|(_, value)| value.clone()),
                );
                Ok(Some(self.get_variable(frame, span, &all)))
            }
            ("setdefault", [Value::Text(name), value]) => {
                let name = name.to_string();
                if !self.is_set(frame, span, &name) {
                    self.put(Slot::Variable(name.clone()), value.clone());
                }
                Ok(Some(self.read_variable(frame, span, &name)))
            }
            ("pop", [Value::Text(name), rest @ ..]) => {
                let name = name.to_string();
                if !self.is_set(frame, span, &name) && rest.is_empty() {
                    return Self::raise(frame, span, "KeyError", &name);
                }
                let value = self.read_or(frame, span, &name, rest.first().unwrap_or(&Value::None));
                self.put(Slot::Variable(name), Value::Absent);
                Ok(Some(value))
            }
            ("update", [Value::Map(entries)]) => {
                for (key, value) in self.entries_of(entries) {
                    match key.as_text() {
                        Some(name) => self.put(Slot::Variable(name.to_owned()), value),
                        None => self.any_variable(frame, span)?,
                    }
                }
                Ok(Some(Value::None))
            }
            ("update", []) => {
                for (name, value) in keywords {
                    self.put(Slot::Variable(name.clone()), value.clone());
                }
                Ok(Some(Value::None))
            }
            ("update" | "setdefault" | "pop" | "popitem" | "clear", _) => {
                self.any_variable(frame, span).map(|()| None)
            }
            ("hasOwnProperty", [Value::Text(name)]) => {
                let name = name.to_string();
                Ok(Some(Value::Bool(self.is_set(frame, span, &name))))
            }
            _ => Ok(None),
        }
    }

    fn map_method(
        &mut self,
        frame: &Frame,
        span: Span,
        entries: &Rc<std::cell::RefCell<Vec<(Value, Value)>>>,
        name: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        let pair = |(key, value): &(Value, Value)| {
            Value::sequence(SequenceKind::Tuple, vec![key.clone(), value.clone()])
        };
        Ok(Some(match (name, arguments) {
            ("get", [key, rest @ ..]) => {
                let known = entries.borrow().clone();
                for (other, value) in known {
                    if self.equal(frame, key, &other)
                        && let Some(value) = self.present(value)
                    {
                        return Ok(Some(value));
                    }
                }
                rest.first().cloned().unwrap_or_else(|| Value::nothing(frame.language()))
            }
            ("keys", []) => Value::list(self.entries_of(entries).into_iter().map(|(key, _)| key).collect()),
            ("values", []) => {
                let all = self.read_entries(frame, span, entries)?;
                Value::list(all.into_iter().map(|(_, value)| value).collect())
            }
            ("items" | "entries", []) => {
                Value::list(self.read_entries(frame, span, entries)?.iter().map(pair).collect())
            }
            ("copy", []) => Value::map(self.entries_of(entries)),
            ("clear", []) => {
                self.touch(Slot::Entries(Rc::clone(entries)));
                entries.borrow_mut().clear();
                Value::None
            }
            ("has" | "hasOwnProperty", [key]) => {
                let object = Value::Map(Rc::clone(entries));
                Value::Bool(self.contains(frame, span, &object, key)?)
            }
            ("set", [key, value]) => {
                self.touch(Slot::Entries(Rc::clone(entries)));
                put(&mut entries.borrow_mut(), key.clone(), value.clone());
                Value::Map(Rc::clone(entries))
            }
            ("setdefault", [key, value]) => {
                let object = Value::Map(Rc::clone(entries));
                if !self.contains(frame, span, &object, key)? {
                    self.touch(Slot::Entries(Rc::clone(entries)));
                    put(&mut entries.borrow_mut(), key.clone(), value.clone());
                }
                self.index(frame, span, &object, key)?
            }
            ("update", [Value::Unknown(unknown)]) => {
                if self.decide(unknown, "has items") {
                    return Err(Flow::Stop(Rc::clone(unknown)));
                }
                Value::None
            }
            ("update", [Value::Map(other)]) => {
                let other = self.entries_of(other);
                self.touch(Slot::Entries(Rc::clone(entries)));
                let mut entries = entries.borrow_mut();
                for (key, value) in other {
                    put(&mut entries, key, value);
                }
                Value::None
            }
            ("pop", [key, rest @ ..]) => {
                let removed = self.remove_item(&Value::Map(Rc::clone(entries)), key);
                match removed.or_else(|| rest.first().cloned()) {
                    Some(value) => value,
                    None => return Self::raise(frame, span, "KeyError", ""),
                }
            }
            _ => return Ok(None),
        }))
    }

    /// Methods of a sequence that call a function with each item.
    fn each_method(
        &mut self,
        frame: &Frame,
        span: Span,
        items: Vec<Value>,
        name: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        Ok(Some(match (name, arguments) {
            ("some" | "any", [test]) => {
                for item in items {
                    let value = self.call(frame, span, test.clone(), vec![item], Vec::new())?;
                    if self.truth(frame, &value) {
                        return Ok(Some(Value::Bool(true)));
                    }
                }
                Value::Bool(false)
            }
            ("every" | "all", [test]) => {
                for item in items {
                    let value = self.call(frame, span, test.clone(), vec![item], Vec::new())?;
                    if !self.truth(frame, &value) {
                        return Ok(Some(Value::Bool(false)));
                    }
                }
                Value::Bool(true)
            }
            ("find", [test]) => {
                for item in items {
                    let value = self.call(frame, span, test.clone(), vec![item.clone()], Vec::new())?;
                    if self.truth(frame, &value) {
                        return Ok(Some(item));
                    }
                }
                Value::Undefined
            }
            ("filter", [test]) => {
                let mut kept = Vec::new();
                for item in items {
                    let value = self.call(frame, span, test.clone(), vec![item.clone()], Vec::new())?;
                    if self.truth(frame, &value) {
                        kept.push(item);
                    }
                }
                Value::list(kept)
            }
            ("forEach", [done]) => {
                for item in items {
                    self.call(frame, span, done.clone(), vec![item], Vec::new())?;
                }
                Value::Undefined
            }
            ("map", [made]) => {
                let mut values = Vec::new();
                for item in items {
                    values.push(self.call(frame, span, made.clone(), vec![item], Vec::new())?);
                }
                Value::list(values)
            }
            _ => return Ok(None),
        }))
    }

    fn sequence_method(
        &mut self,
        frame: &Frame,
        span: Span,
        kind: SequenceKind,
        items: &Rc<std::cell::RefCell<Vec<Value>>>,
        name: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        let all = || items.borrow().clone();
        Ok(Some(match (name, arguments) {
            ("write_str" | "write_fmt" | "pad", [item]) if frame.language() == Language::Rust => {
                self.touch(Slot::Items(Rc::clone(items)));
                items.borrow_mut().push(item.clone());
                Value::variant("Ok", vec![Value::None])
            }
            ("append" | "push", [item]) => {
                self.touch(Slot::Items(Rc::clone(items)));
                items.borrow_mut().push(item.clone());
                Value::None
            }
            ("add", [item]) => {
                let object = Value::Sequence(kind, Rc::clone(items));
                if !self.contains(frame, span, &object, item)? {
                    self.touch(Slot::Items(Rc::clone(items)));
                    items.borrow_mut().push(item.clone());
                }
                Value::None
            }
            ("extend", [more]) => {
                match self.items(frame, span, more)? {
                    Ok(more) => {
                        self.touch(Slot::Items(Rc::clone(items)));
                        items.borrow_mut().extend(more);
                    }
                    Err(unknown) => self.extend_by_some(items, &unknown),
                }
                Value::None
            }
            ("clear", []) => {
                self.touch(Slot::Items(Rc::clone(items)));
                items.borrow_mut().clear();
                Value::None
            }
            ("copy", []) => Value::sequence(kind, all()),
            ("index" | "indexOf", [item]) => {
                for (at, other) in all().iter().enumerate() {
                    if self.equal(frame, item, other) {
                        return Ok(Some(whole(at)));
                    }
                }
                if name == "indexOf" {
                    Value::Integer(-1)
                } else {
                    return Self::raise(frame, span, "ValueError", "no such item");
                }
            }
            ("count", [item]) => {
                let mut count = 0;
                for other in &all() {
                    count += usize::from(self.equal(frame, item, other));
                }
                whole(count)
            }
            ("includes" | "has" | "contains" | "__contains__", [item]) => {
                let object = Value::Sequence(kind, Rc::clone(items));
                Value::Bool(self.contains(frame, span, &object, item)?)
            }
            ("join", [Value::Text(by)]) => {
                let texts: Option<Vec<String>> =
                    all().iter().map(|item| item.as_text().map(str::to_owned)).collect();
                match texts {
                    Some(texts) => Value::text(texts.join(by)),
                    None => return Ok(None),
                }
            }
            ("iter" | "into_iter" | "to_vec" | "as_slice" | "iter_mut", []) => {
                Value::Sequence(kind, Rc::clone(items))
            }
            ("union", [Value::Sequence(_, other)]) => {
                let both = all().into_iter().chain(other.borrow().iter().cloned()).collect();
                Self::sequence_of(SequenceKind::Set, both)
            }
            _ => return self.each_method(frame, span, all(), name, arguments),
        }))
    }
}

fn is_text_method(name: &str) -> bool {
    matches!(name, "lower" | "upper" | "strip" | "startswith" | "endswith" | "split" | "replace")
}

fn match_method(groups: &[Option<String>], name: &str, arguments: &[Value]) -> Option<Value> {
    let group = |at: usize| groups.get(at).map(|group| group.clone().map_or(Value::None, Value::text));
    match (name, arguments) {
        ("group", []) => group(0),
        ("group", [Value::Integer(at)]) => group(usize::try_from(*at).ok()?),
        ("groups", []) => {
            let rest = (1..groups.len()).filter_map(group).collect();
            Some(Value::sequence(SequenceKind::Tuple, rest))
        }
        _ => None,
    }
}
