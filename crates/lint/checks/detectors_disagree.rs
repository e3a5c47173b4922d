//! Detectors that answer differently in one deployment.

use std::collections::BTreeMap;

use facts::environment::canonical;
use facts::{Answer, Cell, Deployment, Facts};
use serde::Deserialize;

use crate::{Check, Fault};

/// Needs no policy but the number of answers that is too many.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Different answers in one deployment from which on it is a fault.
    #[serde(default)]
    answers: usize,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        facts.deployments.iter().filter_map(|deployment| self.fault(facts, deployment)).collect()
    }
}

impl Policy {
    fn fault(&self, facts: &Facts, deployment: &Deployment) -> Option<Fault> {
        let names: BTreeMap<&str, &facts::Detector> = facts
            .detectors
            .iter()
            .filter(|detector| detector.asks_for.is_none())
            .map(|detector| (detector.id.as_str(), detector))
            .collect();
        let mut answers: BTreeMap<&str, Vec<&Cell>> = BTreeMap::new();
        let own = facts.cells.iter().filter(|cell| cell.deployment == deployment.id && cell.is_its_own);
        // What is expected of one that asks another platform is not known.
        let is_asked = |cell: &&Cell| deployment.environment.is_none() || cell.expected.is_some();
        for cell in own.filter(|cell| !cell.is_build_mode()).filter(is_asked) {
            if let (true, Answer::Text(text)) = (names.contains_key(cell.detector.as_str()), &cell.answer)
                && let Some(name) = canonical(text.trim())
            {
                answers.entry(name).or_default().push(cell);
            }
        }
        if self.answers == 0 || answers.len() < self.answers.max(2) {
            return None;
        }
        let expected = deployment.environment.as_deref();
        // What differs from the deployment's environment is at fault; without one, the first of all.
        let (_, first) = answers.iter().find(|(name, _)| Some(**name) != expected)?;
        let at = names.get(first.first()?.detector.as_str())?.at.clone();
        let told: Vec<String> =
            answers.iter().map(|(name, cells)| format!("{} say {name}", cells.len())).collect();
        let message = format!(
            "the detectors do not agree on the environment of {}: {}. Parts of one program then use different \
             secrets, hosts and databases",
            deployment.id,
            told.join(", ")
        );
        let mut fault = Fault::new(deployment.id.clone(), at, message).in_environment(expected);
        for (name, cells) in &answers {
            for cell in cells {
                let Some(detector) = names.get(cell.detector.as_str()) else { continue };
                fault = fault.because(cell.at.clone(), format!("`{}` answers {name}", detector.name));
            }
        }
        Some(fault)
    }
}
