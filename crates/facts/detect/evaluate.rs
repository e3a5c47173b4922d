//! One detector in one deployment: every way the open questions can be answered.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use source::Place;

use super::candidates::{Candidate, Subject};
use super::joins::Failures;
use super::machine::{Eval, Flow, Machine, Marks};
use super::model::{Answer, Impossible};
use super::names::Asks;
use super::oracle::{Decision, Oracle};
use super::program::Loaded;
use super::recalls::Recalls;
use super::scope::Frame;
use super::value::{ClassKind, FunctionRole, Value, variant_name};
use super::variables::{Asked, Variables};

/// Ways that are tried for one cell.
const MAX_WAYS: usize = 96;

/// Ways that are tried after one has led to no answer: whatever the others lead to, the cell stays unknown.
const MAX_WAYS_OF_UNKNOWN: usize = 6;

/// Questions of the first way that are answered otherwise, each alone, before all ways are tried.
const MAX_FLIPS: usize = 24;

/// Steps that one detector may take, in all deployments together.
pub(super) struct Budget {
    left: u32,
}

impl Budget {
    /// So many steps.
    pub(super) const fn of(steps: u32) -> Self {
        Self { left: steps }
    }

    fn spend(&mut self, steps: u32) {
        self.left = self.left.saturating_sub(steps);
    }

    /// Does `work` with one of so many equal parts of what is left; what it does not spend stays.
    pub(super) fn with_part<T>(&mut self, parts: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        let share = self.left / u32::try_from(parts.max(1)).unwrap_or(u32::MAX);
        let mut part = Self::of(share);
        let done = work(&mut part);
        self.spend(share - part.left);
        done
    }
}

/// What a detector answers.
#[derive(Clone)]
pub(super) struct Outcome {
    pub(super) answer: Answer,
    pub(super) possible: Vec<Answer>,
    pub(super) open: bool,
    /// The one answer of all ways that were tried, where not all could be.
    pub(super) so_far: Option<Answer>,
    pub(super) as_declared: Option<Answer>,
    pub(super) at: Place,
    pub(super) branch: Option<Place>,
    pub(super) reads: BTreeSet<String>,
    /// Whether nothing is known because something outside the repository was asked for the name.
    pub(super) is_elsewhere: bool,
    pub(super) substrings: BTreeSet<(String, Place)>,
    pub(super) impossible: BTreeSet<(Impossible, Place)>,
    /// Whether something else than a name, a truth value or nothing was answered.
    pub(super) is_other: bool,
}

/// One way through the program.
struct Way {
    answer: Answer,
    at: Place,
    branch: Option<Place>,
    decisions: Vec<Decision>,
    is_other: bool,
}

/// Evaluates a candidate with the variables of a deployment; no outcome where it is never reached. What was
/// asked for decided the outcome: where the same is known of that it is the same.
pub(super) fn evaluate(
    machine: &mut Machine<'_>,
    loaded: &Arc<Loaded>,
    candidate: &Candidate,
    budget: &mut Budget,
    failures: &Rc<RefCell<Failures>>,
) -> (Asked, Option<Outcome>) {
    machine.recalls = Recalls::default();
    let mut trial = Trial { machine, loaded, candidate, budget, failures, found: Found::default() };
    let cut = trial.all_ways();
    let Found { ways, marks: Marks { reads, asks_files, asks_for_name, substrings, impossible } } =
        trial.found;
    let outcome = if ways.is_empty() {
        cut.map(|why| unreached(why, loaded.place(candidate.span)))
    } else {
        joined(&ways, cut)
    };
    let asked = Asked { names: reads.clone(), files: asks_files };
    let is_elsewhere = |outcome: &Outcome| asks_for_name && reads.is_empty() && !outcome.answer.is_known();
    let outcome = outcome.map(|outcome| Outcome { is_elsewhere: is_elsewhere(&outcome), ..outcome });
    (asked, outcome.map(|outcome| Outcome { reads, substrings, impossible, ..outcome }))
}

/// A candidate with the variables of one deployment, and what has been found of it.
struct Trial<'t, 'p> {
    machine: &'t mut Machine<'p>,
    loaded: &'t Arc<Loaded>,
    candidate: &'t Candidate,
    budget: &'t mut Budget,
    failures: &'t Rc<RefCell<Failures>>,
    found: Found,
}

/// What the ways that were tried have shown.
#[derive(Default)]
struct Found {
    ways: Vec<Way>,
    marks: Marks,
}

impl Trial<'_, '_> {
    /// Tries the ways; why not all of them, where that is so.
    fn all_ways(&mut self) -> Option<String> {
        self.machine.takes_apart = false;
        let (mut is_known, mut first) = self.way(Vec::new());
        if !is_known && self.machine.is_spent() {
            // What all ways leave behind takes too long to tell: one at a time.
            self.machine.takes_apart = true;
            let spent = std::mem::take(&mut self.found.ways);
            (is_known, first) = self.way(Vec::new());
            // What is passed by on one way is not passed by on all.
            if self.found.ways.is_empty() {
                self.found.ways = spent;
            }
        }
        if !is_known || self.leads_nowhere(&first) {
            return first.next_script().and(Some("an open question leads to no answer".to_owned()));
        }
        let mut script = first.next_script();
        let mut unanswered = 0;
        for _ in 1..MAX_WAYS {
            let answers = script?;
            if self.budget.left == 0 {
                return Some(exhausted(&first));
            }
            let (is_known, oracle) = self.way(answers);
            unanswered += usize::from(!is_known);
            script = oracle.next_script();
            if self.is_settled() {
                return None;
            }
            if unanswered > MAX_WAYS_OF_UNKNOWN {
                return script.and(Some("open questions lead to no answer".to_owned()));
            }
        }
        script.and(Some(format!("more than {MAX_WAYS} ways lead to an answer")))
    }

    /// Whether no further way adds to what a deployment answers: there is no third truth value.
    fn is_settled(&self) -> bool {
        let answers = |wanted: bool| self.found.ways.iter().any(|way| way.answer == Answer::Bool(wanted));
        let is_deployed = self.machine.variables != Variables::default();
        is_deployed && matches!(self.candidate.asks, Asks::For(_)) && answers(true) && answers(false)
    }

    /// Whether one question of the first way, answered otherwise, leads to no answer: then what all others lead to
    /// settles nothing.
    fn leads_nowhere(&mut self, first: &Oracle) -> bool {
        let answers: Vec<bool> = first.taken.iter().map(|decision| decision.answer).collect();
        (0..answers.len()).take(MAX_FLIPS).any(|at| {
            let script = answers.iter().take(at).copied().chain([true]).collect();
            self.budget.left > 0 && !self.way(script).0
        })
    }

    /// Goes the way of a script: whether it leads to an answer, or past what is asked, and what was asked on it.
    fn way(&mut self, script: Vec<bool>) -> (bool, Oracle) {
        self.machine.begin(Oracle::following(script), self.failures, self.budget.left);
        let way = run(self.machine, self.loaded, self.candidate);
        let is_known = way.as_ref().is_none_or(|way| way.answer.is_known());
        self.found.marks.add(&self.machine.marks);
        self.found.ways.extend(way);
        self.budget.spend(self.machine.steps());
        (is_known, std::mem::take(&mut self.machine.oracle))
    }
}

/// Why not all ways were tried, with the first question of the first way: no step is left to see what else it leads to.
fn exhausted(first: &Oracle) -> String {
    const WHY: &str = "the steps that one detector may take are used up";
    match first.taken.first() {
        Some(decision) => format!("{}, and {WHY}", decision.question.reason),
        None => WHY.to_owned(),
    }
}

/// What is answered where no way has led to what is asked for, and not all were tried.
fn unreached(reason: String, at: Place) -> Outcome {
    Outcome {
        answer: Answer::Unknown { reason, at: at.clone() },
        possible: Vec::new(),
        open: true,
        so_far: None,
        as_declared: None,
        at,
        branch: None,
        reads: BTreeSet::new(),
        is_elsewhere: false,
        substrings: BTreeSet::new(),
        impossible: BTreeSet::new(),
        is_other: false,
    }
}

fn joined(ways: &[Way], cut: Option<String>) -> Option<Outcome> {
    let first = ways.first()?;
    let mut possible: Vec<Answer> = Vec::new();
    let mut open = cut.is_some();
    for way in ways {
        if !way.answer.is_known() {
            open = true;
        } else if !possible.contains(&way.answer) {
            possible.push(way.answer.clone());
        }
    }
    possible.sort();
    let only_presence =
        first.decisions.iter().all(|decision| decision.question.is_presence && !decision.answer);
    let as_declared = (only_presence && first.answer.is_known()).then(|| first.answer.clone());
    let so_far = match possible.as_slice() {
        [one] if ways.iter().all(|way| way.answer.is_known()) => Some(one.clone()),
        _ => None,
    };
    let answer = match (open, possible.as_slice()) {
        (false, [one]) => one.clone(),
        _ => ways
            .iter()
            .find(|way| !way.answer.is_known())
            .filter(|_| possible.is_empty())
            .map_or_else(|| unknown_of(ways, cut), |way| way.answer.clone()),
    };
    // Where several ways lead to one answer, the last branch is that of the first way.
    Some(Outcome {
        answer,
        possible,
        open,
        so_far,
        as_declared,
        at: first.at.clone(),
        branch: first.branch.clone(),
        reads: BTreeSet::new(),
        is_elsewhere: false,
        substrings: BTreeSet::new(),
        impossible: BTreeSet::new(),
        is_other: ways.iter().any(|way| way.is_other),
    })
}

/// The reason of the first open question on which the answer depends.
fn unknown_of(ways: &[Way], cut: Option<String>) -> Answer {
    let Some(first) = ways.first() else {
        return Answer::Nothing;
    };
    if let Answer::Unknown { .. } = &first.answer {
        return first.answer.clone();
    }
    for way in ways.iter().skip(1).filter(|way| way.answer != first.answer) {
        let differs = way
            .decisions
            .iter()
            .zip(&first.decisions)
            .find(|(one, other)| one.answer != other.answer)
            .map(|(one, _)| one);
        if let Some(decision) = differs {
            return Answer::Unknown {
                reason: decision.question.reason.clone(),
                at: decision.question.place.clone(),
            };
        }
    }
    let reason = cut.unwrap_or_else(|| "open questions lead to no answer".to_owned());
    Answer::Unknown { reason, at: first.at.clone() }
}

/// Evaluates once; `None` where the assignment that is asked for is not reached.
fn run(machine: &mut Machine<'_>, loaded: &Arc<Loaded>, candidate: &Candidate) -> Option<Way> {
    let home = loaded.place(candidate.span);
    if let Subject::Assigned(_, _, span) = &candidate.what {
        machine.probe = Some((Rc::from(&*loaded.path), *span));
    }
    let asked_for = match &candidate.what {
        Subject::Global(name) | Subject::Entry(name, _) => Some(name),
        // The value of an attribute is found where the class is made.
        Subject::Member(class, name) if !loaded.has_method(class, name) => Some(class),
        Subject::Member(..) | Subject::Assigned(..) => None,
    };
    if let Some(name) = asked_for {
        machine.asked_for = Some((Rc::from(&*loaded.path), loaded.asked_with(name)));
    }
    let result = subject(machine, loaded, candidate);
    let is_probe = machine.probe.is_some();
    let (answer, at, is_other) = match result {
        Ok(_) | Err(Flow::Raise(_)) if is_probe => return None,
        Ok(Some(value)) => {
            let (answer, other) = answer_of(machine, loaded, candidate, value);
            (answer, machine.returned.clone().unwrap_or(home), other)
        }
        Err(Flow::Probed(value, at)) => {
            let (answer, other) = answer_of(machine, loaded, candidate, value);
            (answer, at, other)
        }
        Err(Flow::Raise(raised)) => {
            let class = raised.classes.first().cloned().unwrap_or_else(|| "an exception".to_owned());
            (Answer::Raises(class), raised.place, false)
        }
        Err(Flow::Stop(unknown)) => {
            let answer = Answer::Unknown { reason: unknown.reason.clone(), at: unknown.place.clone() };
            (answer, unknown.place.clone(), false)
        }
        Ok(None) | Err(Flow::Return(..) | Flow::Break | Flow::Continue) => return None,
    };
    Some(Way {
        answer,
        at,
        branch: machine.branch.clone(),
        decisions: machine.oracle.taken.clone(),
        is_other,
    })
}

/// The value of what is evaluated.
fn subject(machine: &mut Machine<'_>, loaded: &Arc<Loaded>, candidate: &Candidate) -> Eval<Option<Value>> {
    let Some(module) = machine.module(&loaded.path) else { return Ok(None) };
    let frame = Frame::of_module(Rc::clone(&module));
    let span = candidate.span;
    let value = match &candidate.what {
        Subject::Global(name) | Subject::Assigned(None, name, _) => machine.defined(&module, name)?,
        Subject::Entry(object, name) => match machine.global(&module, object)? {
            Some(object @ Value::Map(_)) => Some(machine.member(&frame, span, object, name)?),
            _ => None,
        },
        Subject::Member(class, name) | Subject::Assigned(Some(class), name, _) => {
            match machine.defined(&module, class)? {
                Some(Value::Class(class)) if candidate.is_literal && class.kind != ClassKind::Settings => {
                    None
                }
                Some(Value::Class(class)) => {
                    let object = machine.object_of(&frame, span, &class, name)?;
                    let is_function = matches!(
                        Machine::member_of_class(&class, name),
                        Some(Value::Function(function)) if function.role != FunctionRole::Property
                    );
                    let value = machine.member(&frame, span, object, name)?;
                    if is_function && !matches!(value, Value::Function(_)) {
                        return Ok(None);
                    }
                    Some(value)
                }
                _ => None,
            }
        }
    };
    match value {
        Some(Value::Function(closure)) => {
            let (arguments, keywords) = machine.open_arguments(&closure);
            machine.call_closure(&frame, span, &closure, arguments, keywords).map(Some)
        }
        other => Ok(other),
    }
}

impl Machine<'_> {
    /// What a name stands for; of two definitions the one that holds.
    fn defined(&mut self, module: &Rc<super::scope::ModuleState>, name: &str) -> Eval<Option<Value>> {
        let value = self.global(module, name)?;
        Ok(value.map(|value| if matches!(value, Value::Either(_)) { self.settled(value) } else { value }))
    }
}

/// A value as an answer, and whether it is none that a detector gives.
fn answer_of(
    machine: &mut Machine<'_>,
    loaded: &Arc<Loaded>,
    candidate: &Candidate,
    value: Value,
) -> (Answer, bool) {
    let value = machine.settled(value);
    let value = Machine::enumerated(&value).unwrap_or(value);
    // Rust wraps what it answers.
    let value = match &value {
        Value::Variant(name, values) if matches!(&**name, "Some" | "Ok") && values.len() == 1 => {
            values.first().cloned().unwrap_or(Value::None)
        }
        _ => value,
    };
    if matches!(candidate.asks, Asks::For(_)) && !matches!(value, Value::Function(_)) {
        let Some(module) = machine.module(&loaded.path) else { return (Answer::Nothing, true) };
        let frame = Frame::of_module(module);
        // A question that is answered with an object is another question.
        let is_other = matches!(
            value,
            Value::Instance(_) | Value::Module(_) | Value::External(_) | Value::Class(_) | Value::Map(_)
        );
        return (Answer::Bool(machine.truth(&frame, &value)), is_other);
    }
    match value {
        Value::Text(text) => (Answer::Text(text.to_string()), false),
        Value::Bool(value) => (Answer::Bool(value), true),
        Value::None | Value::Undefined => (Answer::Nothing, false),
        Value::Variant(name, values) if values.is_empty() => match &*name {
            "None" => (Answer::Nothing, false),
            // An error without anything more.
            "Err" => (Answer::Nothing, false),
            name => (Answer::Text(variant_name(name).to_owned()), false),
        },
        // It failed, and names nothing.
        Value::Variant(name, _) if &*name == "Err" => (Answer::Nothing, false),
        // `Other("qa")` says `qa`.
        Value::Variant(_, values)
            if values.len() == 1 && values.iter().all(|one| one.as_text().is_some()) =>
        {
            (Answer::Text(values.first().and_then(Value::as_text).unwrap_or("").to_owned()), false)
        }
        Value::Unknown(unknown) => {
            (Answer::Unknown { reason: unknown.reason.clone(), at: unknown.place.clone() }, false)
        }
        _ => (Answer::Nothing, true),
    }
}
