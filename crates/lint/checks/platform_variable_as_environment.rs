//! An environment concluded from a variable that the platform sets in every environment.

use facts::{Facts, PlatformPredicate};
use serde::Deserialize;

use super::support::detector_repair;
use crate::platform::{PlatformVariable, variable};
use crate::{Check, Fault, Severity};

/// The variables are platform facts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The environments that must not be concluded, by canonical name.
    #[serde(default)]
    conclusions: Vec<String>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let concluded = facts.predicates.iter().filter(|found| self.conclusions.contains(&found.concluded));
        concluded
            .filter_map(|found| {
                let fault = fault(found, variable(&found.variable)?);
                let what = format!("Do not ask for {} here", found.variable);
                Some(Fault { fix: detector_repair::of(facts, &found.at, &what), ..fault })
            })
            .collect()
    }
}

fn fault(found: &PlatformPredicate, known: &PlatformVariable) -> Fault {
    let PlatformPredicate { variable, concluded, .. } = found;
    let platform = known.platform;
    let subject = match &found.function {
        Some(function) => format!("{variable} {function}"),
        None => variable.clone(),
    };
    let message = format!(
        "{platform} sets {variable} in every environment, so its mere presence does not say `{concluded}`: every other \
         environment on {platform} is taken for {concluded} here, with its secrets, hosts and databases"
    );
    let fault = Fault::new(subject, found.at.clone(), message).in_environment(None);
    // After an explicit value this decides only where that is absent.
    if found.is_fallback { fault.at_most(Severity::Warning) } else { fault }
}
