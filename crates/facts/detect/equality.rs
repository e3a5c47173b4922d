//! Which values are equal.

use std::rc::Rc;

use source::Span;
use syntax::decision::{Language, SequenceKind};

use super::machine::Machine;
use super::operators::number;
use super::scope::Frame;
use super::value::{ClassKind, Unknown, Value, variant_name};

/// Values inside values that are compared.
const MAX_NESTING: usize = 16;

impl Machine<'_> {
    /// Whether two known values are equal; `None` where one of them is not known.
    pub(super) fn same(language: Language, left: &Value, right: &Value) -> Option<bool> {
        Self::same_within(language, left, right, MAX_NESTING)
    }

    fn same_within(language: Language, left: &Value, right: &Value, depth: usize) -> Option<bool> {
        let depth = depth.checked_sub(1)?;
        Some(match (left, right) {
            (Value::Unknown(one), Value::Unknown(other)) if one.term == other.term => true,
            (Value::Unknown(_) | Value::Open(_) | Value::Either(_), _)
            | (_, Value::Unknown(_) | Value::Open(_) | Value::Either(_)) => return None,
            (Value::None, Value::None) | (Value::Undefined, Value::Undefined) => true,
            (Value::Bool(one), Value::Bool(other)) => one == other,
            (Value::Integer(one), Value::Integer(other)) => one == other,
            (Value::Float(_), Value::Float(_) | Value::Integer(_)) | (Value::Integer(_), Value::Float(_)) => {
                number(left)?.partial_cmp(&number(right)?).is_some_and(std::cmp::Ordering::is_eq)
            }
            (Value::Bool(one), Value::Integer(other)) | (Value::Integer(other), Value::Bool(one))
                if language == Language::Python =>
            {
                i64::from(*one) == *other
            }
            (Value::Text(one), Value::Text(other)) => one == other,
            (Value::Sequence(one, left), Value::Sequence(other, right)) => {
                if language == Language::JavaScript {
                    return Some(Rc::ptr_eq(left, right));
                }
                return Self::same_items(*one, *other, left, right, depth);
            }
            (Value::Map(one), Value::Map(other)) => {
                if Rc::ptr_eq(one, other) || language == Language::JavaScript {
                    return Some(Rc::ptr_eq(one, other));
                }
                if [one, other].iter().any(|map| map.borrow().iter().any(|(_, value)| value.may_be_absent()))
                {
                    return None;
                }
                // Order does not matter, and unequal sizes settle it; the rest is rare.
                if one.borrow().len() == other.borrow().len() && !one.borrow().is_empty() {
                    return None;
                }
                one.borrow().len() == other.borrow().len()
            }
            (Value::Instance(one), Value::Instance(other)) => {
                if Rc::ptr_eq(one, other) {
                    return Some(true);
                }
                match (Self::enumerated(left), Self::enumerated(right)) {
                    (Some(_), Some(_)) => {
                        Rc::ptr_eq(&one.class, &other.class)
                            && one.fields.borrow().get("name").and_then(Value::as_text).map(str::to_owned)
                                == other
                                    .fields
                                    .borrow()
                                    .get("name")
                                    .and_then(Value::as_text)
                                    .map(str::to_owned)
                    }
                    _ => return None,
                }
            }
            (Value::Instance(instance), other) | (other, Value::Instance(instance)) => {
                let inner = if Self::is_text_enumeration(&instance.class) {
                    instance.fields.borrow().get("value").cloned()
                } else {
                    None
                };
                return match inner {
                    Some(inner) => Self::same_within(language, &inner, other, depth),
                    None if instance.class.kind == ClassKind::Enumeration => Some(false),
                    None => None,
                };
            }
            (Value::Variant(one, left), Value::Variant(other, right)) => {
                if variant_name(one) != variant_name(other) || left.len() != right.len() {
                    return Some(false);
                }
                for (one, other) in left.iter().zip(right.iter()) {
                    if !Self::same_within(language, one, other, depth)? {
                        return Some(false);
                    }
                }
                true
            }
            (Value::Class(one), Value::Class(other)) => Rc::ptr_eq(one, other),
            (Value::External(one), Value::External(other)) if one == other => true,
            (Value::External(_), _) | (_, Value::External(_)) => {
                // Something of a library is no text and no number; more is not known.
                match (left, right) {
                    (Value::None | Value::Undefined, _) | (_, Value::None | Value::Undefined) => false,
                    _ => return None,
                }
            }
            _ => false,
        })
    }

    fn same_items(
        one: SequenceKind,
        other: SequenceKind,
        left: &Rc<std::cell::RefCell<Vec<Value>>>,
        right: &Rc<std::cell::RefCell<Vec<Value>>>,
        depth: usize,
    ) -> Option<bool> {
        if one != other || left.borrow().len() != right.borrow().len() {
            return Some(false);
        }
        if Rc::ptr_eq(left, right) {
            return Some(true);
        }
        for item in left.borrow().iter() {
            let found = if one == SequenceKind::Set {
                right
                    .borrow()
                    .iter()
                    .any(|other| Self::same_within(Language::Python, item, other, depth) == Some(true))
            } else {
                true
            };
            if !found {
                return Some(false);
            }
        }
        if one == SequenceKind::Set {
            return Some(true);
        }
        for (item, other) in left.borrow().iter().zip(right.borrow().iter()) {
            if !Self::same_within(Language::Python, item, other, depth)? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Whether two values are equal; an open question where one is not known.
    pub(super) fn equal(&mut self, frame: &Frame, left: &Value, right: &Value) -> bool {
        let (left, right) = (self.settled(left.clone()), self.settled(right.clone()));
        if let Some(answer) = Self::same(frame.language(), &left, &right) {
            return answer;
        }
        match (&left, &right) {
            (Value::Unknown(unknown), known) | (known, Value::Unknown(unknown)) if known.is_known() => {
                self.equal_to_known(unknown, known)
            }
            _ => {
                if let Some(Value::Unknown(unknown)) = self.derived("==", &[&left, &right], false) {
                    return self.decide(&unknown, "is equal");
                }
                let reason = "whether two objects are equal is not followed";
                let unknown = self.unknown(frame, Span::at(0), reason);
                self.truth(frame, &unknown)
            }
        }
    }

    fn equal_to_known(&mut self, unknown: &Rc<Unknown>, known: &Value) -> bool {
        if unknown.is_text && !matches!(known, Value::Text(_) | Value::Instance(_)) {
            return false;
        }
        let question = format!("equals {:x}", known.term());
        self.ask(unknown.term, &question, (&unknown.reason, &unknown.place), || {
            vec![(true, unknown.term, known.clone())]
        })
    }

    pub(super) fn loosely_equal(&mut self, frame: &Frame, left: &Value, right: &Value) -> bool {
        let (left, right) = (self.settled(left.clone()), self.settled(right.clone()));
        match (&left, &right) {
            (Value::None | Value::Undefined, other) | (other, Value::None | Value::Undefined) => {
                self.is_nothing(other)
            }
            (Value::Text(text), Value::Integer(number)) | (Value::Integer(number), Value::Text(text)) => {
                text.trim().parse::<i64>().ok() == Some(*number)
            }
            _ => self.equal(frame, &left, &right),
        }
    }

    pub(super) fn identical(&mut self, frame: &Frame, left: &Value, right: &Value) -> bool {
        let (left, right) = (self.settled(left.clone()), self.settled(right.clone()));
        match (&left, &right) {
            (Value::None, other) | (other, Value::None) => self.is_nothing(other),
            (Value::Bool(one), Value::Bool(other)) => one == other,
            (Value::Bool(expected), Value::Unknown(unknown))
            | (Value::Unknown(unknown), Value::Bool(expected)) => {
                !unknown.is_text && self.equal_to_known(unknown, &Value::Bool(*expected))
            }
            (Value::Bool(_), _) | (_, Value::Bool(_)) => false,
            _ => self.equal(frame, &left, &right),
        }
    }
}
