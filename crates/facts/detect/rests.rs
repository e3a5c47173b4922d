//! Lists of which it is not known how many more items they have.

use std::cell::RefCell;
use std::rc::Rc;

use super::journal::Slot;
use super::machine::Machine;
use super::value::{Unknown, Value};

/// Why what is known of a list ends.
const REASON: &str = "how many items this list has is not known";

/// What stands for any number of items in a list.
pub(super) fn rest_of(items: &Rc<RefCell<Vec<Value>>>) -> Option<Rc<Unknown>> {
    let is_rest = |item: &Value| item.as_unknown().filter(|unknown| unknown.reason == REASON).map(Rc::clone);
    items.borrow().iter().find_map(is_rest)
}

impl Machine<'_> {
    /// Adds items that are not known to a list, where there are any.
    pub(super) fn extend_by_some(&mut self, items: &Rc<RefCell<Vec<Value>>>, unknown: &Rc<Unknown>) {
        if self.decide(unknown, "has items") {
            self.touch(Slot::Items(Rc::clone(items)));
            let rest = Unknown {
                reason: REASON.to_owned(),
                is_text: false,
                is_number: false,
                ..(**unknown).clone()
            };
            items.borrow_mut().push(Value::Unknown(Rc::new(rest)));
        }
    }
}
