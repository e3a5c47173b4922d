//! Calls: what is called, and how its parameters get their values.

use std::cell::RefCell;
use std::rc::Rc;

use source::Span;
use syntax::decision::{Language, ParameterKind, SequenceKind};

use super::files::is_file;
use super::journal::{Entries, Slot};
use super::machine::{Eval, Machine};
use super::rests::rest_of;
use super::schemas;
use super::scope::Frame;
use super::value::{ClassKind, Closure, Unknown, Value};

impl Machine<'_> {
    /// Calls a value.
    #[expect(clippy::needless_pass_by_value, reason = "a call takes what it is given")]
    pub(super) fn call(
        &mut self,
        frame: &Frame,
        span: Span,
        callee: Value,
        arguments: Vec<Value>,
        keywords: Vec<(String, Value)>,
    ) -> Eval<Value> {
        match &callee {
            Value::Function(closure) => self.call_closure(frame, span, closure, arguments, keywords),
            Value::Class(class) => {
                let class = Rc::clone(class);
                let (arguments, keywords) = match class.kind {
                    ClassKind::Plain => (arguments, keywords),
                    _ => self.all_settled(arguments, keywords),
                };
                self.deeper(frame, span, |machine| {
                    machine.instantiate(frame, span, &class, arguments, keywords)
                })
            }
            Value::External(name) => self.call_external(frame, span, name, arguments, &keywords),
            Value::Method(method) => {
                let (object, name) = &**method;
                let arguments = match object {
                    Value::Environ => arguments,
                    _ => arguments.into_iter().map(|value| self.settled(value)).collect(),
                };
                self.call_method(frame, span, object, name, &arguments, &keywords)
            }
            Value::Instance(instance) => match Self::member_of_class(&instance.class, "__call__") {
                Some(method) => {
                    let method = Self::bound(method, &callee);
                    self.call(frame, span, method, arguments, keywords)
                }
                None => Ok(self.unknown(frame, span, "a call of an object is not followed")),
            },
            Value::Unknown(_) => {
                self.time_passes();
                self.may_fail(frame, span, "a function that is not known")?;
                let mut parts: Vec<&Value> = vec![&callee];
                parts.extend(arguments.iter());
                let derived = self.derived("call", &parts, false);
                Ok(derived.unwrap_or(Value::None))
            }
            Value::None | Value::Undefined => Self::raise(frame, span, "TypeError", "nothing was called"),
            Value::Variant(name, values) if values.is_empty() => Ok(Value::variant(name, arguments)),
            other => {
                let reason = format!("a call of {} is not followed", other.kind());
                Ok(self.unknown(frame, span, reason))
            }
        }
    }

    /// Arguments to be looked at.
    pub(super) fn all_settled(
        &mut self,
        arguments: Vec<Value>,
        keywords: Vec<(String, Value)>,
    ) -> (Vec<Value>, Vec<(String, Value)>) {
        let arguments = arguments.into_iter().map(|value| self.settled(value)).collect();
        let keywords = keywords.into_iter().map(|(name, value)| (name, self.settled(value))).collect();
        (arguments, keywords)
    }

    /// Gives each parameter its argument or default. An unknown where they do not fit.
    pub(super) fn bind_arguments(
        &mut self,
        inner: &Frame,
        closure: &Rc<Closure>,
        span: Span,
        arguments: Vec<Value>,
        mut keywords: Vec<(String, Value)>,
    ) -> Eval<Result<(), Value>> {
        let receiver = closure.receiver.clone().filter(|_| closure.takes_receiver());
        let mut positional = receiver.into_iter().chain(arguments);
        let Some(scope) = inner.scope.clone() else { return Ok(Ok(())) };
        for parameter in &closure.function.parameters {
            let named = |keywords: &mut Vec<(String, Value)>| {
                let at = keywords.iter().position(|(name, _)| *name == parameter.name)?;
                Some(keywords.remove(at).1)
            };
            let given = match parameter.kind {
                ParameterKind::Plain => positional.next().or_else(|| named(&mut keywords)),
                ParameterKind::Named => named(&mut keywords),
                ParameterKind::Rest => {
                    let kind = match inner.language() {
                        Language::Python => SequenceKind::Tuple,
                        Language::JavaScript | Language::Rust => SequenceKind::List,
                    };
                    Some(Value::sequence(kind, positional.by_ref().collect()))
                }
                ParameterKind::NamedRest => {
                    let rest = std::mem::take(&mut keywords);
                    Some(Value::map(
                        rest.into_iter().map(|(name, value)| (Value::text(name), value)).collect(),
                    ))
                }
            };
            let given = match inner.language() {
                Language::JavaScript if parameter.default.is_some() => given.map(|value| self.settled(value)),
                _ => given,
            };
            let missing = match &given {
                None => true,
                Some(value) => inner.language() == Language::JavaScript && matches!(value, Value::Undefined),
            };
            let value = match (given, &parameter.default) {
                (_, Some(default)) if missing => {
                    let around = Frame { scope: closure.scope.clone(), ..inner.clone() };
                    // A parameter of JavaScript sees those before it; one of Python what is around the function.
                    let home = if inner.language() == Language::Python { &around } else { inner };
                    self.handed(home, default)?
                }
                (Some(value), _) => value,
                (None, _) if inner.language() == Language::JavaScript => Value::Undefined,
                (None, _) => {
                    return Self::raise(inner, span, "TypeError", "a call without a needed argument").map(Ok);
                }
            };
            match &parameter.target {
                Some(target) => self.assign_here(inner, target, value)?,
                None => {
                    self.put(Slot::Name(Rc::clone(&scope), parameter.name.clone()), value);
                }
            }
        }
        if inner.language() == Language::Python && (positional.next().is_some() || !keywords.is_empty()) {
            return Self::raise(inner, span, "TypeError", "a call with too many arguments").map(Ok);
        }
        Ok(Ok(()))
    }

    /// The items of a value that is iterated over; what keeps them from being known.
    pub(super) fn items(
        &mut self,
        frame: &Frame,
        span: Span,
        value: &Value,
    ) -> Eval<Result<Vec<Value>, Rc<Unknown>>> {
        Ok(Ok(match self.settled(value.clone()) {
            Value::Sequence(_, items) => match rest_of(&items) {
                Some(rest) => return Ok(Err(rest)),
                None => items.borrow().clone(),
            },
            Value::Map(entries) if frame.language() == Language::Python => {
                self.entries_of(&entries).into_iter().map(|(key, _)| key).collect()
            }
            Value::Text(text) => text.chars().map(|letter| Value::text(letter.to_string())).collect(),
            Value::Class(class) if !class.order.borrow().is_empty() => {
                let members = class.members.borrow();
                class.order.borrow().iter().filter_map(|name| members.get(name).cloned()).collect()
            }
            Value::None | Value::Undefined => {
                return Self::raise(frame, span, "TypeError", "nothing has no items");
            }
            Value::Unknown(unknown) => return Ok(Err(unknown)),
            file if is_file(&file) => self.file_items(&file).unwrap_or_default(),
            other => {
                let reason = format!("the items of {} are not followed", other.kind());
                return Ok(match self.unknown(frame, span, reason) {
                    Value::Unknown(unknown) => Err(unknown),
                    _ => Ok(Vec::new()),
                });
            }
        }))
    }

    /// `object[index]`.
    pub(super) fn index(&mut self, frame: &Frame, span: Span, object: &Value, index: &Value) -> Eval<Value> {
        let (object, index) = (self.settled(object.clone()), self.settled(index.clone()));
        match (&object, &index) {
            (Value::Environ, Value::Text(name)) => {
                let name = name.to_string();
                if frame.language() == Language::JavaScript {
                    return Ok(self.read_variable(frame, span, &name));
                }
                if self.is_set(frame, span, &name) {
                    return Ok(self.read_variable(frame, span, &name));
                }
                Self::raise(frame, span, "KeyError", &name)
            }
            (Value::Copy(copy), Value::Text(name)) => match self.in_copy(frame, span, copy, name) {
                Some(value) => Ok(value),
                None => Self::raise(frame, span, "KeyError", name),
            },
            (Value::Map(entries), key) if schemas::is_marked(&entries.borrow()) => {
                let entries = Rc::clone(entries);
                self.parsed_field(frame, span, &entries, key)
            }
            (Value::Map(entries), key) => {
                let found = self.entry(frame, span, entries, key)?;
                self.of_object(frame, span, &object, found)
            }
            (Value::Sequence(_, items), Value::Integer(at)) => {
                if let Some(rest) = rest_of(items) {
                    self.may_fail(frame, span, "an index")?;
                    let derived = self.derived("[]", &[&Value::Unknown(rest), &index], false);
                    return Ok(derived.unwrap_or(Value::None));
                }
                let items = items.borrow();
                let found = position(*at, items.len(), frame).and_then(|at| items.get(at).cloned());
                drop(items);
                match found {
                    Some(item) => Ok(item),
                    None if frame.language() == Language::JavaScript => Ok(Value::Undefined),
                    None => Self::raise(frame, span, "IndexError", "no such item"),
                }
            }
            (Value::Text(text), Value::Integer(at)) => {
                let letters: Vec<char> = text.chars().collect();
                match position(*at, letters.len(), frame).and_then(|at| letters.get(at)) {
                    Some(letter) => Ok(Value::text(letter.to_string())),
                    None if frame.language() == Language::JavaScript => Ok(Value::Undefined),
                    None => Self::raise(frame, span, "IndexError", "no such character"),
                }
            }
            (Value::Class(class), Value::Text(name)) if !class.order.borrow().is_empty() => {
                let member = class.members.borrow().get(&**name).cloned();
                match member {
                    Some(member) => Ok(member),
                    None => Self::raise(frame, span, "KeyError", name),
                }
            }
            (Value::Match(groups), Value::Integer(at)) => {
                let group = usize::try_from(*at).ok().and_then(|at| groups.get(at).cloned());
                Ok(group.flatten().map_or(Value::None, Value::text))
            }
            (Value::External(name), _) if name.starts_with("typing.") || name.starts_with("builtins.") => {
                Ok(object.clone())
            }
            (Value::Unknown(_), _) | (_, Value::Unknown(_)) => {
                self.may_fail(frame, span, "an index")?;
                let derived = self.derived("[]", &[&object, &index], false);
                Ok(derived.unwrap_or(Value::None))
            }
            (Value::None | Value::Undefined, _) => {
                Self::raise(frame, span, "TypeError", "nothing has no items")
            }
            (Value::Module(_) | Value::Instance(_), Value::Text(name))
                if frame.language() == Language::JavaScript =>
            {
                let name = name.to_string();
                self.member(frame, span, object.clone(), &name)
            }
            _ => {
                let reason = format!("an item of {} is not followed", object.kind());
                Ok(self.unknown(frame, span, reason))
            }
        }
    }

    /// The entry of a dictionary with this key.
    fn entry(
        &mut self,
        frame: &Frame,
        span: Span,
        entries: &Rc<RefCell<Entries>>,
        key: &Value,
    ) -> Eval<Value> {
        let found = if key.is_known() { by_text(&entries.borrow(), key) } else { None };
        if let Some(value) = found.and_then(|value| self.present(value)) {
            return Ok(value);
        }
        let entries = entries.borrow().clone();
        for (other, value) in entries {
            if self.equal(frame, &other, key)
                && let Some(value) = self.present(value)
            {
                return Ok(value);
            }
        }
        match frame.language() {
            Language::Python => Self::raise(frame, span, "KeyError", key.as_text().unwrap_or("")),
            Language::JavaScript | Language::Rust => Ok(Value::Undefined),
        }
    }

    pub(super) fn slice(
        &mut self,
        frame: &Frame,
        span: Span,
        object: &Value,
        start: Option<Value>,
        end: Option<Value>,
    ) -> Value {
        let object = self.settled(object.clone());
        let bound = |value: &Option<Value>, length: usize, absent: usize| match value {
            None | Some(Value::None | Value::Undefined) => Some(absent),
            Some(Value::Integer(at)) => Some(clamped(*at, length)),
            Some(_) => None,
        };
        match &object {
            Value::Text(text) => {
                let letters: Vec<char> = text.chars().collect();
                let (from, to) = (bound(&start, letters.len(), 0), bound(&end, letters.len(), letters.len()));
                if let (Some(from), Some(to)) = (from, to) {
                    return Value::text(
                        letters.get(from..to.max(from)).unwrap_or(&[]).iter().collect::<String>(),
                    );
                }
            }
            Value::Sequence(kind, items) => {
                let items = items.borrow();
                let (from, to) = (bound(&start, items.len(), 0), bound(&end, items.len(), items.len()));
                if let (Some(from), Some(to)) = (from, to) {
                    return Value::sequence(*kind, items.get(from..to.max(from)).unwrap_or(&[]).to_vec());
                }
            }
            _ => {}
        }
        let is_text = object.as_unknown().is_some_and(|unknown| unknown.is_text);
        let (start, end) = (start.unwrap_or(Value::None), end.unwrap_or(Value::None));
        let derived = self.derived("[:]", &[&object, &start, &end], is_text);
        derived.unwrap_or_else(|| self.unknown(frame, span, "a part of this is not followed"))
    }

    /// The text that a value is written as.
    pub(super) fn text_of(&mut self, frame: &Frame, span: Span, value: &Value) -> Eval<Value> {
        let python = frame.language() != Language::JavaScript;
        let value = &self.settled(value.clone());
        if frame.language() == Language::Rust
            && let Some(text) = self.displayed(frame, span, value)?
        {
            return Ok(text);
        }
        Ok(match value.clone() {
            Value::Text(text) => Value::Text(text),
            Value::None if python => Value::text("None"),
            Value::None => Value::text("null"),
            Value::Undefined => Value::text("undefined"),
            Value::Bool(true) => Value::text(if python { "True" } else { "true" }),
            Value::Bool(false) => Value::text(if python { "False" } else { "false" }),
            Value::Integer(number) => Value::text(number.to_string()),
            Value::Exception(exception) => exception.1.clone(),
            Value::Instance(instance) => match Self::member_of_class(&instance.class, "__str__") {
                Some(method) => {
                    let method = Self::bound(method, value);
                    self.call(frame, span, method, Vec::new(), Vec::new())?
                }
                None if Self::is_text_of_its_value(&instance.class) => {
                    Self::enumerated(value).unwrap_or(Value::None)
                }
                None => match Self::enumerated(value) {
                    Some(_) => {
                        let name = instance.fields.borrow().get("name").cloned().unwrap_or(Value::None);
                        Value::text(format!("{}.{}", instance.class.name, name.as_text().unwrap_or("")))
                    }
                    None => self.unknown(frame, span, "the text of an object is not followed"),
                },
            },
            Value::Unknown(unknown) if unknown.is_text => Value::Unknown(unknown),
            other => match self.derived("text", &[&other], true) {
                Some(text) => text,
                None => self.unknown(frame, span, format!("the text of {} is not followed", other.kind())),
            },
        })
    }

    /// `StrEnum`, whose members are written as their values.
    fn is_text_of_its_value(class: &super::value::Class) -> bool {
        class.bases.iter().any(|base| match base {
            Value::External(name) => &**name == "enum.StrEnum",
            Value::Class(base) => Self::is_text_of_its_value(base),
            _ => false,
        })
    }

    pub(super) fn type_of(&mut self, value: &Value) -> Value {
        Value::text(match self.settled(value.clone()) {
            Value::Undefined => "undefined",
            Value::Bool(_) => "boolean",
            Value::Integer(_) | Value::Float(_) => "number",
            Value::Text(_) => "string",
            Value::Function(_) | Value::Method(_) | Value::Class(_) => "function",
            Value::External(name) if is_absent_on_a_server(&name) => "undefined",
            Value::Unknown(unknown) => {
                if unknown.is_text {
                    return Value::text("string");
                }
                return self.derived("typeof", &[value], true).unwrap_or(Value::None);
            }
            _ => "object",
        })
    }
}

/// The value of a key that is a text, where nothing but texts stands before it.
fn by_text(entries: &[(Value, Value)], key: &Value) -> Option<Value> {
    let key = key.as_text()?;
    let mut texts = entries.iter().map_while(|(other, value)| Some((other.as_text()?, value)));
    texts.find(|(other, _)| *other == key).map(|(_, value)| value.clone())
}

/// Objects that browsers have and servers do not.
pub(super) fn is_absent_on_a_server(name: &str) -> bool {
    matches!(name, "window" | "document" | "navigator" | "location" | "localStorage" | "self")
}

fn position(at: i64, length: usize, frame: &Frame) -> Option<usize> {
    if at >= 0 {
        return usize::try_from(at).ok();
    }
    if frame.language() == Language::JavaScript {
        return None;
    }
    usize::try_from(at.unsigned_abs()).ok().and_then(|back| length.checked_sub(back))
}

fn clamped(at: i64, length: usize) -> usize {
    let size = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
    if at >= 0 { size.min(length) } else { length.saturating_sub(size) }
}
