//! A branch on the name of an environment that an earlier one takes.

use facts::Facts;
use serde::Deserialize;

use crate::{Check, Fault};

/// Needs no policy: what is reached is a fact.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Whether the rule looks at all.
    #[serde(default)]
    enabled: bool,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let branches = facts.unreachable.iter().filter(|_| self.enabled);
        let faults = branches.map(|branch| {
            let text = &branch.text;
            let why = match &branch.within {
                Some(part) => format!("an earlier branch takes every name with \"{part}\" in it"),
                None => "an earlier branch asks for the same name".to_owned(),
            };
            let message = format!(
                "this branch for {text} is never reached: {why}, and {text} gets what that one chooses. Ask for \
                 the longer name first, or compare whole names"
            );
            let evidence = format!("this takes \"{text}\"");
            Fault::new(format!("{text} branch"), branch.at.clone(), message)
                .because(branch.earlier.clone(), evidence)
        });
        faults.collect()
    }
}
