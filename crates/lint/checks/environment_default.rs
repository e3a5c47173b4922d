//! An unset variable that means an environment.

use facts::environment::canonical;
use facts::{Answer, Detector, Facts};
use serde::Deserialize;

use super::policy;
use crate::{Check, CheckContext, Fault};

/// The answers that are dangerous where nothing is set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// Environments that must not be the answer where no variable is set, by canonical name.
    #[serde(default)]
    answers: Vec<String>,
}

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(policy::<Policy>(table)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        for detector in facts.detectors.iter().filter(|detector| is_exposed(facts, detector)) {
            let Answer::Text(text) = &detector.unset else { continue };
            let Some(name) = canonical(text).filter(|name| self.answers.iter().any(|known| known == name))
            else {
                continue;
            };
            let message = format!(
                "where no variable is set, `{}` answers {name}: a deployment that forgets the variable runs as \
                 {name}, with its checks and secrets, and nothing fails. Stop instead",
                detector.name
            );
            // A detector that only passes on what another one answers has its place.
            if !faults.iter().any(|fault| fault.at == detector.unset_at) {
                faults.push(Fault::new(detector.name.clone(), detector.unset_at.clone(), message));
            }
        }
        faults
    }
}

/// Whether a deployment depends on the default: one whose variables are not all known, or that does not set them.
fn is_exposed(facts: &Facts, detector: &Detector) -> bool {
    let is_deployed = !facts.environments.is_empty() || !facts.deployments.is_empty();
    if detector.asks_for.is_some() || !is_deployed {
        return false;
    }
    let mut cells = facts.cells.iter().filter(|cell| cell.detector == detector.id).peekable();
    cells.peek().is_none() || cells.any(|cell| cell.agrees != Some(true))
}
