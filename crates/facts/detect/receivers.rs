//! What `this` is in functions of JavaScript: what they are called on, but for arrow functions.

use std::cell::RefCell;
use std::rc::Rc;

use source::Span;
use syntax::decision::{ExpressionKind, Function, Language};

use super::journal::Entries;
use super::machine::{Eval, Machine};
use super::scope::Frame;
use super::value::{FunctionRole, Value};

impl Machine<'_> {
    /// What `this` stands for where code runs.
    pub(super) fn this(&mut self, frame: &Frame, span: Span) -> Value {
        match &frame.receiver {
            Some(receiver) => receiver.clone(),
            None if frame.scope.is_none() => Value::Undefined,
            // Whoever calls the function decides it.
            None => self.unknown(frame, span, "what `this` is here is not followed"),
        }
    }

    /// What is read of an object literal: a getter is called, and a method is bound to the object.
    pub(super) fn of_object(
        &mut self,
        frame: &Frame,
        span: Span,
        object: &Value,
        found: Value,
    ) -> Eval<Value> {
        let Value::Function(closure) = &found else { return Ok(found) };
        let is_its_own = closure.module.language() == Language::JavaScript
            && closure.receiver.is_none()
            && has_its_own(&closure.function);
        if !is_its_own {
            return Ok(found);
        }
        let is_read = closure.role == FunctionRole::Property;
        let bound = Self::bound(found, object);
        if is_read { self.call(frame, span, bound, Vec::new(), Vec::new()) } else { Ok(bound) }
    }

    /// The entries of an object as whoever copies them gets them: what its getters give.
    pub(super) fn read_entries(
        &mut self,
        frame: &Frame,
        span: Span,
        entries: &Rc<RefCell<Entries>>,
    ) -> Eval<Entries> {
        let mut all = self.entries_of(entries);
        let object = Value::Map(Rc::clone(entries));
        for (_, value) in &mut all {
            let is_read = matches!(value, Value::Function(closure) if closure.role == FunctionRole::Property);
            if is_read {
                *value = self.of_object(frame, span, &object, value.clone())?;
            }
        }
        Ok(all)
    }
}

/// Whether a function has a `this` of its own: an arrow function, which has no name and no mark, takes that around it.
pub(super) fn has_its_own(function: &Function) -> bool {
    function
        .decorators
        .iter()
        .any(|mark| is_named(&mark.kind, "function") || is_named(&mark.kind, "property"))
        || !function.name.is_empty()
}

/// How a function that is an expression is reached.
pub(super) fn role_of(function: &Function) -> FunctionRole {
    if function.decorators.iter().any(|mark| is_named(&mark.kind, "property")) {
        FunctionRole::Property
    } else {
        FunctionRole::Plain
    }
}

fn is_named(kind: &ExpressionKind, wanted: &str) -> bool {
    matches!(kind, ExpressionKind::Name(name) if name == wanted)
}
