//! Flags that a deploy command gives twice.

use std::collections::BTreeMap;

use facts::{CloudRunDeploy, CommandFlag, Facts};
use serde::Deserialize;

use super::policy;
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// The flags of which the last one holds.
    #[serde(default)]
    flags: Vec<String>,
}

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(policy::<Policy>(table)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let calls = facts.cloud_run_deploys.iter().filter(|deploy| !deploy.is_assembled);
        calls.flat_map(|deploy| self.in_command(deploy)).collect()
    }
}

impl Policy {
    fn in_command(&self, deploy: &CloudRunDeploy) -> Vec<Fault> {
        let mut first: BTreeMap<&str, &CommandFlag> = BTreeMap::new();
        let mut faults = Vec::new();
        for flag in deploy.flags.iter().filter(|flag| self.flags.contains(&flag.name)) {
            let Some(earlier) = first.insert(&flag.name, flag) else { continue };
            let (Some(before), Some(now)) = (&earlier.value, &flag.value) else { continue };
            if before == now {
                continue;
            }
            let message = format!(
                "`{}` is given twice, {before} and then {now}: the last one holds in silence, and the first place \
                 says what is not so",
                flag.name
            );
            faults.push(
                Fault::new(flag.name.clone(), flag.at.clone(), message)
                    .because(earlier.at.clone(), "it is given here first")
                    .in_environment(deploy.environment.as_deref()),
            );
        }
        faults
    }
}
