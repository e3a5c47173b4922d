//! A detector that answers another environment than the one it is deployed in.

use std::collections::BTreeMap;

use facts::{Answer, Cell, Choice, Deployment, Detector, Facts, detect};
use serde::Deserialize;
use source::Place;

use super::support::tooling;
use crate::{Check, Fault, Severity};

/// Needs no policy: the deployments say what is right.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Environments in which a wrong answer is a fault, by canonical name.
    #[serde(default)]
    environments: Vec<String>,
}

/// Choices by one answer that are shown.
const SHOWN_CHOICES: usize = 3;

/// How sure it is that an answer is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wrong {
    /// Unless a variable is set that no file tells.
    AsDeclared,
    /// If the deployment runs this code.
    IfItRuns,
    /// Whatever else is set.
    Always,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let deployments: BTreeMap<&str, &Deployment> =
            facts.deployments.iter().map(|deployment| (deployment.id.as_str(), deployment)).collect();
        let mut faults = Vec::new();
        let judged = facts.detectors.iter().filter(|detector| !tooling::is_of_test_runner(&detector.at.path));
        for detector in judged {
            let mut wrong: BTreeMap<&str, Vec<(&Cell, &Deployment, Wrong)>> = BTreeMap::new();
            let cells = facts.cells.iter().filter(|cell| cell.detector == detector.id);
            // `CI` says who runs the code, and no environment.
            for cell in
                cells.filter(|cell| cell.reads.is_empty() || cell.reads.iter().any(|name| name != "CI"))
            {
                let Some(deployment) = deployments.get(cell.deployment.as_str()) else { continue };
                let Some(environment) = deployment.environment.as_deref() else { continue };
                if !self.environments.iter().any(|known| known == environment) {
                    continue;
                }
                let how = wrongness(cell).filter(|how| tells_something(cell, deployment, *how));
                if let Some(how) = how.filter(|_| !asks_how_it_was_built(detector, cell)) {
                    wrong.entry(environment).or_default().push((cell, deployment, how));
                }
            }
            faults
                .extend(wrong.iter().map(|(environment, cells)| fault(facts, detector, environment, cells)));
        }
        faults
    }
}

/// Whether a detector asks a framework's mode what that answers: `isProduction` is right in staging too, which runs a build for
/// production.
fn asks_how_it_was_built(detector: &Detector, cell: &Cell) -> bool {
    let asks_for_a_mode = detector.asks_for.as_ref().is_none_or(|asked| {
        asked.iter().all(|asked| matches!(asked.as_str(), "production" | "development" | "test"))
    });
    asks_for_a_mode && (cell.is_build_mode() || is_named_mode(&detector.name))
}

/// `nodeEnv`: the variable's own value, whatever was asked before it.
fn is_named_mode(name: &str) -> bool {
    detect::is_mode(name.rsplit('.').next().unwrap_or(name))
}

/// Where nothing that the detector reads is known to be set, its default is all there is to say: another rule's matter.
fn tells_something(cell: &Cell, deployment: &Deployment, how: Wrong) -> bool {
    how != Wrong::AsDeclared || cell.reads.iter().any(|name| deployment.variables.contains_key(name))
}

fn wrongness(cell: &Cell) -> Option<Wrong> {
    let expected = cell.expected.as_ref()?;
    let is_wrong = |answer| detect::agrees(expected, answer) == Some(false);
    if !cell.open && !cell.possible.is_empty() && cell.possible.iter().all(is_wrong) {
        return Some(if cell.is_its_own { Wrong::Always } else { Wrong::IfItRuns });
    }
    // Neither what else is set nor whether it runs this code: too much is open to speak.
    cell.as_declared.as_ref().filter(|answer| cell.is_its_own && is_wrong(answer)).map(|_| Wrong::AsDeclared)
}

fn fault(
    facts: &Facts,
    detector: &Detector,
    environment: &str,
    cells: &[(&Cell, &Deployment, Wrong)],
) -> Fault {
    let surest = cells.iter().map(|(_, _, how)| *how).max();
    let told: Vec<String> =
        cells.iter().map(|(cell, deployment, how)| told(cell, deployment, *how)).collect();
    let name = &detector.name;
    // A detector that names the environment itself says yes there on purpose.
    let is_listed = detector.listed.iter().any(|listed| listed == environment)
        && cells.iter().all(|(cell, ..)| *given(cell) == Answer::Bool(true));
    let message = match &detector.asks_for {
        None => format!(
            "`{name}` does not answer {environment} in {environment}: {}. What it chooses is another environment's \
             secrets, hosts and databases",
            told.join("; ")
        ),
        Some(_) if is_listed => format!(
            "`{name}` answers yes in {environment}, which its own test names: {}. What its name promises is not so there: \
             name it after what it answers, or take {environment} out",
            told.join("; ")
        ),
        Some(_) => format!(
            "`{name}` answers wrong in {environment}: {}. What depends on it is chosen for another environment",
            told.join("; ")
        ),
    };
    let mut fault = Fault::new(format!("{name} {environment}"), detector.at.clone(), message)
        .in_environment(Some(environment));
    for (cell, deployment, _) in cells {
        let answer = shown(cell);
        fault = fault.because(cell.at.clone(), format!("{} gets `{answer}` here", deployment.id));
        if let Some(branch) = cell.branch.clone().filter(|branch| branch.line != cell.at.line) {
            fault = fault.because(branch, format!("this decides it in {}", deployment.id));
        }
    }
    for (cell, deployment, _) in cells {
        for (at, message) in taken(detector, cell, deployment).into_iter().take(SHOWN_CHOICES) {
            fault = fault.because(at, message);
        }
    }
    for other in facts.cells.iter().filter(|cell| cell.detector == detector.id) {
        if !cells.iter().any(|(cell, _, _)| cell.deployment == other.deployment) {
            let message = format!("{} gets `{}`", other.deployment, other.answer.shown());
            fault = fault.because(other.at.clone(), message);
        }
    }
    if surest == Some(Wrong::Always) && !is_listed { fault } else { fault.at_most(Severity::Warning) }
}

/// What the file of the detector takes by the wrong answer, where that differs from what the right one would give.
fn taken(detector: &Detector, cell: &Cell, deployment: &Deployment) -> Vec<(Place, String)> {
    let of_choice = |choice: &Choice| {
        let (text, at) = choice.of(given(cell))?;
        let right = cell.expected.as_ref().and_then(|expected| choice.of(expected)).map(|(text, _)| text);
        let shown = source::redact::text(&text);
        let instead = match &right {
            Some(right) if *right == text => return None,
            Some(right) => format!(", and not `{}`", source::redact::text(right)),
            None => String::new(),
        };
        Some((at.clone(), format!("with that answer {} takes `{shown}` here{instead}", deployment.id)))
    };
    detector.choices.iter().filter_map(of_choice).collect()
}

/// The answer, or that where nothing more is set than the deployment sets.
fn given(cell: &Cell) -> &Answer {
    cell.as_declared.as_ref().filter(|_| !cell.answer.is_known()).unwrap_or(&cell.answer)
}

fn shown(cell: &Cell) -> String {
    given(cell).shown()
}

fn told(cell: &Cell, deployment: &Deployment, how: Wrong) -> String {
    let given: Vec<String> = cell
        .reads
        .iter()
        .map(|name| match deployment.variables.get(name) {
            Some(value) => format!("{name}={}", source::redact::value(name, value)),
            None if deployment.hidden.contains(name) => format!("{name} set"),
            None => format!("{name} not set"),
        })
        .collect();
    let unless = match how {
        Wrong::Always => "",
        Wrong::IfItRuns => ", if it runs this code",
        Wrong::AsDeclared => ", unless a variable is set that no file tells",
    };
    format!("{} gets `{}` ({}{unless})", deployment.id, shown(cell), given.join(", "))
}
