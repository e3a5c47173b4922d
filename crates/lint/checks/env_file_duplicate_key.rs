//! Keys that an env file sets twice.

use facts::{Facts, RepeatedKey};
use serde::Deserialize;

use crate::check::{Check, CheckContext};
use crate::{Edit, Fault, Fix, Safety, Severity};

/// A policy without keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RepeatedKeys {}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<RepeatedKeys>(policy)?))
}

impl Check for RepeatedKeys {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        facts.repeats.iter().filter(|repeat| repeat.scope.deployed).map(fault).collect()
    }
}

fn fault(repeat: &RepeatedKey) -> Fault {
    let key = &repeat.key;
    let message = if repeat.same {
        format!(
            "`{key}` is set again to the same value: whoever changes one of the two lines changes nothing, or \
            not what they meant"
        )
    } else {
        format!(
            "`{key}` is set twice with different values; readers take this one, and the value above is never used"
        )
    };
    let fault = Fault::new(key.clone(), repeat.second.clone(), message)
        .in_environment(repeat.scope.environment.as_deref())
        .because(repeat.first.clone(), format!("`{key}` is set here before"));
    if !repeat.same {
        return fault;
    }
    let edit = Edit { path: repeat.second.path.to_string(), span: repeat.lines, text: String::new() };
    fault.at_most(Severity::Info).with_fix(Fix {
        title: format!("Remove the second `{key}`"),
        safety: Safety::Safe,
        edits: vec![edit],
    })
}
