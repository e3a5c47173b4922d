//! An unset variable that means an environment.

use std::collections::BTreeSet;

use facts::environment::canonical;
use facts::{Answer, Choice, Detector, Facts};
use serde::Deserialize;
use source::Place;

use super::support::tooling;
use crate::{Check, Fault, Severity};

/// What is taken by the answer that is shown at most.
const SHOWN_CHOICES: usize = 3;

/// The answers that are dangerous where nothing is set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Environments that must not be the answer where no variable is set, by canonical name.
    #[serde(default)]
    answers: Vec<String>,
    /// Whether an empty name counts as well.
    #[serde(default)]
    reports_empty: bool,
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
            // A detector that only passes on what another one answers has its place, and what is taken by it counts too.
            let mut taken = taken(facts, detector);
            taken.truncate(SHOWN_CHOICES);
            match faults.iter_mut().find(|fault| fault.at == detector.unset_at) {
                Some(fault) if !fault.because.is_empty() => {}
                Some(fault) => *fault = with_evidence(fault.clone(), taken),
                None => {
                    let fault = Fault::new(subject, detector.unset_at.clone(), message);
                    let is_right = is_right_anyway(facts, &detector.unset);
                    let fault = if is_right { fault.at_most(Severity::Info) } else { fault };
                    faults.push(with_evidence(fault, taken));
                }
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

/// Whether the answer is production and nothing else is deployed: a deployment that forgets the variable gets what it needs.
fn is_right_anyway(facts: &Facts, unset: &Answer) -> bool {
    let Answer::Text(unset) = unset else { return false };
    let deployed = facts.deployments.iter().filter_map(|deployment| deployment.environment.as_deref());
    let mut known = facts.environments.iter().map(String::as_str).chain(deployed);
    canonical(unset) == Some("production") && known.all(|name| name == "production")
}

/// What the file of a detector takes where no variable is set: names of secrets, hosts and databases that another
/// environment does not take.
fn taken(facts: &Facts, detector: &Detector) -> Vec<(Place, String)> {
    let own = detector.unset.shown();
    let deployed = facts.deployments.iter().filter_map(|deployment| deployment.environment.as_deref());
    let others: BTreeSet<&str> =
        deployed.chain(facts.environments.iter().map(String::as_str)).filter(|name| *name != own).collect();
    let of_choice = |choice: &Choice| {
        let (text, at) = choice.of(&detector.unset)?;
        let of = |name: &&'_ str| Some((name.to_string(), choice.of(&Answer::Text(name.to_string()))?.0));
        let right = others.iter().filter_map(of).find(|(_, other)| *other != text);
        let shown = source::redact::text(&text);
        let message = match right {
            Some((name, right)) => {
                let right = source::redact::text(&right);
                format!("where no variable is set, `{shown}` is taken here, and not `{right}` of {name}")
            }
            None if others.is_empty() => format!("where no variable is set, `{shown}` is taken here"),
            None => return None,
        };
        Some((at.clone(), message))
    };
    detector.choices.iter().filter_map(of_choice).collect()
}

fn with_evidence(fault: Fault, taken: Vec<(Place, String)>) -> Fault {
    taken.into_iter().fold(fault, |fault, (at, message)| fault.because(at, message))
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

#[cfg(test)]
mod tests {
    use facts::{Declared, collect};
    use source::Memory;

    use super::Policy;
    use crate::{Check, Fault};

    const CODE: &str = "import os\n\ndef get_environment():\n    return os.environ.get(\"ENVIRONMENT\", \"development\")\n\n\
                        HOST = f\"db.{get_environment()}.example.ai\"\n\ndef key():\n    if get_environment() == \"production\":\n        \
                        return \"jwt-key-production\"\n    return \"jwt-key\"\n";

    fn evidence(code: &str) -> Vec<(u32, String)> {
        let env = ("deploy/production.env", "LEVEL=info\n");
        let tree: Memory = [("app.py", code), env].into_iter().collect();
        let facts = collect(&tree, &Declared::default());
        let policy = Policy { answers: vec!["development".to_owned()], reports_empty: true };
        let faults = policy.check(&facts);
        let [Fault { because, .. }] = faults.as_slice() else { panic!("{faults:?}") };
        because.iter().map(|one| (one.at.line, one.message.clone())).collect()
    }

    #[test]
    fn what_the_default_takes_is_shown_beside_what_another_environment_takes() {
        let host = "where no variable is set, `db.development.example.ai` is taken here, and not \
                    `db.production.example.ai` of production";
        assert_eq!(evidence(CODE), [(6, host.to_owned())]);
        // The same for all is no consequence.
        assert_eq!(evidence(&CODE.replace("{get_environment()}", "eu")), []);
    }
}
