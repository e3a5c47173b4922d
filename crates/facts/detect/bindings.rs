//! Which scope a name belongs to that is given a value.

use std::rc::Rc;

use syntax::decision::Language;

use super::journal::Slot;
use super::machine::Machine;
use super::scope::Frame;
use super::value::Value;

impl Machine<'_> {
    /// Gives a name a value, in the scope that it belongs to.
    pub(super) fn bind(&mut self, frame: &Frame, name: &str, value: Value) {
        if frame.language() != Language::Python {
            return self.bind_declared(frame, name, value);
        }
        let mut at = frame.scope.clone();
        let mut first = true;
        while let Some(scope) = at.clone() {
            // A block or a class body has what is assigned in it; a function what its own statements bind.
            let owns = scope.has_local(name) || (first && (scope.is_class || scope.function.is_none()));
            if owns {
                self.put(Slot::Name(scope, name.to_owned()), value);
                return;
            }
            first = false;
            at.clone_from(&scope.parent);
        }
        self.put(Slot::Global(Rc::clone(&frame.module), name.to_owned()), value);
    }

    /// Gives a name a value in the scope that declares it.
    fn bind_declared(&mut self, frame: &Frame, name: &str, value: Value) {
        let mut at = frame.scope.clone();
        while let Some(scope) = at.clone() {
            if scope.names.borrow().contains_key(name) || scope.is_class {
                self.put(Slot::Name(scope, name.to_owned()), value);
                return;
            }
            at.clone_from(&scope.parent);
        }
        let is_global = !frame.module.loaded.binders(name).is_empty();
        let slot = match &frame.scope {
            Some(scope) if !is_global => Slot::Name(Rc::clone(scope), name.to_owned()),
            _ => Slot::Global(Rc::clone(&frame.module), name.to_owned()),
        };
        self.put(slot, value);
    }

    /// Gives a name a value in the innermost scope, whatever lies around it.
    pub(super) fn bind_here(&mut self, frame: &Frame, name: &str, value: Value) {
        let slot = match &frame.scope {
            Some(scope) => Slot::Name(Rc::clone(scope), name.to_owned()),
            None => Slot::Global(Rc::clone(&frame.module), name.to_owned()),
        };
        self.put(slot, value);
    }
}
