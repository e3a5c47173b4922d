//! Switches that let one wrong apply delete the data of an environment.

use facts::{Facts, Setting};
use serde::Deserialize;
use source::Place;

use super::support::settings::{Named, in_force, subject};
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// The environments whose data is to be kept.
    environments: Vec<String>,
    /// Keys with the value that takes the protection away.
    switches: Vec<Switch>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Switch {
    key: String,
    value: String,
    /// An argument beside which the value is the right one.
    #[serde(default)]
    unless_beside: Option<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        in_force(facts).filter_map(|named| self.fault(facts, named)).collect()
    }
}

impl Policy {
    fn fault(&self, facts: &Facts, Named { name, setting }: Named<'_>) -> Option<Fault> {
        let environment =
            setting.scope.environment.as_ref().filter(|name| self.environments.contains(name))?;
        let is_off =
            |switch: &&Switch| switch.key.eq_ignore_ascii_case(name) && switch.value == setting.value;
        let switch = self.switches.iter().find(is_off)?;
        if switch.unless_beside.as_ref().is_some_and(|argument| has_beside(facts, setting, argument)) {
            return None;
        }
        let message = format!(
            "`{name}` is {} in {environment}: an apply that replaces the resource, or one `terraform destroy` in the wrong \
             folder, deletes it with all that it holds, and nothing asks",
            setting.value
        );
        let fault = Fault::new(subject(setting), setting.at.clone(), message);
        Some(fault.in_environment(Some(environment)))
    }
}

/// Whether the resource or the call of a module that holds the setting gives `argument` too, and not `null`.
fn has_beside(facts: &Facts, setting: &Setting, argument: &str) -> bool {
    let resources = facts.modules.iter().flat_map(|module| &module.resources);
    let mut holding = resources.filter(|resource| resource.attributes.iter().any(|one| one.at == setting.at));
    let is_given = holding.any(|resource| {
        let given = resource.attribute(argument);
        given.is_some_and(|given| {
            !given.references.is_empty() || given.template.is_some() || given.value.is_some()
        })
    });
    let is_here = |at: &Place| at.path == setting.at.path && at.line == setting.at.line;
    let calls = facts.modules.iter().flat_map(|module| &module.calls);
    let mut calling = calls.filter(|call| call.arguments.iter().any(|(_, at)| is_here(at)));
    is_given || calling.any(|call| call.arguments.iter().any(|(name, _)| name == argument))
}
