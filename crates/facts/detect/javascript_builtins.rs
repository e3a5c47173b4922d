//! Functions of JavaScript's own.

use std::rc::Rc;

use source::Span;
use syntax::decision::SequenceKind;

use super::expressions::put;
use super::journal::Slot;
use super::machine::{Eval, Machine};
use super::scope::Frame;
use super::value::Value;

impl Machine<'_> {
    pub(super) fn javascript_function(
        &mut self,
        frame: &Frame,
        span: Span,
        name: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        if let Some(made) = self.schema_function(frame, span, name, arguments) {
            return Ok(Some(made));
        }
        Ok(Some(match (name, arguments) {
            ("Boolean", [value]) => Value::Bool(self.truth(frame, value)),
            ("String", [value]) => self.text_of(frame, span, value)?,
            ("Number" | "parseInt" | "Number.parseInt", [Value::Text(text), ..]) => match text.trim().parse()
            {
                Ok(number) => Value::Integer(number),
                Err(_) => return Ok(None),
            },
            ("Object.freeze" | "Object.seal", [value]) => value.clone(),
            ("Object.keys" | "Object.values" | "Object.entries", [object @ Value::Map(_)]) => {
                let method = name.rsplit('.').next().unwrap_or(name);
                let method = if method == "entries" { "items" } else { method };
                self.call_method(frame, span, object, method, &[], &[])?
            }
            ("Set", [Value::Sequence(_, items)]) => {
                Self::sequence_of(SequenceKind::Set, items.borrow().clone())
            }
            ("Map", [Value::Sequence(_, items)]) => {
                let pairs = items.borrow().clone();
                let mut entries = Vec::new();
                for pair in &pairs {
                    match pair {
                        Value::Sequence(_, pair) => {
                            let pair = pair.borrow();
                            let (Some(key), Some(value)) = (pair.first(), pair.get(1)) else {
                                return Ok(None);
                            };
                            put(&mut entries, key.clone(), value.clone());
                        }
                        _ => return Ok(None),
                    }
                }
                Value::map(entries)
            }
            ("Error" | "TypeError" | "RangeError", _) => {
                let message = arguments.first().cloned().unwrap_or_else(|| Value::text(""));
                Value::Exception(Rc::new((name.to_owned(), message)))
            }
            ("Array.isArray", [value]) => Value::Bool(matches!(value, Value::Sequence(..))),
            ("Object.assign", [Value::Environ, rest @ ..]) => {
                for other in rest {
                    let Value::Map(other) = other else {
                        self.any_variable(frame, span)?;
                        continue;
                    };
                    for (key, value) in self.read_entries(frame, span, other)? {
                        match key.as_text() {
                            Some(name) => self.put(Slot::Variable(name.to_owned()), value),
                            None => self.any_variable(frame, span)?,
                        }
                    }
                }
                Value::Environ
            }
            ("Object.assign", [Value::Map(first), rest @ ..]) => {
                for other in rest {
                    let Value::Map(other) = other else { return Ok(None) };
                    let other = self.read_entries(frame, span, other)?;
                    self.touch(Slot::Entries(Rc::clone(first)));
                    let mut first = first.borrow_mut();
                    for (key, value) in other {
                        put(&mut first, key, value);
                    }
                }
                Value::Map(Rc::clone(first))
            }
            _ => return Ok(None),
        }))
    }
}
