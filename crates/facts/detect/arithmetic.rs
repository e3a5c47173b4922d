//! Arithmetic.

use source::Span;
use syntax::decision::{Arithmetic, Language, SequenceKind};

use super::machine::{Eval, Machine};
use super::numbers::is_number;
use super::operators::number;
use super::paths::joined;
use super::scope::Frame;
use super::value::Value;

/// Characters that a text may grow to.
const MAX_TEXT: usize = 100_000;
/// Items that a sequence may grow to.
const MAX_ITEMS: usize = 5_000;

impl Machine<'_> {
    pub(super) fn arithmetic(
        &mut self,
        frame: &Frame,
        span: Span,
        operator: Arithmetic,
        left: Value,
        right: Value,
    ) -> Eval<Value> {
        let (left, right) = (self.settled(left), self.settled(right));
        if let Some(path) = joined(&left, &right).filter(|_| operator == Arithmetic::Divide) {
            return Ok(path);
        }
        let made = match (operator, &left, &right) {
            (Arithmetic::Add, Value::Text(one), Value::Text(other))
                if one.len() + other.len() <= MAX_TEXT =>
            {
                Some(Value::text(format!("{one}{other}")))
            }
            (Arithmetic::Add, Value::Text(_), other) | (Arithmetic::Add, other, Value::Text(_))
                if frame.language() == Language::JavaScript && other.is_known() =>
            {
                let (one, other) = (self.text_of(frame, span, &left)?, self.text_of(frame, span, &right)?);
                match (&one, &other) {
                    (Value::Text(one), Value::Text(other)) => Some(Value::text(format!("{one}{other}"))),
                    _ => None,
                }
            }
            (Arithmetic::Add, Value::Sequence(one, left), Value::Sequence(other, right)) if one == other => {
                let items: Vec<Value> = left.borrow().iter().chain(right.borrow().iter()).cloned().collect();
                (items.len() <= MAX_ITEMS).then(|| Value::sequence(*one, items))
            }
            (
                Arithmetic::Union,
                Value::Sequence(SequenceKind::Set, left),
                Value::Sequence(SequenceKind::Set, right),
            ) => {
                let items = left.borrow().iter().chain(right.borrow().iter()).cloned().collect();
                Some(Self::sequence_of(SequenceKind::Set, items))
            }
            (Arithmetic::Union, Value::Map(left), Value::Map(right)) => {
                let mut entries = self.entries_of(left);
                for (key, value) in self.entries_of(right) {
                    super::expressions::put(&mut entries, key, value);
                }
                Some(Value::map(entries))
            }
            (Arithmetic::Union, ..) | (Arithmetic::Modulo, Value::Text(_), _) => None,
            (Arithmetic::Divide, one, other) if number(one).is_some() && number(other).is_some() => {
                Self::divided(frame, span, one, other)?
            }
            (Arithmetic::Subtract, Value::Unknown(_), Value::Unknown(_)) => self.stood_still(&left, &right),
            (_, Value::Integer(one), Value::Integer(other)) => whole(operator, *one, *other),
            (_, one, other) => match (number(one), number(other)) {
                (Some(one), Some(other)) => fraction(operator, one, other),
                _ => None,
            },
        };
        if let Some(made) = made {
            return Ok(made);
        }
        let derived = self.calculated(operator, &left, &right);
        Ok(derived.unwrap_or_else(|| self.unknown(frame, span, "this arithmetic is not followed")))
    }

    /// What an operator makes of values of which one is not known.
    fn calculated(&self, operator: Arithmetic, left: &Value, right: &Value) -> Option<Value> {
        let is_text = operator == Arithmetic::Add
            && [left, right].iter().any(|value| {
                matches!(value, Value::Text(_)) || value.as_unknown().is_some_and(|unknown| unknown.is_text)
            });
        let operation = format!("{operator:?}");
        let parts = [left, right];
        let is_divided_by_nothing =
            operator == Arithmetic::Divide && number(right).is_none_or(|by| by == 0.0);
        if parts.iter().all(|part| is_number(part)) && !is_divided_by_nothing {
            self.derived_number(&operation, &parts)
        } else {
            self.derived(&operation, &parts, is_text)
        }
    }

    /// A quotient; `None` where it is not followed.
    fn divided(frame: &Frame, span: Span, one: &Value, other: &Value) -> Eval<Option<Value>> {
        let (Some(dividend), Some(divisor)) = (number(one), number(other)) else { return Ok(None) };
        match (frame.language(), one, other) {
            (Language::Rust, ..) => Ok(None),
            (Language::Python, ..) if divisor == 0.0 => {
                Self::raise(frame, span, "ZeroDivisionError", "division by zero").map(Some)
            }
            (Language::JavaScript, Value::Integer(one), Value::Integer(other))
                if one.checked_rem(*other) == Some(0) =>
            {
                Ok(one.checked_div(*other).map(Value::Integer))
            }
            _ => Ok(Some(Value::Float(dividend / divisor))),
        }
    }
}

fn whole(operator: Arithmetic, one: i64, other: i64) -> Option<Value> {
    match operator {
        Arithmetic::Add => one.checked_add(other),
        Arithmetic::Subtract => one.checked_sub(other),
        Arithmetic::Multiply => one.checked_mul(other),
        Arithmetic::Modulo if one >= 0 && other > 0 => Some(one % other),
        Arithmetic::Modulo | Arithmetic::Divide | Arithmetic::Union => None,
    }
    .map(Value::Integer)
}

fn fraction(operator: Arithmetic, one: f64, other: f64) -> Option<Value> {
    match operator {
        Arithmetic::Add => Some(one + other),
        Arithmetic::Subtract => Some(one - other),
        Arithmetic::Multiply => Some(one * other),
        Arithmetic::Modulo | Arithmetic::Divide | Arithmetic::Union => None,
    }
    .map(Value::Float)
}
