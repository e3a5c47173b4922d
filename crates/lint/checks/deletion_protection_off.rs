//! Switches that let one wrong apply delete the data of an environment.

use facts::Facts;
use serde::Deserialize;

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
#[serde(deny_unknown_fields)]
struct Switch {
    key: String,
    value: String,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        in_force(facts).filter_map(|named| self.fault(named)).collect()
    }
}

impl Policy {
    fn fault(&self, Named { name, setting }: Named<'_>) -> Option<Fault> {
        let environment =
            setting.scope.environment.as_ref().filter(|name| self.environments.contains(name))?;
        let is_off =
            |switch: &&Switch| switch.key.eq_ignore_ascii_case(name) && switch.value == setting.value;
        self.switches.iter().find(is_off)?;
        let message = format!(
            "`{name}` is {} in {environment}: an apply that replaces the resource, or one `terraform destroy` in the wrong \
             folder, deletes it with all that it holds, and nothing asks",
            setting.value
        );
        let fault = Fault::new(subject(setting), setting.at.clone(), message);
        Some(fault.in_environment(Some(environment)))
    }
}
