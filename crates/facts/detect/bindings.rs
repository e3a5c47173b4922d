//! Which scope a name belongs to that is given a value.

use std::rc::Rc;

use syntax::decision::Language;

use super::journal::Slot;
use super::machine::{Eval, Machine};
use super::scope::Frame;
use super::value::Value;

impl Machine<'_> {
    /// Gives a name a value, in the scope that it belongs to.
    pub(super) fn bind(&mut self, frame: &Frame, name: &str, value: Value) {
        let (slot, is_around) = if frame.language() == Language::Python {
            Self::assigned_slot(frame, name)
        } else {
            Self::declared_slot(frame, name)
        };
        if is_around {
            // Others that know the scope see that.
            self.part_ways();
        }
        self.put(slot, value);
    }

    /// Gives a name a value; what a function gives a name of its module comes after what the module itself gives it.
    pub(super) fn bind_after(&mut self, frame: &Frame, name: &str, value: Value) -> Eval<()> {
        let (slot, _) = if frame.language() == Language::Python {
            Self::assigned_slot(frame, name)
        } else {
            Self::declared_slot(frame, name)
        };
        if let (Slot::Global(module, _), Some(_)) = (slot, &frame.scope) {
            self.global(&module, name)?;
        }
        self.bind(frame, name, value);
        Ok(())
    }

    /// Where Python puts a name that is assigned, and whether that is around the function that runs.
    fn assigned_slot(frame: &Frame, name: &str) -> (Slot, bool) {
        let mut at = frame.scope.clone();
        let mut first = true;
        let mut is_around = false;
        while let Some(scope) = at.clone() {
            // A block or a class body has what is assigned in it; a function what its own statements bind.
            let owns = scope.has_local(name) || (first && (scope.is_class || scope.function.is_none()));
            if owns {
                return (Slot::Name(scope, name.to_owned()), is_around);
            }
            first = false;
            is_around |= scope.function.is_some();
            at.clone_from(&scope.parent);
        }
        (Slot::Global(Rc::clone(&frame.module), name.to_owned()), false)
    }

    /// The scope that declares a name, and whether that is around the function that runs.
    fn declared_slot(frame: &Frame, name: &str) -> (Slot, bool) {
        let mut at = frame.scope.clone();
        let mut is_around = false;
        while let Some(scope) = at.clone() {
            if scope.names.borrow().contains_key(name) || scope.is_class {
                return (Slot::Name(scope, name.to_owned()), is_around);
            }
            is_around |= scope.function.is_some();
            at.clone_from(&scope.parent);
        }
        let is_global = !frame.module.loaded.binders(name).is_empty();
        let slot = match &frame.scope {
            Some(scope) if !is_global => Slot::Name(Rc::clone(scope), name.to_owned()),
            _ => Slot::Global(Rc::clone(&frame.module), name.to_owned()),
        };
        (slot, false)
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
