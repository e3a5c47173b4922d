//! Timeouts that a long-lived connection must outlast.

use std::collections::BTreeSet;

use facts::Facts;
use serde::Deserialize;
use source::directory_of;

use super::support::settings::{self, Named, in_force};
use super::{Condition, support::seconds};
use crate::check::{Check, CheckContext};
use crate::duration::{self, for_people};
use crate::{Fault, Safety};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Policy {
    /// Keys that make a module one of long-lived connections; letter case does not matter.
    when_set: Vec<String>,
    /// Keys that are judged in such a module; letter case does not matter.
    keys: Vec<String>,
    /// The least length of time, such as `24h`.
    at_least: String,
    /// Modules that hold one of these settings are left to the platform's own bounds.
    unless_set: Vec<Condition>,
}

struct TimeoutFloor {
    policy: Policy,
    floor: f64,
}

pub(super) fn build(policy: &toml::Table, context: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let mut policy: Policy = super::policy(policy)?;
    // What the team demands of a key is another rule's business, and wins.
    policy
        .keys
        .retain(|key| !context.config.timeouts.iter().any(|demand| demand.key.eq_ignore_ascii_case(key)));
    let floor = match policy.at_least.as_str() {
        "" => 0.0,
        text => duration::seconds(text).ok_or_else(|| format!("`{text}` is no length of time"))?,
    };
    Ok(Box::new(TimeoutFloor { policy, floor }))
}

impl Check for TimeoutFloor {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let named: Vec<Named<'_>> = in_force(facts).collect();
        let modules: BTreeSet<&str> = named
            .iter()
            .filter(|named| is_one_of(&self.policy.when_set, named.name))
            .map(|named| directory_of(&named.setting.at.path))
            .filter(|module| !self.is_left_to_platform(module, facts))
            .collect();
        let judged = named.iter().filter(|named| {
            is_one_of(&self.policy.keys, named.name) && modules.contains(directory_of(&named.setting.at.path))
        });
        judged.filter_map(|named| self.fault(named, facts)).collect()
    }
}

fn is_one_of(keys: &[String], name: &str) -> bool {
    keys.iter().any(|key| key.eq_ignore_ascii_case(name))
}

impl TimeoutFloor {
    fn is_left_to_platform(&self, module: &str, facts: &Facts) -> bool {
        let here = facts.settings.iter().filter(|setting| directory_of(&setting.at.path) == module);
        here.into_iter()
            .any(|setting| self.policy.unless_set.iter().any(|condition| condition.holds(setting)))
    }

    fn fault(&self, named: &Named<'_>, facts: &Facts) -> Option<Fault> {
        let Named { name, setting } = *named;
        let stated = seconds::of_setting(name, setting, facts).filter(|stated| *stated < self.floor)?;
        let message = format!(
            "`{name}` is {}: every connection that lives longer is cut; keep it at {} or more",
            for_people(stated),
            for_people(self.floor)
        );
        let mut fault = Fault::new(settings::subject(setting), setting.at.clone(), message)
            .in_environment(setting.scope.environment.as_deref());
        fault.fix = seconds::set_to(self.floor, name, &setting.raw, &setting.at, Safety::Safe);
        Some(fault)
    }
}
