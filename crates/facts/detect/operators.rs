//! Truth, comparisons and arithmetic.

use std::rc::Rc;

use source::Span;
use syntax::decision::{Arithmetic, Comparison, Expression, Language, SequenceKind};

use super::machine::{Eval, Machine};
use super::model::Impossible;
use super::oracle::key_of;
use super::paths::joined;
use super::scope::Frame;
use super::value::{ClassKind, Unknown, Value, variant_name};

/// Characters that a text may grow to.
const MAX_TEXT: usize = 100_000;
/// Items that a sequence may grow to.
const MAX_ITEMS: usize = 5_000;
/// Values inside values that are compared.
const MAX_NESTING: usize = 16;

impl Machine<'_> {
    /// Whether a value counts as true in its language.
    pub(super) fn truth(&mut self, frame: &Frame, value: &Value) -> bool {
        match self.settled(value.clone()) {
            Value::None | Value::Undefined => false,
            Value::Bool(value) => value,
            Value::Integer(number) => number != 0,
            Value::Float(number) => {
                number != 0.0 && !(number.is_nan() && frame.language() == Language::JavaScript)
            }
            Value::Text(text) => !text.is_empty(),
            Value::Sequence(_, items) => {
                frame.language() == Language::JavaScript || !items.borrow().is_empty()
            }
            Value::Map(entries) => {
                frame.language() == Language::JavaScript || !self.entries_of(&entries).is_empty()
            }
            Value::Unknown(unknown) => self.decide_truth(&unknown),
            _ => true,
        }
    }

    /// Whether a value is `None`, `null` or `undefined`.
    pub(super) fn is_nothing(&mut self, value: &Value) -> bool {
        match self.settled(value.clone()) {
            Value::None | Value::Undefined => true,
            Value::Unknown(unknown) if !unknown.is_text => self.decide(&unknown, "is nothing"),
            _ => false,
        }
    }

    pub(super) fn comparisons(
        &mut self,
        frame: &Frame,
        span: Span,
        first: &Expression,
        rest: &[(Comparison, Expression)],
    ) -> Eval<Value> {
        let mut left = self.expression(frame, first)?;
        self.note_impossible(frame, span, first, rest);
        for (operator, right) in rest {
            let right = self.expression(frame, right)?;
            if !self.compare(frame, span, *operator, &left, &right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    /// Notes a comparison with a text that the other side never is.
    fn note_impossible(
        &mut self,
        frame: &Frame,
        span: Span,
        first: &Expression,
        rest: &[(Comparison, Expression)],
    ) {
        let [(operator, second)] = rest else { return };
        let is_equality = matches!(
            operator,
            Comparison::Equal | Comparison::NotEqual | Comparison::LooseEqual | Comparison::LooseNotEqual
        );
        let (asked, text) = match (first.text(), second.text()) {
            (None, Some(text)) => (first, text),
            (Some(text), None) => (second, text),
            _ => return,
        };
        if let Some(why) = Impossible::of(asked, text).filter(|_| is_equality) {
            self.impossible.insert((why, frame.module.loaded.place(span)));
        }
    }

    fn compare(
        &mut self,
        frame: &Frame,
        span: Span,
        operator: Comparison,
        left: &Value,
        right: &Value,
    ) -> Eval<bool> {
        Ok(match operator {
            Comparison::Equal => self.equal(frame, left, right),
            Comparison::NotEqual => !self.equal(frame, left, right),
            Comparison::LooseEqual => self.loosely_equal(frame, left, right),
            Comparison::LooseNotEqual => !self.loosely_equal(frame, left, right),
            Comparison::Is => self.identical(frame, left, right),
            Comparison::IsNot => !self.identical(frame, left, right),
            Comparison::In => self.contains(frame, span, right, left)?,
            Comparison::NotIn => !self.contains(frame, span, right, left)?,
            Comparison::Less => self.ordered(frame, span, left, right, "<", std::cmp::Ordering::is_lt)?,
            Comparison::LessEqual => {
                self.ordered(frame, span, left, right, "<=", std::cmp::Ordering::is_le)?
            }
            Comparison::Greater => self.ordered(frame, span, left, right, ">", std::cmp::Ordering::is_gt)?,
            Comparison::GreaterEqual => {
                self.ordered(frame, span, left, right, ">=", std::cmp::Ordering::is_ge)?
            }
        })
    }

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

    fn loosely_equal(&mut self, frame: &Frame, left: &Value, right: &Value) -> bool {
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

    fn identical(&mut self, frame: &Frame, left: &Value, right: &Value) -> bool {
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

    /// Whether `container` holds `item`.
    pub(super) fn contains(
        &mut self,
        frame: &Frame,
        span: Span,
        container: &Value,
        item: &Value,
    ) -> Eval<bool> {
        let (container, item) = (self.settled(container.clone()), self.settled(item.clone()));
        self.note_substring(frame, span, &container, &item);
        Ok(match (&container, &item) {
            (Value::Text(text), Value::Text(part)) => text.contains(&**part),
            (Value::Environ, Value::Text(name)) => {
                let name = name.to_string();
                self.is_set(frame, span, &name)
            }
            (Value::External(name), Value::Text(part)) if &**name == "sys.modules" => {
                if matches!(&**part, "pytest" | "_pytest") {
                    // A deployment is not run by a test runner.
                    false
                } else {
                    let unknown =
                        self.unknown(frame, span, format!("whether `{part}` is loaded is not known"));
                    self.truth(frame, &unknown)
                }
            }
            (Value::Sequence(_, items), _) => {
                let items = Rc::clone(items).borrow().clone();
                for other in &items {
                    if self.equal(frame, &item, other) {
                        return Ok(true);
                    }
                }
                false
            }
            (Value::Map(entries), _) => {
                let entries = entries.borrow().clone();
                for (key, value) in entries {
                    if self.equal(frame, &item, &key) && self.present(value).is_some() {
                        return Ok(true);
                    }
                }
                false
            }
            (Value::Class(class), _) if class.kind == ClassKind::Enumeration => {
                match self.items(frame, span, &container)? {
                    Ok(members) => {
                        for member in &members {
                            let value = Self::enumerated(member).unwrap_or_else(|| member.clone());
                            if self.equal(frame, &item, member) || self.equal(frame, &item, &value) {
                                return Ok(true);
                            }
                        }
                        false
                    }
                    Err(unknown) => self.decide(&unknown, "contains"),
                }
            }
            (Value::None, _) => {
                return Self::raise(frame, span, "TypeError", "nothing has no items");
            }
            _ => match self.derived("in", &[&item, &container], false) {
                Some(Value::Unknown(unknown)) => {
                    let answer = self.decide_truth(&unknown);
                    // A text that contains another one is not empty.
                    if answer
                        && let Value::Unknown(whole) = &container
                        && item.as_text().is_some_and(|part| !part.is_empty())
                    {
                        self.oracle.note(key_of(whole.truth, "is true"), true);
                    }
                    answer
                }
                Some(value) => self.truth(frame, &value),
                None => {
                    let unknown = self.unknown(frame, span, "whether this contains that is not followed");
                    self.truth(frame, &unknown)
                }
            },
        })
    }

    /// Remembers that a text was looked for inside the value of a variable.
    pub(super) fn note_substring(&mut self, frame: &Frame, span: Span, container: &Value, item: &Value) {
        let in_variable = container.as_unknown().is_some_and(|unknown| unknown.is_text);
        if let (true, Some(text)) = (in_variable, item.as_text()) {
            self.substrings.insert((text.to_owned(), frame.module.loaded.place(span)));
        }
    }

    fn ordered(
        &mut self,
        frame: &Frame,
        span: Span,
        left: &Value,
        right: &Value,
        operator: &str,
        holds: fn(std::cmp::Ordering) -> bool,
    ) -> Eval<bool> {
        let (left, right) = (self.settled(left.clone()), self.settled(right.clone()));
        let ordering = match (&left, &right) {
            (Value::Text(one), Value::Text(other)) => Some(one.cmp(other)),
            _ => match (number(&left), number(&right)) {
                (Some(one), Some(other)) => one.partial_cmp(&other),
                _ => None,
            },
        };
        if let Some(ordering) = ordering {
            return Ok(holds(ordering));
        }
        if frame.language() == Language::Python
            && left.is_known()
            && right.is_known()
            && matches!(
                (&left, &right),
                (Value::None | Value::Text(_), _) | (_, Value::None | Value::Text(_))
            )
        {
            return Self::raise(frame, span, "TypeError", "these cannot be compared");
        }
        let value = self.derived(operator, &[&left, &right], false);
        let value =
            value.unwrap_or_else(|| self.unknown(frame, span, "the order of these values is not followed"));
        Ok(self.truth(frame, &value))
    }

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
            (_, Value::Integer(one), Value::Integer(other)) => whole(operator, *one, *other),
            (_, one, other) => match (number(one), number(other)) {
                (Some(one), Some(other)) => fraction(operator, one, other),
                _ => None,
            },
        };
        if let Some(made) = made {
            return Ok(made);
        }
        let is_text = operator == Arithmetic::Add
            && [&left, &right].iter().any(|value| {
                matches!(value, Value::Text(_)) || value.as_unknown().is_some_and(|unknown| unknown.is_text)
            });
        let operation = format!("{operator:?}");
        let derived = self.derived(&operation, &[&left, &right], is_text);
        Ok(derived.unwrap_or_else(|| self.unknown(frame, span, "this arithmetic is not followed")))
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

#[expect(clippy::cast_precision_loss, reason = "used to compare small numbers")]
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        _ => None,
    }
}
