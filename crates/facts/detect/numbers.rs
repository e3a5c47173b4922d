//! Numbers of which the value is not known, and Python's functions of numbers.

use std::rc::Rc;

use source::Span;

use super::machine::{Eval, Machine};
use super::operators::number;
use super::scope::Frame;
use super::value::{Unknown, Value};

impl Machine<'_> {
    /// A number of which nothing is known.
    pub(super) fn unknown_number(&mut self, frame: &Frame, span: Span, reason: String) -> Value {
        as_number(self.unknown(frame, span, reason))
    }

    /// What an operation makes of numbers of which one is not known: a number.
    pub(super) fn derived_number(&self, operation: &str, parts: &[&Value]) -> Option<Value> {
        self.derived(operation, parts, false).map(as_number)
    }

    /// `int`, `abs`, `round`, `min`, `max` and `sum` of numbers; `None` where something else is asked.
    pub(super) fn python_number(
        &mut self,
        frame: &Frame,
        span: Span,
        function: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        let items = match (function, arguments) {
            ("int" | "abs" | "round", [value @ Value::Unknown(unknown)]) if unknown.is_number => {
                return Ok(self.derived_number(function, &[value]));
            }
            ("abs" | "round", [Value::Integer(number)]) => {
                let made = if function == "abs" { number.checked_abs() } else { Some(*number) };
                return Ok(made.map(Value::Integer));
            }
            ("abs", [Value::Float(number)]) => return Ok(Some(Value::Float(number.abs()))),
            ("min" | "max" | "sum", [items]) => match self.items(frame, span, items)? {
                Ok(items) => items,
                Err(_) => return Ok(None),
            },
            ("min" | "max", [_, _, ..]) => arguments.to_vec(),
            _ => return Ok(None),
        };
        let items: Vec<Value> = items.into_iter().map(|item| self.settled(item)).collect();
        if !items.iter().all(is_number) {
            return Ok(None);
        }
        if items.iter().any(|item| item.as_unknown().is_some()) {
            return Ok(self.derived_number(function, &items.iter().collect::<Vec<_>>()));
        }
        if function != "sum" {
            return Ok(extreme(&items, function == "min"));
        }
        let whole = items.iter().try_fold(0i64, |sum, item| match item {
            Value::Integer(number) => sum.checked_add(*number),
            Value::Bool(value) => sum.checked_add(i64::from(*value)),
            _ => None,
        });
        Ok(whole.map(Value::Integer))
    }
}

/// Whether a value is a number, known or not.
pub(super) fn is_number(value: &Value) -> bool {
    number(value).is_some_and(f64::is_finite) || value.as_unknown().is_some_and(|unknown| unknown.is_number)
}

/// The first of the smallest or largest values.
fn extreme(items: &[Value], is_least: bool) -> Option<Value> {
    let mut found: Option<(f64, &Value)> = None;
    for item in items {
        let value = number(item)?;
        if found.is_none_or(|(known, _)| if is_least { value < known } else { value > known }) {
            found = Some((value, item));
        }
    }
    found.map(|(_, item)| item.clone())
}

/// A value of which nothing else is known as a number.
fn as_number(value: Value) -> Value {
    match &value {
        Value::Unknown(unknown) => {
            Value::Unknown(Rc::new(Unknown { is_number: true, ..(**unknown).clone() }))
        }
        _ => value,
    }
}
