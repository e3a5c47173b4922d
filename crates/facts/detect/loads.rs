//! Statements of modules, which run once whoever needs them: what one leaves behind is noted the first time, with
//! nothing of the way on which it was needed, and is there at once for all other ways and detectors.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use source::{Place, Span};

use super::joins::Failures;
use super::journal::{Change, Changed, Content, Slot};
use super::knots::Knots;
use super::machine::{Eval, Flow, Machine, Marks};
use super::oracle::Oracle;
use super::past::Past;
use super::scope::{Frame, ModuleState};
use super::value::Value;

/// Loads inside loads that are noted; those deeper run in their place.
const MAX_DEPTH: usize = 48;
/// Steps that one load may take.
const STEPS_OF_A_LOAD: u32 = 20_000;
/// How often a statement is tried that cannot be told apart from one that is running.
const MAX_TRIES: u8 = 2;
/// How deep statements that need each other are done again.
const MAX_REPLAYS: usize = 256;

/// A statement of a module.
pub(super) type Statement = (Rc<ModuleState>, usize);

/// What a statement of a module leaves behind.
pub(super) struct Load {
    /// The statements that run before it.
    needs: Vec<Statement>,
    changes: Vec<Change>,
    /// Variables of the process after it.
    set: BTreeMap<String, Value>,
    marks: Marks,
}

/// The statements that have been noted.
#[derive(Default)]
pub(super) struct Loads {
    /// By module and statement; nothing for one that runs in its place.
    known: HashMap<(usize, usize), Option<Rc<Load>>>,
    tries: HashMap<(usize, usize), u8>,
    running: Vec<Running>,
    /// The statements of this run that were not run but done again, in order.
    pub(super) replayed: Vec<Statement>,
    /// Steps that may still be taken.
    steps_left: u32,
    /// Scopes and classes that may hold themselves.
    knots: Knots,
}

impl Loads {
    /// None yet, and so many steps for those to come.
    pub(super) fn of(steps: u32) -> Self {
        Self { steps_left: steps, ..Self::default() }
    }
}

/// A statement that is being noted.
struct Running {
    statement: Statement,
    needs: Vec<Statement>,
    /// Whether it came upon another one that is running.
    is_entangled: bool,
}

/// What was going on when something else was begun.
struct Suspended {
    changed: Changed,
    oracle: Oracle,
    failures: Rc<RefCell<Failures>>,
    marks: Marks,
    pieces: Vec<usize>,
    limited_from: usize,
    knots: Knots,
    probe: Option<(Rc<str>, Span)>,
    branch: Option<Place>,
    returned: Option<Place>,
    handlers: u32,
    handling: Vec<(Vec<String>, Value)>,
    unknown_rounds: u32,
    steps: u32,
    max_steps: u32,
    calls: u32,
    ended: bool,
    horizons: Vec<(Rc<ModuleState>, usize)>,
}

fn key_of((module, index): &Statement) -> (usize, usize) {
    (Rc::as_ptr(module).addr(), *index)
}

impl Machine<'_> {
    /// Runs one statement of a module, unless it has run.
    pub(super) fn run_top_level(&mut self, module: &Rc<ModuleState>, index: usize) -> Eval<()> {
        if module.ran.borrow().contains(&index) {
            return Ok(());
        }
        let statement = (Rc::clone(module), index);
        if self.comes_upon_itself(&statement) {
            return Ok(());
        }
        if self.is_asked_for(module, index) {
            return self.run_in_place(module, index);
        }
        match self.load(&statement) {
            Some(load) if self.replay(&statement, &load, 0) => Ok(()),
            _ => self.run_in_place(module, index),
        }
    }

    /// Whether the way through a statement is what is asked for.
    fn is_asked_for(&self, module: &ModuleState, index: usize) -> bool {
        let asked = self.asked_for.as_ref();
        asked.is_some_and(|(path, indices)| **path == *module.loaded.path && indices.contains(&index))
    }

    /// Whether a statement is being noted.
    pub(super) const fn is_loading(&self) -> bool {
        !self.loads.running.is_empty()
    }

    fn run_in_place(&mut self, module: &Rc<ModuleState>, index: usize) -> Eval<()> {
        self.time_passes();
        self.journal.past.goes_on("runs", (Rc::as_ptr(module).addr(), index));
        self.write(Slot::Ran(Rc::clone(module), index), Content::Flag(true));
        let loaded = std::sync::Arc::clone(&module.loaded);
        let Some(statement) = loaded.module.body.get(index) else { return Ok(()) };
        let outer = module.horizon.replace(index);
        let result = self.statement(&Frame::of_module(Rc::clone(module)), statement);
        module.horizon.set(outer);
        self.time_passes();
        match result {
            Err(Flow::Break | Flow::Continue | Flow::Return(..)) | Ok(()) => Ok(()),
            Err(flow) => Err(flow),
        }
    }

    /// Whether a statement is being noted already: what came upon it cannot be told apart from it.
    fn comes_upon_itself(&mut self, statement: &Statement) -> bool {
        let key = key_of(statement);
        let running = &mut self.loads.running;
        let Some(at) = running.iter().position(|one| key_of(&one.statement) == key) else { return false };
        running.iter_mut().skip(at + 1).for_each(|one| one.is_entangled = true);
        true
    }

    /// Whether a name has no value though all statements that bind it have run, are running or come later.
    pub(super) fn is_unbound(&self, module: &Rc<ModuleState>, name: &str) -> bool {
        let (binders, ran) = (module.loaded.binders(name), module.ran.borrow());
        let is_running = |index: &usize| {
            let key = (Rc::as_ptr(module).addr(), *index);
            self.loads.running.iter().any(|one| key_of(&one.statement) == key)
        };
        let is_past =
            |index: &usize| ran.contains(index) || *index >= module.horizon.get() || is_running(index);
        !binders.is_empty() && module.loaded.stars.is_empty() && binders.iter().all(is_past)
    }

    /// What a statement leaves behind; `None` where that is not the same on every way.
    fn load(&mut self, statement: &Statement) -> Option<Rc<Load>> {
        let key = key_of(statement);
        if let Some(known) = self.loads.known.get(&key) {
            return known.clone();
        }
        if self.loads.running.len() >= MAX_DEPTH || self.loads.steps_left == 0 {
            return None;
        }
        let (load, is_entangled) = self.noted(statement);
        let load = load.map(Rc::new);
        let tries = self.loads.tries.entry(key).or_default();
        *tries += 1;
        if !is_entangled || *tries >= MAX_TRIES {
            self.loads.known.insert(key, load.clone());
        }
        load
    }

    /// Runs a statement with nothing else going on; also whether it came upon one that is running.
    fn noted(&mut self, statement: &Statement) -> (Option<Load>, bool) {
        let outer = self.suspend();
        self.journal.past = Past::of(key_of(statement));
        self.loads.running.push(Running {
            statement: (Rc::clone(&statement.0), statement.1),
            needs: Vec::new(),
            is_entangled: false,
        });
        let ended = self.run_in_place(&statement.0, statement.1);
        let running = self.loads.running.pop();
        let (needs, is_entangled) =
            running.map_or_else(|| (Vec::new(), true), |running| (running.needs, running.is_entangled));
        let is_settled = ended.is_ok() && self.oracle.taken.is_empty() && !is_entangled;
        self.loads.steps_left = self.loads.steps_left.saturating_sub(self.steps());
        let load = Load {
            needs,
            changes: self.changes(),
            set: self.set.clone(),
            marks: std::mem::take(&mut self.marks),
        };
        self.take_all_back();
        self.loads.knots.take(&mut self.knots);
        self.resume(outer);
        (is_settled.then_some(load), is_entangled)
    }

    /// Does again what a statement has done; whether that could be done.
    fn replay(&mut self, statement: &Statement, load: &Load, depth: usize) -> bool {
        if depth > MAX_REPLAYS {
            return false;
        }
        for need in &load.needs {
            if need.0.ran.borrow().contains(&need.1) {
                continue;
            }
            let known = self.loads.known.get(&key_of(need)).cloned().flatten();
            if !known.is_some_and(|known| self.replay(need, &known, depth + 1)) {
                return false;
            }
        }
        let is_as_it_was = load.marks.reads.iter().all(|name| match self.set.get(name) {
            None => true,
            Some(value) => {
                load.set.get(name).is_some_and(|known| known.is_same(value))
                    || self.is_set_after(statement, name, value)
            }
        });
        if !is_as_it_was || !load.changes.iter().all(|change| change.fits(&self.content(&change.slot))) {
            return false;
        }
        self.time_passes();
        for change in &load.changes {
            self.write_loaded(&change.slot, change.after.clone());
        }
        self.marks.add(&load.marks);
        let statement = (Rc::clone(&statement.0), statement.1);
        match self.loads.running.last_mut() {
            Some(running) => running.needs.push(statement),
            None => self.loads.replayed.push(statement),
        }
        true
    }

    /// Whether a later statement of the same module has set a variable of the process, so that it was not yet set.
    fn is_set_after(&self, (module, index): &Statement, variable: &str, value: &Value) -> bool {
        let sets = |change: &Change| {
            matches!((&change.slot, &change.after), (Slot::Variable(name), Content::Value(Some(after)))
                if name == variable && after.is_same(value))
        };
        module.loaded.environ_writers().into_iter().filter(|later| later > index).any(|later| {
            let known = self.loads.known.get(&key_of(&(Rc::clone(module), later))).and_then(Option::as_ref);
            known.is_some_and(|load| load.changes.iter().any(sets))
        })
    }

    /// Does again what statements have done; whether that could be done for all.
    pub(super) fn reload(&mut self, statements: &[Statement]) -> bool {
        statements.iter().all(|statement| {
            let has_run = statement.0.ran.borrow().contains(&statement.1);
            let known = || self.loads.known.get(&key_of(statement)).cloned().flatten();
            has_run || known().is_some_and(|load| self.replay(statement, &load, 0))
        })
    }

    fn suspend(&mut self) -> Suspended {
        let changed = self.take_all_back();
        let running = self.modules.values().filter(|module| module.horizon.get() != usize::MAX);
        let horizons =
            running.map(|module| (Rc::clone(module), module.horizon.replace(usize::MAX))).collect();
        Suspended {
            changed,
            oracle: std::mem::take(&mut self.oracle),
            failures: std::mem::take(&mut self.failures),
            marks: std::mem::take(&mut self.marks),
            pieces: std::mem::take(&mut self.pieces),
            limited_from: std::mem::take(&mut self.limited_from),
            knots: std::mem::take(&mut self.knots),
            probe: self.probe.take(),
            branch: self.branch.take(),
            returned: self.returned.take(),
            handlers: std::mem::take(&mut self.handlers),
            handling: std::mem::take(&mut self.handling),
            unknown_rounds: std::mem::take(&mut self.unknown_rounds),
            steps: std::mem::take(&mut self.steps),
            // It is done for all runs, whatever is left to this one.
            max_steps: std::mem::replace(&mut self.max_steps, STEPS_OF_A_LOAD),
            // What a module asks is no answer yet.
            calls: std::mem::replace(&mut self.calls, 1),
            ended: std::mem::take(&mut self.ended),
            horizons,
        }
    }

    fn resume(&mut self, outer: Suspended) {
        self.change_again(outer.changed);
        self.oracle = outer.oracle;
        self.failures = outer.failures;
        self.marks = outer.marks;
        self.pieces = outer.pieces;
        self.limited_from = outer.limited_from;
        self.knots = outer.knots;
        self.probe = outer.probe;
        self.branch = outer.branch;
        self.returned = outer.returned;
        self.handlers = outer.handlers;
        self.handling = outer.handling;
        self.unknown_rounds = outer.unknown_rounds;
        self.steps = outer.steps;
        self.max_steps = outer.max_steps;
        self.calls = outer.calls;
        self.ended = outer.ended;
        for (module, horizon) in outer.horizons {
            module.horizon.set(horizon);
        }
    }
}
