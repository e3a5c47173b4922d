//! The machine that evaluates decisions: its state, its limits, and how names are looked up.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::RangeInclusive;
use std::rc::Rc;

use source::{Place, Span};
use syntax::decision::{ImportedNames, Language};

use super::changers::is_changeable;
use super::joins::Failures;
use super::journal::{Content, Entries, Journal, Slot};
use super::knots::{Knot, Knots};
use super::loads::Loads;
use super::model::Impossible;
use super::oracle::{Oracle, Question, key_of};
use super::past::Past;
use super::program::{Program, Resolved};
use super::recalls::Recalls;
use super::scope::{Frame, ModuleState, Scope};
use super::value::{Class, Either, Unknown, Value, term_of};
use super::variables::Variables;

/// Statements and expressions that one run may take in any case, and at most.
const STEPS_OF_A_RUN: RangeInclusive<u32> = 7_000..=40_000;
/// Steps that a run may take in any case where it is known of every variable whether it is set: few questions are open.
const STEPS_OF_A_COMPLETE_RUN: u32 = 40_000;
/// Calls inside calls.
const MAX_CALLS: u32 = 40;

/// Why the ordinary order of evaluation ends.
pub(super) enum Flow {
    Return(Value, Place),
    Break,
    Continue,
    Raise(Raised),
    /// Nothing further can be said.
    Stop(Rc<Unknown>),
    /// The value that was asked for has been reached.
    Probed(Value, Place),
}

/// An exception on its way.
pub(super) struct Raised {
    /// Its classes, its own first; none where that is not known.
    pub(super) classes: Vec<String>,
    pub(super) value: Value,
    pub(super) place: Place,
}

pub(super) type Eval<T> = Result<T, Flow>;

/// The runs of a program with the variables of one deployment, one after the other.
pub(super) struct Machine<'m> {
    pub(super) program: &'m Program<'m>,
    pub(super) variables: Variables,
    pub(super) oracle: Oracle,
    /// What has been changed on this way.
    pub(super) journal: Journal,
    /// What the statements of modules have changed.
    pub(super) loaded: Journal,
    pub(super) loads: Loads,
    pub(super) failures: Rc<RefCell<Failures>>,
    /// The pieces of the program that are being tried as one, by their addresses.
    pub(super) pieces: Vec<usize>,
    /// The first of them that the limit of steps is for.
    pub(super) limited_from: usize,
    /// Whether no piece is tried as one.
    pub(super) takes_apart: bool,
    /// Variables that the program has set, or removed (`Absent`).
    pub(super) set: BTreeMap<String, Value>,
    pub(super) marks: Marks,
    /// The statements whose own way is asked for, with the path of their module.
    pub(super) asked_for: Option<(Rc<str>, Vec<usize>)>,
    /// The assignment whose value is asked for.
    pub(super) probe: Option<(Rc<str>, Span)>,
    /// The last branch that was taken.
    pub(super) branch: Option<Place>,
    /// The `return` that was reached last.
    pub(super) returned: Option<Place>,
    pub(super) modules: BTreeMap<String, Rc<ModuleState>>,
    /// Scopes and classes of this way that may hold themselves.
    pub(super) knots: Knots,
    pub(super) steps: u32,
    /// Steps that may be taken.
    pub(super) max_steps: u32,
    pub(super) calls: u32,
    pub(super) recalls: Recalls,
    /// How often this run has parted from all others.
    pub(super) partings: u64,
    /// How often time has passed.
    pub(super) moment: u64,
    /// The terms of what clocks have shown.
    pub(super) readings: HashSet<u64>,
    /// The terms of what regular expressions have found in texts that are not known.
    pub(super) finds: HashSet<u64>,
    /// Handlers around what is running.
    pub(super) handlers: u32,
    /// Loops around what is running whose items are not known.
    pub(super) unknown_rounds: u32,
    /// Bodies of loops of which nothing can be said where their items are not known, by their addresses.
    pub(super) endless: HashSet<usize>,
    /// Exceptions that are being handled, the innermost last: their classes and values.
    pub(super) handling: Vec<(Vec<String>, Value)>,
    /// Whether the chain that was evaluated last ended at a `?.` with nothing before it.
    pub(super) ended: bool,
}

/// What a run has come upon.
#[derive(Default)]
pub(super) struct Marks {
    /// Variables that were asked for.
    pub(super) reads: BTreeSet<String>,
    /// Whether it was asked if a file is there.
    pub(super) asks_files: bool,
    /// Whether something outside the repository was asked for what names the environment.
    pub(super) asks_for_name: bool,
    /// Texts that were looked for inside other texts.
    pub(super) substrings: BTreeSet<(String, Place)>,
    /// Comparisons that no value makes true: why, and where.
    pub(super) impossible: BTreeSet<(Impossible, Place)>,
}

impl Marks {
    pub(super) fn add(&mut self, other: &Self) {
        self.reads.extend(other.reads.iter().cloned());
        self.asks_files |= other.asks_files;
        self.asks_for_name |= other.asks_for_name;
        self.substrings.extend(other.substrings.iter().cloned());
        self.impossible.extend(other.impossible.iter().cloned());
    }
}

impl<'m> Machine<'m> {
    /// Modules may take so many steps to be loaded, in all runs together.
    pub(super) fn new(program: &'m Program<'m>, variables: Variables, steps_of_loads: u32) -> Self {
        Self {
            program,
            variables,
            oracle: Oracle::default(),
            journal: Journal::default(),
            loaded: Journal::default(),
            loads: Loads::of(steps_of_loads),
            failures: Rc::default(),
            pieces: Vec::new(),
            limited_from: 0,
            takes_apart: false,
            set: BTreeMap::new(),
            marks: Marks::default(),
            asked_for: None,
            probe: None,
            branch: None,
            returned: None,
            modules: BTreeMap::new(),
            knots: Knots::default(),
            steps: 0,
            max_steps: *STEPS_OF_A_RUN.end(),
            calls: 0,
            recalls: Recalls::default(),
            partings: 0,
            moment: 0,
            readings: HashSet::new(),
            finds: HashSet::new(),
            handlers: 0,
            unknown_rounds: 0,
            endless: HashSet::new(),
            handling: Vec::new(),
            ended: false,
        }
    }

    /// Begins another run, which answers as the oracle says and takes about as many steps as are left.
    pub(super) fn begin(&mut self, oracle: Oracle, failures: &Rc<RefCell<Failures>>, steps_left: u32) {
        self.take_all_back();
        let least = if self.variables.complete { STEPS_OF_A_COMPLETE_RUN } else { *STEPS_OF_A_RUN.start() };
        self.max_steps = steps_left.clamp(least, *STEPS_OF_A_RUN.end());
        self.oracle = oracle;
        self.failures = Rc::clone(failures);
        self.marks = Marks::default();
        self.pieces.clear();
        self.limited_from = 0;
        self.handling.clear();
        self.loads.replayed.clear();
        self.recalls.keep(&mut self.knots);
        self.journal.past = Past::of(self.takes_apart);
        (self.asked_for, self.probe, self.branch, self.returned) = (None, None, None, None);
        self.moment = 0;
        (self.steps, self.calls, self.handlers, self.unknown_rounds, self.ended) = (0, 0, 0, 0, false);
    }

    /// Steps that were taken.
    pub(super) const fn steps(&self) -> u32 {
        self.steps
    }

    /// Notes a scope that a function or class in it may hold.
    pub(super) fn note_scope(&mut self, scope: &Rc<Scope>) {
        self.knots.0.push(Knot::Scope(Rc::clone(scope)));
    }

    /// Notes a class whose methods hold it.
    pub(super) fn note_class(&mut self, class: &Rc<Class>) {
        self.knots.0.push(Knot::Class(Rc::clone(class)));
    }

    /// Whether the last run took more steps than it may.
    pub(super) const fn is_spent(&self) -> bool {
        self.steps > self.max_steps
    }

    /// Counts one step.
    pub(super) fn step(&mut self, frame: &Frame, span: Span) -> Eval<()> {
        self.steps += 1;
        if std::mem::take(&mut self.journal.is_torn) {
            return Err(self.stop(
                frame,
                span,
                "what is changed by way of `__dict__` is not followed".to_owned(),
            ));
        }
        if self.steps <= self.max_steps {
            return Ok(());
        }
        let reason = format!("the evaluation takes more than {} steps", self.max_steps);
        Err(self.stop(frame, span, reason))
    }

    /// Counts a call while `work` runs.
    pub(super) fn deeper<T>(
        &mut self,
        frame: &Frame,
        span: Span,
        work: impl FnOnce(&mut Self) -> Eval<T>,
    ) -> Eval<T> {
        if self.calls >= MAX_CALLS {
            return Err(self.stop(frame, span, format!("more than {MAX_CALLS} calls inside calls")));
        }
        self.calls += 1;
        let result = work(self);
        self.calls -= 1;
        result
    }

    /// Whether one call is running.
    pub(super) const fn is_outermost(&self) -> bool {
        self.calls <= 1
    }

    fn stop(&mut self, frame: &Frame, span: Span, reason: String) -> Flow {
        match self.unknown(frame, span, reason) {
            Value::Unknown(unknown) => Flow::Stop(unknown),
            _ => Flow::Break,
        }
    }

    /// A value of which nothing is known.
    pub(super) fn unknown(&mut self, frame: &Frame, span: Span, reason: impl Into<String>) -> Value {
        let term = self.fresh_term();
        Value::Unknown(Rc::new(Unknown::of_anything(reason.into(), frame.module.loaded.place(span), term)))
    }

    /// Something that is not known of the process, and the same whenever it is asked for: what is asked, and of what.
    pub(super) fn unknown_of_process(
        &mut self,
        frame: &Frame,
        span: Span,
        reason: String,
        (asked, parts): (&str, &[&Value]),
    ) -> Value {
        let term = term_of(asked, parts);
        let unknown = Unknown::of_anything(reason, frame.module.loaded.place(span), term);
        self.kept(Value::Unknown(Rc::new(unknown)))
    }

    /// What an operation makes of values of which one is not known; for the same values it is the same.
    pub(super) fn derived(&self, operation: &str, parts: &[&Value], is_text: bool) -> Option<Value> {
        let first = parts.iter().find_map(|part| part.first_unknown(4))?;
        let term = term_of(operation, parts);
        if let Some(known) = self.oracle.assumed(term) {
            return Some(known.clone());
        }
        let Unknown { reason, place, .. } = &*first;
        let truth = if keeps_truth(operation) && parts.len() == 1 { first.truth } else { term };
        let (reason, place) = (reason.clone(), place.clone());
        Some(Value::Unknown(Rc::new(Unknown { reason, place, term, truth, is_text, is_number: false })))
    }

    /// The value to be looked at: of a variable that may be set it is asked whether it is.
    pub(super) fn settled(&mut self, value: Value) -> Value {
        let mut value = value;
        loop {
            value = match &value {
                Value::Open(open) => {
                    let open = Rc::clone(open);
                    if self.is_found_set(&open) { Self::value_of_set(&open) } else { open.default.clone() }
                }
                Value::Either(either) => self.chosen(&Rc::clone(either)),
                Value::Sequence(_, items) if items.borrow().iter().any(Value::may_be_absent) => {
                    self.settle_items(&Rc::clone(items));
                    return value;
                }
                _ => return self.kept(value),
            };
        }
    }

    /// The one of two values that it is.
    fn chosen(&mut self, either: &Rc<Either>) -> Value {
        let answer = self.oracle.ask(&either.question);
        let [no, yes] = &either.branches;
        let branch = if answer { yes } else { no };
        if branch.is_some() {
            self.branch.clone_from(branch);
        }
        if answer { either.yes.clone() } else { either.no.clone() }
    }

    /// A value that may stand for nothing at all; `None` where it does.
    pub(super) fn present(&mut self, value: Value) -> Option<Value> {
        if !value.may_be_absent() {
            return Some(value);
        }
        match self.settled(value) {
            Value::Absent => None,
            value => Some(value),
        }
    }

    /// Finds out which items of a sequence are there.
    fn settle_items(&mut self, items: &Rc<RefCell<Vec<Value>>>) {
        let all = items.borrow().clone();
        let there = all.into_iter().filter_map(|item| self.present(item)).collect();
        self.write(Slot::Items(Rc::clone(items)), Content::Items(there));
    }

    /// The entries of a dictionary, of which it is found out which are there.
    pub(super) fn entries_of(&mut self, entries: &Rc<RefCell<Entries>>) -> Entries {
        let all = entries.borrow().clone();
        if !all.iter().any(|(_, value)| value.may_be_absent()) {
            return all;
        }
        let there: Entries =
            all.into_iter().filter_map(|(key, value)| Some((key, self.present(value)?))).collect();
        self.write(Slot::Entries(Rc::clone(entries)), Content::Entries(there.clone()));
        there
    }

    /// The value to be handed on, as far as it is known in this run.
    pub(super) fn kept(&self, value: Value) -> Value {
        match &value {
            Value::Unknown(unknown) => self.oracle.assumed(unknown.term).cloned().unwrap_or(value),
            _ => value,
        }
    }

    /// Whether something that is not known counts as true.
    pub(super) fn decide_truth(&mut self, unknown: &Unknown) -> bool {
        let terms: &[u64] = if unknown.is_text { &[unknown.term, unknown.truth] } else { &[] };
        self.ask(unknown.truth, "is true", (&unknown.reason, &unknown.place), || {
            terms.iter().map(|term| (false, *term, Value::text(""))).collect()
        })
    }

    /// Answers an open question about a value.
    pub(super) fn decide(&mut self, unknown: &Unknown, question: &str) -> bool {
        self.ask(unknown.term, question, (&unknown.reason, &unknown.place), Vec::new)
    }

    /// Answers an open question about the value with this term: why it is open, where, and what follows.
    pub(super) fn ask(
        &mut self,
        term: u64,
        asked: &str,
        (reason, place): (&str, &Place),
        follows: impl FnOnce() -> Vec<(bool, u64, Value)>,
    ) -> bool {
        let key = key_of(term, asked);
        self.oracle.known(key).unwrap_or_else(|| {
            let (reason, place) = (reason.to_owned(), place.clone());
            let question = Question { key, reason, place, is_presence: false, follows: follows() };
            self.oracle.ask(&Rc::new(question))
        })
    }

    /// Answers the question whether something is set or there that no file speaks of.
    pub(super) fn ask_presence(&mut self, term: u64, asked: &str, reason: String, place: &Place) -> bool {
        let key = key_of(term, asked);
        self.oracle.known(key).unwrap_or_else(|| {
            let place = place.clone();
            let question = Question { key, reason, place, is_presence: true, follows: Vec::new() };
            self.oracle.ask(&Rc::new(question))
        })
    }

    /// The state of the module in the file at `path`.
    pub(super) fn module(&mut self, path: &str) -> Option<Rc<ModuleState>> {
        if let Some(known) = self.modules.get(path) {
            return Some(Rc::clone(known));
        }
        let loaded = self.program.load(path)?;
        let state = Rc::new(ModuleState::new(loaded));
        self.modules.insert(path.to_owned(), Rc::clone(&state));
        Some(state)
    }

    /// Does what a module does to the variables of the process when it is loaded.
    pub(super) fn prepare(&mut self, module: &Rc<ModuleState>) -> Eval<()> {
        let horizon = module.horizon.get();
        for index in module.loaded.environ_writers().into_iter().filter(|index| *index < horizon) {
            self.run_top_level(module, index)?;
        }
        Ok(())
    }

    /// What a name stands for in a module: every statement that binds it runs first, and what changes it. `None` where
    /// none binds it.
    pub(super) fn global(&mut self, module: &Rc<ModuleState>, name: &str) -> Eval<Option<Value>> {
        let horizon = module.horizon.get();
        let loaded = std::sync::Arc::clone(&module.loaded);
        for maker in loaded.makers(name).iter().filter(|maker| maker.index < horizon) {
            if !maker.is_inside || module.names.borrow().get(name).is_some_and(is_changeable) {
                self.run_top_level(module, maker.index)?;
            }
        }
        if let Some(value) = module.names.borrow().get(name) {
            return Ok(Some(value.clone()));
        }
        if loaded.binders(name).is_empty() {
            return self.starred(module, name);
        }
        Ok(None)
    }

    /// A name that `from x import *` may give.
    fn starred(&mut self, module: &Rc<ModuleState>, name: &str) -> Eval<Option<Value>> {
        let loaded = std::sync::Arc::clone(&module.loaded);
        for index in loaded.stars.iter().rev() {
            let Some(syntax::decision::Statement {
                kind: syntax::decision::StatementKind::Import(import),
                ..
            }) = loaded.module.body.get(*index)
            else {
                continue;
            };
            if import.names != ImportedNames::All || name.starts_with('_') {
                continue;
            }
            if let Resolved::File(path) = self.program.resolve(&loaded, &import.module, import.level)
                && let Some(other) = self.module(&path)
                && !Rc::ptr_eq(&other, module)
                && let Some(value) = self.global(&other, name)?
            {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// What a name stands for where code runs.
    pub(super) fn name(&mut self, frame: &Frame, name: &str, span: Span) -> Eval<Value> {
        match frame.language() {
            Language::JavaScript if name == "this" => {
                return Ok(self.this(frame, span));
            }
            Language::Rust if name.contains("::") => return self.rust_path(frame, span, name),
            Language::Rust if name == "Self" => {
                if let Some(class) = &frame.class {
                    return Ok(Value::Class(Rc::clone(class)));
                }
            }
            _ => {}
        }
        let mut innermost = true;
        let mut at = frame.scope.clone();
        while let Some(scope) = at.clone() {
            if (innermost || !scope.is_class)
                && let Some(value) = scope.names.borrow().get(name)
            {
                return Ok(self.kept(value.clone()));
            }
            if scope.has_local(name) && frame.language() == Language::Python {
                return Self::raise(frame, span, "UnboundLocalError", "");
            }
            innermost = false;
            at.clone_from(&scope.parent);
        }
        let module = Rc::clone(&frame.module);
        if let Some(value) = self.global(&module, name)? {
            return Ok(self.kept(value));
        }
        if let Some(value) = Self::built_in(frame, name) {
            return Ok(value);
        }
        if frame.language() == Language::Python && self.is_unbound(&module, name) {
            return Self::raise(frame, span, "NameError", name);
        }
        if module.loaded.binders(name).is_empty() && module.loaded.stars.is_empty() {
            return Ok(self.unknown(frame, span, format!("`{name}` is not defined in this file")));
        }
        Ok(self.unknown(frame, span, format!("the value of `{name}` is not followed")))
    }

    /// A frame with one more scope, for a block or a comprehension.
    pub(super) fn inner(frame: &Frame) -> Frame {
        Frame { scope: Some(Scope::new(None, frame.scope.clone())), ..frame.clone() }
    }
}

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        for module in self.modules.values() {
            let names = std::mem::take(&mut *module.names.borrow_mut());
            drop(names);
        }
    }
}

/// Methods of a text whose answer is empty only where the text is.
fn keeps_truth(operation: &str) -> bool {
    matches!(operation, "lower" | "upper" | "casefold" | "title" | "capitalize" | "swapcase")
}
