//! Copies of the process's variables: `dict(os.environ)`, `os.environ.copy()`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use source::Span;

use super::expressions::put;
use super::journal::{Entries, Slot};
use super::machine::{Eval, Machine};
use super::scope::Frame;
use super::value::Value;

/// All variables as they were at one moment, with what has been changed in the copy since.
pub(super) struct Copy {
    /// What the program itself had set.
    set: BTreeMap<String, Value>,
    /// What has been changed in the copy: a key that is not known stands for any.
    own: Rc<RefCell<Entries>>,
}

impl Copy {
    /// Whether it is not known which entries have been changed.
    fn is_unclear(&self) -> bool {
        self.own.borrow().iter().any(|(key, _)| key.as_text().is_none())
    }
}

impl Machine<'_> {
    /// A copy of all variables.
    pub(super) fn copy_of_all(&self) -> Value {
        Value::Copy(Rc::new(Copy { set: self.set.clone(), own: Rc::default() }))
    }

    /// A copy of a copy.
    pub(super) fn copied(copy: &Copy) -> Value {
        let own = copy.own.borrow().clone();
        Value::Copy(Rc::new(Copy { set: copy.set.clone(), own: Rc::new(RefCell::new(own)) }))
    }

    /// The value of a variable in a copy; `None` where it is not there.
    pub(super) fn in_copy(&mut self, frame: &Frame, span: Span, copy: &Copy, name: &str) -> Option<Value> {
        self.marks.reads.insert(name.to_owned());
        let own = copy.own.borrow().clone();
        if copy.is_unclear() {
            return Some(self.unknown(frame, span, "what has been changed in this copy is not followed"));
        }
        let changed = own.into_iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value);
        let value = changed
            .or_else(|| copy.set.get(name).cloned())
            .unwrap_or_else(|| self.as_given(&frame.module.loaded.place(span), name));
        let value = self.present(value)?;
        Some(self.kept(value))
    }

    /// Whether a variable is in a copy.
    pub(super) fn is_in_copy(&mut self, frame: &Frame, span: Span, copy: &Copy, name: &str) -> bool {
        match self.in_copy(frame, span, copy, name) {
            Some(Value::Unknown(unknown)) if copy.is_unclear() => self.decide(&unknown, "is there"),
            found => found.is_some(),
        }
    }

    /// Gives an entry of a copy a value, or takes it away (`Absent`).
    pub(super) fn set_in_copy(&mut self, copy: &Copy, key: Value, value: Value) {
        self.touch(Slot::Entries(Rc::clone(&copy.own)));
        put(&mut copy.own.borrow_mut(), key, value);
    }

    /// A method of a copy; `None` where it is not followed.
    pub(super) fn copy_method(
        &mut self,
        frame: &Frame,
        span: Span,
        copy: &Copy,
        name: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        Ok(match (name, arguments) {
            ("get", [Value::Text(key), rest @ ..]) => {
                let found = self.in_copy(frame, span, copy, key);
                Some(found.or_else(|| rest.first().cloned()).unwrap_or(Value::None))
            }
            ("copy", []) => Some(Self::copied(copy)),
            ("setdefault", [key @ Value::Text(name), value]) => {
                let found = self.in_copy(frame, span, copy, name);
                if found.is_none() {
                    self.set_in_copy(copy, key.clone(), value.clone());
                }
                Some(found.unwrap_or_else(|| value.clone()))
            }
            ("pop", [key @ Value::Text(name), rest @ ..]) => {
                let found = self.in_copy(frame, span, copy, name).or_else(|| rest.first().cloned());
                self.set_in_copy(copy, key.clone(), Value::Absent);
                match found {
                    Some(found) => Some(found),
                    None => return Self::raise(frame, span, "KeyError", name),
                }
            }
            ("update", [Value::Map(entries)]) => {
                for (key, value) in self.entries_of(entries) {
                    self.set_in_copy(copy, key, value);
                }
                Some(Value::None)
            }
            ("get" | "keys" | "values" | "items", _) => None,
            _ => {
                let any = self.unknown(frame, span, "which entries are changed here is not followed");
                self.set_in_copy(copy, any.clone(), any);
                None
            }
        })
    }
}
