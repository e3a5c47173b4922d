//! Which environment code thinks it is in: detectors are found and evaluated with each deployment's variables.

mod arithmetic;
mod assign;
mod attributes;
mod bindings;
mod branches;
mod built;
mod builtins;
mod calls;
mod candidates;
mod changers;
#[cfg(test)]
mod changers_tests;
mod choices;
mod classes;
mod clocks;
mod copies;
mod deployments;
mod effects;
mod environment;
mod equality;
mod evaluate;
mod exceptions;
mod expressions;
mod files;
#[cfg(test)]
mod followed_tests;
mod invocations;
mod javascript_builtins;
#[cfg(test)]
mod javascript_tests;
mod joins;
#[cfg(test)]
mod joins_tests;
mod journal;
mod knots;
mod libraries;
mod listed;
mod loads;
mod loggers;
mod loops;
mod machine;
mod machines;
mod matches;
mod methods;
mod model;
mod names;
mod numbers;
mod operators;
mod oracle;
mod owners;
mod past;
mod paths;
mod platform;
mod presence;
mod program;
mod pydantic;
mod python_builtins;
mod recalls;
mod receivers;
mod regexes;
mod repairs;
mod rests;
mod rust;
mod rust_paths;
#[cfg(test)]
mod rust_tests;
mod schemas;
mod scope;
mod shipped;
mod signs;
mod started;
mod statements;
#[cfg(test)]
mod tests;
mod text;
mod urls;
mod value;
mod variables;

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use rayon::prelude::*;
use source::{EntryKind, FileKind, Place, is_backup, is_illustration, is_test};

pub use branches::UnreachableBranch;
pub use choices::Choice;
pub use model::{Answer, Cell, Detector, Impossible, is_mode};
pub use repairs::{DetectorRepair, RepairedCell};
pub(crate) use signs::may_hold;

use crate::environment::canonical;
use crate::inventory::Inventory;
use crate::record::Use;
use crate::{Declared, Deployment, Facts};
use candidates::{Candidate, candidates};
use evaluate::{Budget, Outcome, evaluate};
use machines::Machines;
use names::Asks;
use owners::{Owners, Runs};
use program::{Loaded, Program};
use shipped::Shipped;
use variables::{Asked, Variables, is_environment_variable};

/// Adds the deployments, the detectors and what they answer. The files `without` are known to hold no detector.
pub(crate) fn detect(
    inventory: &Inventory<'_>,
    declared: &Declared,
    uses: &[Use],
    without: &HashSet<String>,
    facts: &mut Facts,
) {
    facts.deployments = deployments::deployments(facts, declared, uses);
    started::note(inventory, uses, facts);
    let mut paths = code(inventory, declared, facts);
    paths.retain(|path| !without.contains(*path));
    let program = Program::new(inventory);
    let glanced: Vec<Glance> = paths
        .par_iter()
        .filter_map(|path| program.glance(path))
        .map(|loaded| {
            let found = candidates(&loaded);
            if !found.is_empty() {
                program.keep(&loaded);
            }
            let unreachable = branches::unreachable(&loaded);
            (unreachable, found.into_iter().map(|one| (Arc::clone(&loaded), one)).collect())
        })
        .collect();
    let mut may_be = Vec::new();
    for (unreachable, found) in glanced {
        facts.unreachable.extend(unreachable);
        let concluded = found.iter().flat_map(|(loaded, candidate)| presence::predicates(loaded, candidate));
        facts.predicates.extend(concluded);
        may_be.extend(found);
    }
    facts.unreachable.sort();
    facts.predicates.sort_by(|one, other| one.at.cmp(&other.at));
    let budget = steps_of_each(may_be.len());
    // Nobody asks for what a program sees where there is no detector.
    let asked: &[Deployment] = if may_be.is_empty() { &[] } else { &facts.deployments };
    let given: Vec<(&Deployment, Variables)> =
        asked.iter().map(|deployment| (deployment, variables(facts, uses, deployment))).collect();
    let owners = Owners::new(declared, facts);
    may_be
        .sort_by(|(one, first), (other, second)| (&one.path, &first.name).cmp(&(&other.path, &second.name)));
    let steps_of_loads = steps_of_loads(may_be.len());
    let mut found: Vec<(Detector, Vec<Cell>)> = may_be
        .par_chunks(DETECTORS_OF_A_TURN)
        .flat_map_iter(|turn| {
            let mut machines = Machines::new(&program, steps_of_loads);
            let judged = turn.iter().filter_map(|(loaded, candidate)| {
                let runs = |deployment: &Deployment| owners.runs(deployment, &loaded.path);
                Judge::new(&program, loaded, candidate, budget).judge(&mut machines, &given, &runs)
            });
            judged.collect::<Vec<_>>()
        })
        .collect();
    found.sort_by(|(one, _), (other, _)| (&one.at, &one.id).cmp(&(&other.at, &other.id)));
    let (detectors, cells): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let found = Answers { detectors, cells: cells.into_iter().flatten().collect() };
    let repairs = repairs::repairs(inventory, facts, &found, &given, &owners);
    facts.detectors = found.detectors;
    facts.cells = found.cells;
    facts.repairs = repairs;
}

/// What a deployment's program sees.
fn variables(facts: &Facts, uses: &[Use], deployment: &Deployment) -> Variables {
    Variables { shipped: Shipped::of(facts, uses, deployment), ..Variables::of(deployment) }
}

/// What was found of all detectors.
struct Answers {
    detectors: Vec<Detector>,
    cells: Vec<Cell>,
}

/// The files that may hold detectors: code that was read, or all code where no image says what is run.
fn code<'i>(inventory: &'i Inventory<'_>, declared: &Declared, facts: &Facts) -> Vec<&'i str> {
    let started = facts.images.iter().any(|image| !image.entry.is_empty());
    let read: BTreeSet<&str> =
        facts.files.iter().filter(|file| file.kind == FileKind::Python).map(|file| &*file.path).collect();
    let wanted = |path: &str| {
        let may_hold = match FileKind::of(path) {
            FileKind::Python => !started || read.contains(path),
            FileKind::TypeScript | FileKind::Rust => true,
            _ => false,
        };
        may_hold
            && !declared.exclude.is_match(path)
            && !is_backup(path)
            && !is_illustration(path)
            && !is_test(path)
    };
    inventory
        .entries()
        .par_iter()
        .filter(|entry| entry.kind == EntryKind::File)
        .map(|entry| entry.path.as_str())
        .filter(|path| wanted(path))
        .collect()
}

/// What one file shows before anything is evaluated.
type Glance = (Vec<UnreachableBranch>, Vec<(Arc<Loaded>, Candidate)>);

/// Steps that the evaluation of all detectors may take together, and those that each may take in any case and at most.
const STEPS_OF_ALL: usize = 24_000_000;
const STEPS_OF_EACH: std::ops::RangeInclusive<usize> = 5_000..=200_000;

/// Steps that each of so many detectors may take: the same whatever the order in which they are evaluated.
fn steps_of_each(detectors: usize) -> u32 {
    let share = STEPS_OF_ALL / detectors.max(1);
    u32::try_from(share.clamp(*STEPS_OF_EACH.start(), *STEPS_OF_EACH.end())).unwrap_or(u32::MAX)
}

/// Detectors that are evaluated one after the other, and share the modules that they load: always the same ones, so
/// that no answer depends on threads.
const DETECTORS_OF_A_TURN: usize = 64;

/// Steps that loading modules may take in all machines together, and in each in any case and at most.
const STEPS_OF_ALL_LOADS: usize = 40_000_000;
const STEPS_OF_LOADS: std::ops::RangeInclusive<usize> = 20_000..=400_000;

/// Sets of variables for which the detectors of one turn are asked.
const SETS_OF_A_TURN: usize = 12;

/// Steps that each machine may take to load modules, for so many detectors.
fn steps_of_loads(detectors: usize) -> u32 {
    let machines = detectors.div_ceil(DETECTORS_OF_A_TURN).max(1) * SETS_OF_A_TURN;
    let share = STEPS_OF_ALL_LOADS / machines;
    u32::try_from(share.clamp(*STEPS_OF_LOADS.start(), *STEPS_OF_LOADS.end())).unwrap_or(u32::MAX)
}

/// A candidate on its way to a detector, with what is known of its answers.
struct Judge<'j> {
    program: &'j Program<'j>,
    loaded: &'j Arc<Loaded>,
    candidate: &'j Candidate,
    budget: Budget,
    /// What was evaluated: the variables, what was asked for, and the outcome.
    known: Vec<(Variables, Asked, Option<Outcome>)>,
}

impl<'j> Judge<'j> {
    fn new(program: &'j Program<'j>, loaded: &'j Arc<Loaded>, candidate: &'j Candidate, steps: u32) -> Self {
        Self { program, loaded, candidate, budget: Budget::of(steps), known: Vec::new() }
    }

    /// The outcome with these variables, for one of so many parts of the steps that are left. Deployments that differ in
    /// nothing that is asked for are one.
    fn outcome(
        &mut self,
        machines: &mut Machines<'_>,
        variables: &Variables,
        parts: usize,
    ) -> Option<Outcome> {
        let same = self.known.iter().find(|(known, asked, _)| known.agrees_on(asked, variables));
        if let Some((_, _, outcome)) = same {
            return outcome.clone();
        }
        let (loaded, candidate) = (self.loaded, self.candidate);
        // What does not come together where nothing is known may do so where more is.
        let failures = Rc::default();
        let machine = machines.of(variables)?;
        let (asked, outcome) =
            self.budget.with_part(parts, |part| evaluate(machine, loaded, candidate, part, &failures));
        self.known.push((variables.clone(), asked, outcome.clone()));
        outcome
    }

    /// The detector with its answers; `None` where the candidate turns out to be none.
    fn judge(
        mut self,
        machines: &mut Machines<'_>,
        deployments: &[(&Deployment, Variables)],
        runs: &dyn Fn(&Deployment) -> Runs,
    ) -> Option<(Detector, Vec<Cell>)> {
        let asks = &self.candidate.asks;
        let open = self.outcome(machines, &Variables::default(), PARTS_OF_THE_OPEN_QUESTION)?;
        if open.reads.is_empty() && !open.is_elsewhere || open.is_other {
            return None;
        }
        // What is asked of complete sets takes the fewest steps and serves most rules.
        let unset = self.outcome(
            machines,
            &Variables { complete: true, ..Variables::default() },
            PARTS_OF_A_QUESTION,
        );
        let unknown_name = self.where_all_are(machines, &open, UNKNOWN_NAME);
        let empty = self.where_all_are(machines, &open, "");
        let mut left: Vec<_> =
            deployments.iter().filter(|(deployment, _)| runs(deployment) != Runs::No).collect();
        let mut outcomes: Vec<(&Deployment, Outcome)> = Vec::new();
        while let Some((deployment, variables)) = left.pop() {
            let outcome = self.outcome(machines, variables, left.len() + 1);
            outcomes.extend(outcome.map(|outcome| (*deployment, outcome)));
        }
        outcomes.reverse();
        let all = || outcomes.iter().map(|(_, outcome)| outcome).chain(std::iter::once(&open));
        if all().any(|outcome| outcome.is_other) || (*asks == Asks::Name && !names_environments(all())) {
            return None;
        }
        let (unset, unset_at) = self.told(unset);
        let (unknown_name, unknown_name_at) = self.told(unknown_name);
        let (empty, _) = self.told(empty);
        let test_marker = match asks {
            Asks::Name => self.test_marker(machines, &open),
            Asks::For(_) => None,
        };
        let detector = Detector {
            unset,
            unset_at,
            unknown_name,
            unknown_name_at,
            empty,
            impossible: self.impossible(&open),
            test_marker,
            choices: choices::choices(self.loaded, self.candidate),
            listed: listed::listed(self.loaded, self.candidate),
            substrings: open.substrings.iter().cloned().collect(),
            id: format!("{}::{}", self.loaded.path, self.candidate.name),
            name: self.candidate.name.clone(),
            at: self.loaded.place(self.candidate.span),
            language: self.loaded.module.language.name(),
            asks_for: match asks {
                Asks::Name => None,
                Asks::For(environments) => Some(environments.clone()),
            },
        };
        let cells = outcomes
            .into_iter()
            .map(|(deployment, outcome)| Cell {
                is_its_own: runs(deployment) == Runs::Yes,
                ..cell(&detector, deployment, outcome)
            })
            .collect();
        Some((detector, cells))
    }

    /// An answer and its place; nothing at the detector's own place where none is given.
    fn told(&self, outcome: Option<Outcome>) -> (Answer, Place) {
        outcome.map_or_else(
            || (Answer::Nothing, self.loaded.place(self.candidate.span)),
            // What many ways agree on is not proven, and enough to warn.
            |outcome| (outcome.so_far.unwrap_or(outcome.answer), outcome.at),
        )
    }

    /// The outcome where every variable that names an environment has this value, and no other is set.
    fn where_all_are(&mut self, machines: &mut Machines<'_>, open: &Outcome, value: &str) -> Option<Outcome> {
        if !open.reads.iter().any(|name| is_environment_variable(name)) {
            return None;
        }
        self.outcome(machines, &where_all_are(value), PARTS_OF_A_QUESTION)
    }

    /// The comparisons that are never true, those of a framework only where it is used.
    fn impossible(&self, open: &Outcome) -> Vec<(Impossible, Place)> {
        let holds = |why: &Impossible, at: &Place| match why {
            Impossible::Case { .. } => true,
            Impossible::Framework { .. } => self.program.uses_next(&at.path),
        };
        open.impossible.iter().filter(|(why, at)| holds(why, at)).cloned().collect()
    }

    /// The variable that makes a detector answer `test` in production.
    fn test_marker(&mut self, machines: &mut Machines<'_>, open: &Outcome) -> Option<String> {
        let markers: Vec<&String> = open
            .reads
            .iter()
            .filter(|name| {
                // What only a test runner sets is not set in a deployment.
                !name.starts_with("PYTEST")
                    && names::words_of(name).iter().any(|word| word.starts_with("test"))
            })
            .collect();
        if markers.is_empty() {
            return None;
        }
        let production = where_all_are("production");
        if !self.answers(machines, &production, "production") {
            return None;
        }
        let mut wins = |judge: &mut Self, marker: &str, value: &str| {
            let mut marked = production.clone();
            marked.known.insert(marker.to_owned(), value.to_owned());
            judge.answers(machines, &marked, "test")
        };
        markers.into_iter().find(|marker| wins(self, marker, "true") || wins(self, marker, "1")).cloned()
    }

    /// Whether the answer is the name of this environment.
    fn answers(&mut self, machines: &mut Machines<'_>, variables: &Variables, wanted: &str) -> bool {
        self.outcome(machines, variables, PARTS_OF_A_QUESTION).is_some_and(|outcome| match &outcome.answer {
            Answer::Text(text) => canonical(text) == Some(wanted),
            _ => false,
        })
    }
}

/// Every variable that names an environment has this value, and no other is set.
fn where_all_are(value: &str) -> Variables {
    Variables { environment: Some(value.to_owned()), complete: true, ..Variables::default() }
}

/// One question of a detector takes at most one of so many parts of the steps that are left.
const PARTS_OF_A_QUESTION: usize = 4;

/// The first question, of which nothing is known, shows most: it takes one of so many parts.
const PARTS_OF_THE_OPEN_QUESTION: usize = 2;

/// A name that no environment has.
const UNKNOWN_NAME: &str = "zz9";

/// Whether answers are names of environments: one at least, and no text that cannot be one.
fn names_environments<'o>(outcomes: impl Iterator<Item = &'o Outcome>) -> bool {
    let mut named = false;
    for outcome in outcomes {
        // A variable of the environment's own name that is passed on is a name, whatever it holds.
        named |= outcome.is_elsewhere;
        named |= outcome.reads.iter().any(|name| is_environment_variable(name)) && outcome.open;
        for answer in &outcome.possible {
            match answer {
                Answer::Text(text) if canonical(text.trim()).is_some() => named = true,
                Answer::Text(text) if text.len() > 40 || text.contains(['/', ':', ' ']) => return false,
                Answer::Bool(_) => return false,
                _ => {}
            }
        }
    }
    named
}

fn cell(detector: &Detector, deployment: &Deployment, outcome: Outcome) -> Cell {
    // What asks a platform that does not run this says nothing of it.
    let environment =
        deployment.environment.as_deref().filter(|_| !platform::asks_another(&detector.name, deployment));
    let expected = environment.map(|environment| match &detector.asks_for {
        None => Answer::Text(environment.to_owned()),
        Some(asked) => Answer::Bool(asked.iter().any(|asked| asked == environment)),
    });
    let agrees = expected.as_ref().and_then(|expected| agrees(expected, &outcome.answer));
    Cell {
        detector: detector.id.clone(),
        deployment: deployment.id.clone(),
        is_its_own: true,
        answer: outcome.answer,
        possible: outcome.possible,
        open: outcome.open,
        as_declared: outcome.as_declared,
        expected,
        agrees,
        at: outcome.at,
        branch: outcome.branch,
        reads: outcome.reads.into_iter().collect(),
    }
}

/// Whether an answer is the expected one; `None` where that is not known. Who stops does not answer wrong, and who names
/// nothing leaves the answer to others.
#[must_use]
pub fn agrees(expected: &Answer, answer: &Answer) -> Option<bool> {
    match (expected, answer) {
        (_, Answer::Unknown { .. } | Answer::Raises(_)) => None,
        (Answer::Text(expected), Answer::Text(answer)) => {
            let answer = answer.trim();
            let name = canonical(answer).map_or_else(|| answer.to_lowercase(), str::to_owned);
            let same = name == canonical(expected).unwrap_or(expected);
            // A text that names no environment answers another question.
            (same || answer.is_empty() || canonical(answer).is_some()).then_some(same)
        }
        (Answer::Text(_), Answer::Nothing) => None,
        (expected, answer) => Some(expected == answer),
    }
}
