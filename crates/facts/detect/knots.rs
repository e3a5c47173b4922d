//! What may hold itself, and is let go of when nothing needs it any more.

use std::rc::Rc;

use super::scope::Scope;
use super::value::Class;

/// What may hold itself: a function knows the scope, the class and the module that it is defined in.
pub(super) enum Knot {
    Scope(Rc<Scope>),
    Class(Rc<Class>),
}

/// Knots, which are undone when nothing needs them any more.
#[derive(Default)]
pub(super) struct Knots(pub(super) Vec<Knot>);

impl Knots {
    pub(super) fn take(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }
}

impl Drop for Knots {
    fn drop(&mut self) {
        for knot in self.0.drain(..) {
            let names = match knot {
                Knot::Scope(scope) => std::mem::take(&mut *scope.names.borrow_mut()),
                Knot::Class(class) => std::mem::take(&mut *class.members.borrow_mut()),
            };
            drop(names);
        }
    }
}
