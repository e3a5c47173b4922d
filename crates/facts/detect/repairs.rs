//! Repairs of the conditions of detectors, each with what the detectors of its file answer before and after it.
//!
//! A repair is offered only where the table that it makes holds no wrong answer.

use std::sync::Arc;

use source::{FileKind, Place, Span};

use super::candidates::candidates;
use super::machines::Machines;
use super::owners::Owners;
use super::program::Program;
use super::variables::Variables;
use super::{Answer, Answers, Cell, Judge, agrees};
use crate::inventory::Inventory;
use crate::record::Document;
use crate::{Deployment, Facts};

/// Repairs that are tried in one run.
const MAX_REPAIRS: usize = 24;

/// Steps that each detector may take after a repair.
const MAX_STEPS: u32 = 200_000;

/// A change of one condition after which no detector of its file answers wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectorRepair {
    /// The condition.
    pub at: Place,
    /// The bytes that are replaced.
    pub span: Span,
    /// What comes instead.
    pub text: String,
    /// What is answered, in the order of detectors and deployments.
    pub table: Vec<RepairedCell>,
}

/// One answer before a repair and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairedCell {
    /// The detector's name.
    pub detector: String,
    /// The deployment's id.
    pub deployment: String,
    /// The answer before.
    pub before: Answer,
    /// The answer after; `None` where the detector asks for no variable any more.
    pub after: Option<Answer>,
}

/// A change to be tried.
struct Proposal {
    at: Place,
    span: Span,
    text: &'static str,
    /// Whether it is worth nothing unless a wrong answer goes.
    must_mend: bool,
}

/// The repairs that hold what they promise, in the order of their places.
pub(super) fn repairs(
    inventory: &Inventory<'_>,
    facts: &Facts,
    found: &Answers,
    given: &[(&Deployment, Variables)],
    owners: &Owners<'_>,
) -> Vec<DetectorRepair> {
    let mut proposals = proposals(inventory, facts, found);
    proposals.sort_by(|one, other| one.at.cmp(&other.at));
    proposals.truncate(MAX_REPAIRS);
    proposals.into_iter().filter_map(|proposal| tried(inventory, found, given, owners, proposal)).collect()
}

/// An operand that is true on every service of a platform falls; letters that are looked for anywhere in a name are
/// looked for among its words.
fn proposals(inventory: &Inventory<'_>, facts: &Facts, found: &Answers) -> Vec<Proposal> {
    let dropped = facts.predicates.iter().filter_map(|found| {
        Some(Proposal { at: found.at.clone(), span: found.droppable?, text: "", must_mend: true })
    });
    let mut all: Vec<Proposal> = dropped.collect();
    for detector in &found.detectors {
        for (_, at) in &detector.substrings {
            if all.iter().any(|known| known.at == *at) {
                continue;
            }
            let end = Span::at(at.span.end);
            if document(inventory, &at.path).is_some_and(|document| tests_a_name(&document.text, at.span)) {
                let text = ".split(\"-\")";
                all.push(Proposal { at: at.clone(), span: end, text, must_mend: false });
            }
        }
    }
    all
}

fn document(inventory: &Inventory<'_>, path: &str) -> Option<Document> {
    Document::read(inventory.tree(), path).ok()
}

/// Whether the bytes are Python's `"prod" in name`, with a name, an attribute or a call behind it: what is appended
/// belongs to that alone.
fn tests_a_name(text: &str, span: Span) -> bool {
    let Some((wanted, name)) = text.get(span.start..span.end).and_then(|test| test.split_once(" in ")) else {
        return false;
    };
    let is_literal = wanted.starts_with(['"', '\'']) && !wanted.contains(' ');
    let mut depth = 0_usize;
    let is_one = name.chars().all(|letter| {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ => return letter.is_alphanumeric() || matches!(letter, '_' | '.'),
        }
        true
    });
    is_literal && is_one && depth == 0 && !name.contains(".split(")
}

/// The repair with its table; `None` where it does not hold what it promises.
fn tried(
    inventory: &Inventory<'_>,
    found: &Answers,
    given: &[(&Deployment, Variables)],
    owners: &Owners<'_>,
    proposal: Proposal,
) -> Option<DetectorRepair> {
    let Proposal { at, span, text, must_mend } = proposal;
    let before: Vec<(&str, &Cell)> = found
        .detectors
        .iter()
        .filter(|detector| detector.at.path == at.path)
        .flat_map(|detector| {
            let own = found.cells.iter().filter(|cell| cell.detector == detector.id);
            own.map(|cell| (detector.name.as_str(), cell))
        })
        .collect();
    let was_wrong = before.iter().any(|(_, cell)| cell.agrees == Some(false));
    if before.is_empty() || (must_mend && !was_wrong) || FileKind::of(&at.path) != FileKind::Python {
        return None;
    }
    let mut changed = document(inventory, &at.path)?.text;
    changed.get(span.start..span.end)?;
    changed.replace_range(span.start..span.end, text);
    let after = answers(inventory, given, owners, Document::new(&at.path, changed))?;
    if after.iter().any(|cell| is_wrong(cell) && !before.iter().any(|(_, known)| is_as_wrong(known, cell))) {
        return None;
    }
    let table = before.into_iter().map(|(detector, cell)| {
        let then =
            after.iter().find(|one| one.detector == cell.detector && one.deployment == cell.deployment);
        RepairedCell {
            detector: detector.to_owned(),
            deployment: cell.deployment.clone(),
            before: cell.answer.clone(),
            after: then.map(|cell| cell.answer.clone()),
        }
    });
    Some(DetectorRepair { table: table.collect(), at, span, text: text.to_owned() })
}

/// What the detectors of a changed file answer.
fn answers(
    inventory: &Inventory<'_>,
    given: &[(&Deployment, Variables)],
    owners: &Owners<'_>,
    document: Document,
) -> Option<Vec<Cell>> {
    let program = Program::new(inventory);
    let loaded = Arc::new(super::program::lowered(document)?);
    program.keep(&loaded);
    let found = candidates(&loaded);
    let runs = |deployment: &Deployment| owners.runs(deployment, &loaded.path);
    let mut machines = Machines::new(&program, MAX_STEPS);
    let judged = found.iter().filter_map(|candidate| {
        Judge::new(&program, &loaded, candidate, MAX_STEPS).judge(&mut machines, given, &runs)
    });
    Some(judged.flat_map(|(_, cells)| cells).collect())
}

/// Whether a cell's answer is wrong, also if it is only the one where nothing more is set.
fn is_wrong(cell: &Cell) -> bool {
    let declared = cell.expected.as_ref().zip(cell.as_declared.as_ref());
    cell.agrees == Some(false)
        || declared.is_some_and(|(expected, answer)| agrees(expected, answer) == Some(false))
}

/// Whether what is wrong after a repair, as far as the deployment declares it, was so before.
fn is_as_wrong(before: &Cell, after: &Cell) -> bool {
    after.agrees != Some(false)
        && before.detector == after.detector
        && before.deployment == after.deployment
        && before.as_declared == after.as_declared
}
