//! An unset variable that means an environment.

use facts::environment::canonical;
use facts::{Answer, Detector, Facts};
use serde::Deserialize;

use super::{policy, tooling};
use crate::{Check, CheckContext, Fault};

/// The answers that are dangerous where nothing is set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// Environments that must not be the answer where no variable is set, by canonical name.
    #[serde(default)]
    answers: Vec<String>,
    /// Whether an empty name counts as well.
    #[serde(default)]
    reports_empty: bool,
}

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(policy::<Policy>(table)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        let judged = facts
            .detectors
            .iter()
            .filter(|detector| is_exposed(facts, detector) && !tooling::is_configuration(&detector.at.path));
        for detector in judged {
            let Some((subject, message)) = self.fault(detector) else { continue };
            // A detector that only passes on what another one answers has its place.
            if !faults.iter().any(|fault| fault.at == detector.unset_at) {
                faults.push(Fault::new(subject, detector.unset_at.clone(), message));
            }
        }
        faults
    }
}

impl Policy {
    /// The subject and message of a detector that answers where nothing tells it.
    fn fault(&self, detector: &Detector) -> Option<(String, String)> {
        let Detector { name, unset, empty, .. } = detector;
        let Answer::Text(unset) = unset else { return None };
        let empty_passes = matches!(empty, Answer::Text(text) if text.is_empty());
        if unset.is_empty() {
            let message = format!(
                "where no variable is set, `{name}` is empty, which is no environment: a deployment that forgets the \
                 variable takes none of the branches that name one, and nothing fails. Stop instead"
            );
            return self.reports_empty.then(|| (format!("{name} empty"), message));
        }
        let answer = canonical(unset).filter(|answer| self.answers.iter().any(|known| known == answer))?;
        let mut message = format!(
            "where no variable is set, `{name}` answers {answer}: a deployment that forgets the variable runs as \
             {answer}, with its checks and secrets, and nothing fails. Stop instead"
        );
        if empty_passes && self.reports_empty {
            message += ". Where it is set to nothing, as `${VARIABLE}` gives where that is not defined, the answer is \
                        empty and no environment at all";
            return Some((format!("{name} unset or empty"), message));
        }
        Some((name.clone(), message))
    }
}

/// Whether a detector is a variable in a function that answers itself: what the function makes of it counts.
fn is_step_of_another(facts: &Facts, detector: &Detector) -> bool {
    let Some((function, _)) = detector.name.rsplit_once('.') else { return false };
    facts
        .detectors
        .iter()
        .any(|other| other.name == function && other.at.path == detector.at.path && other.asks_for.is_none())
}

/// Whether a deployment depends on the default: one whose variables are not all known, or that does not set them.
pub(super) fn is_exposed(facts: &Facts, detector: &Detector) -> bool {
    let is_deployed = !facts.environments.is_empty() || !facts.deployments.is_empty();
    if detector.asks_for.is_some() || !is_deployed || is_step_of_another(facts, detector) {
        return false;
    }
    let mut cells = facts.cells.iter().filter(|cell| cell.detector == detector.id).peekable();
    cells.peek().is_none() || cells.any(|cell| cell.agrees != Some(true))
}
