//! An environment concluded from a variable that the platform sets in every environment.

use facts::{Facts, PlatformPredicate};

use crate::platform::{PlatformVariable, variable};
use crate::{Check, CheckContext, Fault, Severity};

struct PlatformVariableAsEnvironment;

/// The check has no policy: the variables are platform facts.
pub(super) fn build(_: &toml::Table, _: &CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(PlatformVariableAsEnvironment))
}

impl Check for PlatformVariableAsEnvironment {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        facts.predicates.iter().filter_map(|found| Some(fault(found, variable(&found.variable)?))).collect()
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
