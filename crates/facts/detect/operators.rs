//! Truth and comparisons.

use std::rc::Rc;

use source::Span;
use syntax::decision::{Comparison, Expression, Language};

use super::machine::{Eval, Machine};
use super::model::Impossible;
use super::oracle::key_of;
use super::paths::is_whole_path;
use super::scope::Frame;
use super::value::{ClassKind, Value};

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
            // True for who checks types alone.
            Value::External(name) if &*name == "typing.TYPE_CHECKING" => false,
            Value::External(name) if is_setting_of_library(&name) => {
                let reason = format!("`{name}` is of a library");
                let setting = Value::External(Rc::clone(&name));
                let asked = ("truth", &[&setting][..]);
                let unknown = self.unknown_of_process(frame, Span::at(0), reason, asked);
                unknown.as_unknown().is_none_or(|unknown| self.decide_truth(&unknown.clone()))
            }
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
            self.marks.impossible.insert((why, frame.module.loaded.place(span)));
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
            (Value::Copy(copy), Value::Text(name)) => self.is_in_copy(frame, span, copy, name),
            (Value::Environ, Value::Text(name)) => {
                let name = name.to_string();
                self.is_set(frame, span, &name)
            }
            (Value::External(name), Value::Text(part)) if &**name == "sys.modules" => {
                if matches!(&**part, "pytest" | "_pytest") {
                    // A deployment is not run by a test runner.
                    false
                } else {
                    // It is as long as nothing happens that no file tells.
                    let moment = Value::Integer(i64::try_from(self.moment).unwrap_or(i64::MAX));
                    let reason = format!("whether `{part}` is loaded is not known");
                    let asked = ("is loaded", &[&item, &moment][..]);
                    let unknown = self.unknown_of_process(frame, span, reason, asked);
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
                    const REASON: &str = "whether this contains that is not followed";
                    let unknown = if is_whole_path(&container) {
                        let asked = ("path contains", &[&container, &item][..]);
                        self.unknown_of_process(frame, span, REASON.to_owned(), asked)
                    } else {
                        self.unknown(frame, span, REASON)
                    };
                    self.truth(frame, &unknown)
                }
            },
        })
    }

    /// Remembers that a text was looked for inside the value of a variable.
    pub(super) fn note_substring(&mut self, frame: &Frame, span: Span, container: &Value, item: &Value) {
        let in_variable = container.as_unknown().is_some_and(|unknown| unknown.is_text);
        if let (true, Some(text)) = (in_variable, item.as_text()) {
            self.marks.substrings.insert((text.to_owned(), frame.module.loaded.place(span)));
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
}

/// Whether something of a library may be false: no class of it, and nothing that stands for a call or a logger.
fn is_setting_of_library(name: &str) -> bool {
    let Some((library, last)) = name.rsplit_once('.') else { return false };
    let is_class = last.starts_with(char::is_uppercase) && last.contains(char::is_lowercase);
    !is_class && !name.contains('$') && !matches!(library, "builtins" | "logging" | "sys" | "typing")
}

#[expect(clippy::cast_precision_loss, reason = "used to compare small numbers")]
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        _ => None,
    }
}
