//! A name that no environment has, and that is taken for one.

use facts::environment::canonical;
use facts::{Answer, Facts};
use serde::Deserialize;

use super::environment_default_open::is_exposed;
use crate::{Check, Fault};

/// The answers that must not be given to an unknown name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Environments by canonical name.
    #[serde(default)]
    answers: Vec<String>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        for detector in facts.detectors.iter().filter(|detector| is_exposed(facts, detector)) {
            let Answer::Text(answer) = &detector.unknown_name else { continue };
            let Some(answer) =
                canonical(answer).filter(|answer| self.answers.iter().any(|known| known == answer))
            else {
                continue;
            };
            let message = format!(
                "`{}` answers {answer} where its variable holds a name that it does not know: a new or misspelt \
                 environment runs as {answer}, with its secrets and hosts, and nothing fails. Stop instead",
                detector.name
            );
            if !faults.iter().any(|fault| fault.at == detector.unknown_name_at) {
                faults.push(Fault::new(detector.name.clone(), detector.unknown_name_at.clone(), message));
            }
        }
        faults
    }
}
