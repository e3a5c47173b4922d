//! Functions of Python's own.

use std::rc::Rc;

use source::Span;
use syntax::decision::SequenceKind;

use super::builtins::MAIN;
use super::expressions::put;
use super::journal::Slot;
use super::machine::{Eval, Machine};
use super::paths::is_path;
use super::rests::rest_of;
use super::scope::Frame;
use super::text::whole;
use super::value::Value;

impl Machine<'_> {
    /// A function of Python's own.
    pub(super) fn python_builtin(
        &mut self,
        frame: &Frame,
        span: Span,
        function: &str,
        arguments: &[Value],
        keywords: &[(String, Value)],
    ) -> Eval<Option<Value>> {
        if keywords.is_empty()
            && let Some(value) = self.python_number(frame, span, function, arguments)?
        {
            return Ok(Some(value));
        }
        if let Some(value) = self.python_conversion(frame, span, function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.python_iteration(frame, span, function, arguments)? {
            return Ok(Some(value));
        }
        self.python_object(frame, span, function, arguments, keywords)
    }

    /// Functions that make one value of another.
    fn python_conversion(
        &mut self,
        frame: &Frame,
        span: Span,
        function: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        Ok(Some(match (function, arguments) {
            ("str", []) => Value::text(""),
            ("str", [value]) => self.text_of(frame, span, value)?,
            ("bool", []) => Value::Bool(false),
            ("bool", [value]) => Value::Bool(self.truth(frame, value)),
            ("int", [Value::Integer(number)]) => Value::Integer(*number),
            ("int", [Value::Bool(value)]) => Value::Integer(i64::from(*value)),
            ("int", [Value::Text(text)]) => match text.trim().parse::<i64>() {
                Ok(number) => Value::Integer(number),
                Err(_) if text.contains('_') => return Ok(None),
                Err(_) => return Self::raise(frame, span, "ValueError", "no number"),
            },
            #[expect(clippy::cast_possible_truncation, reason = "as `int` does, between these bounds")]
            ("int", [Value::Float(number)]) if number.abs() < 1e15 => Value::Integer(number.trunc() as i64),
            ("int" | "float", [Value::None]) => return Self::raise(frame, span, "TypeError", "no number"),
            ("float", [number @ (Value::Integer(_) | Value::Float(_) | Value::Bool(_))]) => {
                return Ok(super::operators::number(number).map(Value::Float));
            }
            ("float", [Value::Text(text)]) => match text.trim().parse::<f64>() {
                Ok(number) => Value::Float(number),
                Err(_) => return Self::raise(frame, span, "ValueError", "no number"),
            },
            ("int", [value @ Value::Unknown(_)]) => {
                self.may_fail(frame, span, function)?;
                return Ok(self.derived_number(function, &[value]));
            }
            ("float", [value @ Value::Unknown(_)]) => {
                self.may_fail(frame, span, function)?;
                return Ok(self.derived(function, &[value], false));
            }
            ("len", [value @ Value::Unknown(_)]) => return Ok(self.derived_number(function, &[value])),
            ("len", [Value::Text(text)]) => whole(text.chars().count()),
            ("len", [value @ Value::Sequence(_, items)]) => match rest_of(items) {
                Some(_) => return Ok(self.derived_number(function, &[value])),
                None => whole(items.borrow().len()),
            },
            ("len", [Value::Map(entries)]) => whole(self.entries_of(entries).len()),
            _ => return Ok(None),
        }))
    }

    /// Functions that go through items.
    fn python_iteration(
        &mut self,
        frame: &Frame,
        span: Span,
        function: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        Ok(Some(match (function, arguments) {
            ("any" | "all", [items]) => {
                let wanted = function == "any";
                match self.items(frame, span, items)? {
                    Ok(items) => {
                        for item in &items {
                            if self.truth(frame, item) == wanted {
                                return Ok(Some(Value::Bool(wanted)));
                            }
                        }
                        Value::Bool(!wanted)
                    }
                    Err(unknown) => Value::Unknown(unknown),
                }
            }
            ("list" | "tuple" | "set" | "frozenset", []) => Value::sequence(kind_of(function), Vec::new()),
            ("list" | "tuple" | "set" | "frozenset" | "iter", [items]) => {
                match self.items(frame, span, items)? {
                    Ok(items) => Self::sequence_of(kind_of(function), items),
                    Err(unknown) => Value::Unknown(unknown),
                }
            }
            ("reversed", [Value::Sequence(kind, items)]) => {
                Value::sequence(*kind, items.borrow().iter().rev().cloned().collect())
            }
            ("enumerate", [items, start @ ..]) => {
                let first = match start {
                    [] => 0,
                    [Value::Integer(first)] => *first,
                    _ => return Ok(None),
                };
                match self.items(frame, span, items)? {
                    Ok(items) => Value::list(numbered(items, first)),
                    Err(unknown) => Value::Unknown(unknown),
                }
            }
            ("zip", [one, other]) => {
                let (one, other) = (self.items(frame, span, one)?, self.items(frame, span, other)?);
                match (one, other) {
                    (Ok(one), Ok(other)) => {
                        let pairs = one.into_iter().zip(other);
                        Value::list(
                            pairs
                                .map(|(one, other)| Value::sequence(SequenceKind::Tuple, vec![one, other]))
                                .collect(),
                        )
                    }
                    (Err(unknown), _) | (_, Err(unknown)) => Value::Unknown(unknown),
                }
            }
            ("range", [Value::Integer(end)]) if *end <= 200 => {
                Value::list((0..*end).map(Value::Integer).collect())
            }
            ("next", [items, rest @ ..]) => match self.items(frame, span, items)? {
                Ok(items) => match (items.into_iter().next(), rest.first()) {
                    (Some(item), _) => item,
                    (None, Some(default)) => default.clone(),
                    (None, None) => return Self::raise(frame, span, "StopIteration", ""),
                },
                Err(unknown) => Value::Unknown(unknown),
            },
            _ => return Ok(None),
        }))
    }

    /// Functions that ask objects, and those that take names.
    fn python_object(
        &mut self,
        frame: &Frame,
        span: Span,
        function: &str,
        arguments: &[Value],
        keywords: &[(String, Value)],
    ) -> Eval<Option<Value>> {
        Ok(Some(match (function, arguments) {
            ("sorted", [items]) if keywords.is_empty() => return self.sorted(frame, span, items),
            ("dict", []) => {
                let entries = keywords.iter().map(|(name, value)| (Value::text(name), value.clone()));
                Value::map(entries.collect())
            }
            ("dict", [Value::Environ]) if keywords.is_empty() => self.copy_of_all(),
            ("dict", [Value::Copy(copy)]) if keywords.is_empty() => Self::copied(copy),
            ("dict", [Value::Map(entries)]) => {
                let mut made = self.entries_of(entries);
                for (name, value) in keywords {
                    put(&mut made, Value::text(name), value.clone());
                }
                Value::map(made)
            }
            ("print", _) => Value::None,
            ("isinstance", [value, class]) => return Ok(self.is_instance(value, class)),
            ("getattr", [object, Value::Text(name), rest @ ..]) => {
                let name = name.to_string();
                self.handlers += u32::from(!rest.is_empty());
                let found = self.member(frame, span, object.clone(), &name);
                self.handlers -= u32::from(!rest.is_empty());
                match (found, rest.first()) {
                    (Err(super::machine::Flow::Raise(raised)), Some(default))
                        if raised.classes.iter().any(|class| class == "AttributeError") =>
                    {
                        default.clone()
                    }
                    (found, _) => found?,
                }
            }
            ("hasattr", [object, Value::Text(name)]) => {
                let name = name.to_string();
                return self.has_attribute(frame, span, object, &name);
            }
            ("setattr", [Value::Instance(instance), Value::Text(name), value]) => {
                self.put(Slot::Field(Rc::clone(instance), name.to_string()), value.clone());
                Value::None
            }
            ("callable", [value]) => match value {
                Value::Function(_) | Value::Class(_) | Value::Method(_) => Value::Bool(true),
                Value::Text(_) | Value::None | Value::Bool(_) | Value::Integer(_) => Value::Bool(false),
                _ => return Ok(None),
            },
            ("map" | "filter", [made_by, items]) => self.mapped(frame, span, function, made_by, items)?,
            ("type", [Value::Instance(instance)]) => Value::Class(Rc::clone(&instance.class)),
            ("id", _) => Value::Integer(0),
            ("ord", [Value::Text(text)]) => match text.chars().next() {
                Some(letter) if text.chars().count() == 1 => Value::Integer(i64::from(u32::from(letter))),
                _ => return Self::raise(frame, span, "TypeError", "not one character"),
            },
            ("object", []) => Value::external("$object"),
            _ => return Ok(None),
        }))
    }

    /// `map` and `filter`.
    fn mapped(
        &mut self,
        frame: &Frame,
        span: Span,
        function: &str,
        made_by: &Value,
        items: &Value,
    ) -> Eval<Value> {
        let items = match self.items(frame, span, items)? {
            Ok(items) => items,
            Err(unknown) => return Ok(Value::Unknown(unknown)),
        };
        let mut made = Vec::new();
        for item in items {
            let value = self.call(frame, span, made_by.clone(), vec![item.clone()], Vec::new())?;
            if function == "map" {
                made.push(value);
            } else if self.truth(frame, &value) {
                made.push(item);
            }
        }
        Ok(Value::list(made))
    }

    fn sorted(&mut self, frame: &Frame, span: Span, items: &Value) -> Eval<Option<Value>> {
        let Ok(items) = self.items(frame, span, items)? else { return Ok(None) };
        let texts: Option<Vec<String>> = items.iter().map(|item| item.as_text().map(str::to_owned)).collect();
        Ok(texts.map(|mut texts| {
            texts.sort();
            Value::list(texts.into_iter().map(Value::text).collect())
        }))
    }

    fn is_instance(&self, value: &Value, class: &Value) -> Option<Value> {
        let classes = match class {
            Value::Sequence(_, items) => items.borrow().clone(),
            one => vec![one.clone()],
        };
        let mut all_known = true;
        for class in &classes {
            match is_of(value, class) {
                Some(true) => return Some(Value::Bool(true)),
                Some(false) => {}
                None => all_known = false,
            }
        }
        if all_known {
            return Some(Value::Bool(false));
        }
        self.derived("isinstance", &[value], false)
    }

    fn has_attribute(
        &mut self,
        frame: &Frame,
        span: Span,
        object: &Value,
        name: &str,
    ) -> Eval<Option<Value>> {
        if matches!(object, Value::External(_) | Value::Unknown(_) | Value::Package(_)) {
            let reason = format!("whether this has `{name}` is not known");
            let unknown = match object {
                // How a program was started does not change.
                Value::External(main) if &**main == MAIN && name == "__file__" => {
                    self.unknown_of_process(frame, span, reason, ("main has file", &[]))
                }
                _ => self.unknown(frame, span, reason),
            };
            return Ok(Some(Value::Bool(self.truth(frame, &unknown))));
        }
        if let (Value::Instance(_), "__dict__" | "__class__") = (object, name) {
            return Ok(Some(Value::Bool(true)));
        }
        if let Value::Module(module) = object {
            let module = Rc::clone(module);
            return Ok(Some(Value::Bool(self.global(&module, name)?.is_some())));
        }
        let has_no_fields =
            matches!(object, Value::Map(_) | Value::Sequence(..) | Value::Integer(_) | Value::None);
        if matches!(object, Value::Text(_)) || name == "__dict__" && has_no_fields {
            return Ok(Some(Value::Bool(false)));
        }
        match self.member(frame, span, object.clone(), name) {
            Ok(Value::Unknown(unknown)) => Ok(Some(Value::Bool(self.decide(&unknown, "is there")))),
            Ok(_) => Ok(Some(Value::Bool(true))),
            Err(super::machine::Flow::Raise(_)) => Ok(Some(Value::Bool(false))),
            Err(flow) => Err(flow),
        }
    }
}

fn is_of(value: &Value, class: &Value) -> Option<bool> {
    let Value::External(name) = class else {
        return match (value, class) {
            (Value::Instance(instance), Value::Class(class)) => Some(inherits(&instance.class, class)),
            (Value::Unknown(unknown), Value::Class(_)) if !unknown.is_text => None,
            (_, Value::Class(_)) => Some(false),
            _ => None,
        };
    };
    let name = name.strip_prefix("builtins.")?;
    match (value, name) {
        (Value::Unknown(unknown), "str") if unknown.is_text => Some(true),
        (Value::Unknown(unknown), _) if unknown.is_text => Some(false),
        (path @ Value::External(_), _) if is_path(path) => Some(false),
        (Value::Unknown(_) | Value::External(_), _) => None,
        (Value::Text(_), "str")
        | (Value::Bool(_), "bool" | "int")
        | (Value::Integer(_), "int")
        | (Value::Float(_), "float")
        | (Value::Map(_), "dict") => Some(true),
        (Value::Sequence(kind, _), "list") => Some(*kind == SequenceKind::List),
        (Value::Sequence(kind, _), "tuple") => Some(*kind == SequenceKind::Tuple),
        (Value::Sequence(kind, _), "set") => Some(*kind == SequenceKind::Set),
        (Value::Instance(instance), "str") => Some(Machine::is_text_enumeration(&instance.class)),
        (_, "str" | "bool" | "int" | "float" | "dict" | "list" | "tuple" | "set") => Some(false),
        _ => None,
    }
}

/// Each item behind its number.
fn numbered(items: Vec<Value>, first: i64) -> Vec<Value> {
    let pairs = (first..).zip(items);
    pairs.map(|(at, item)| Value::sequence(SequenceKind::Tuple, vec![Value::Integer(at), item])).collect()
}

fn inherits(class: &Rc<super::value::Class>, from: &Rc<super::value::Class>) -> bool {
    Rc::ptr_eq(class, from)
        || class.bases.iter().any(|base| matches!(base, Value::Class(base) if inherits(base, from)))
}

fn kind_of(function: &str) -> SequenceKind {
    match function {
        "tuple" => SequenceKind::Tuple,
        "set" | "frozenset" => SequenceKind::Set,
        _ => SequenceKind::List,
    }
}
