//! Names and what they stand for while a program is evaluated.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use syntax::decision::{Function, Language};

use super::program::Loaded;
use super::value::{Class, Value};

/// A module of the repository as far as it has been run.
///
/// Its statements run when a name that they bind is asked for: what else a module does decides nothing.
pub(super) struct ModuleState {
    pub(super) loaded: Arc<Loaded>,
    pub(super) names: RefCell<BTreeMap<String, Value>>,
    /// Statements that have run, or are running.
    pub(super) ran: RefCell<BTreeSet<usize>>,
    /// The statement that is running; those after it have not been reached.
    pub(super) horizon: Cell<usize>,
}

impl ModuleState {
    pub(super) fn new(loaded: Arc<Loaded>) -> Self {
        Self { loaded, names: RefCell::default(), ran: RefCell::default(), horizon: Cell::new(usize::MAX) }
    }

    pub(super) fn language(&self) -> Language {
        self.loaded.module.language
    }
}

/// The names of one running function, block or class body.
pub(super) struct Scope {
    pub(super) names: RefCell<BTreeMap<String, Value>>,
    /// The function it belongs to; a class body or a block has none.
    pub(super) function: Option<Arc<Function>>,
    pub(super) parent: Option<Rc<Scope>>,
    pub(super) is_class: bool,
}

impl Scope {
    pub(super) fn new(function: Option<Arc<Function>>, parent: Option<Rc<Scope>>) -> Rc<Self> {
        Rc::new(Self { names: RefCell::default(), function, parent, is_class: false })
    }

    pub(super) fn of_class(parent: Option<Rc<Scope>>) -> Rc<Self> {
        Rc::new(Self { names: RefCell::default(), function: None, parent, is_class: true })
    }

    pub(super) fn has_local(&self, name: &str) -> bool {
        self.function.as_ref().is_some_and(|function| {
            function.locals.binary_search_by(|local| local.as_str().cmp(name)).is_ok()
        })
    }
}

/// Where code runs: its module, its scopes, its class.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) module: Rc<ModuleState>,
    pub(super) scope: Option<Rc<Scope>>,
    /// The class whose method runs, for `super()`.
    pub(super) class: Option<Rc<Class>>,
    /// What the method's first parameter is.
    pub(super) receiver: Option<Value>,
}

impl Frame {
    pub(super) fn of_module(module: Rc<ModuleState>) -> Self {
        Self { module, scope: None, class: None, receiver: None }
    }

    pub(super) fn language(&self) -> Language {
        self.module.language()
    }
}
