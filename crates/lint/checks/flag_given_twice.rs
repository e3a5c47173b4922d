//! Flags that a deploy command gives twice.

use std::collections::BTreeMap;

use facts::{CloudRunDeploy, CommandFlag, Facts, Given};
use serde::Deserialize;

use crate::Fault;
use crate::check::Check;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The flags of which the last one holds.
    #[serde(default)]
    flags: Vec<String>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let calls = facts.cloud_run_deploys.iter().chain(&facts.cloud_run_changes);
        calls.flat_map(|deploy| self.in_command(deploy)).collect()
    }
}

impl Policy {
    fn in_command(&self, deploy: &CloudRunDeploy) -> Vec<Fault> {
        let mut first: BTreeMap<&str, &CommandFlag> = BTreeMap::new();
        let mut faults = Vec::new();
        for flag in &deploy.flags {
            // What follows is for the container that it names.
            if flag.name == "--container" {
                first.clear();
            }
            if !self.flags.contains(&flag.name) {
                continue;
            }
            let Some(earlier) = first.get(flag.name.as_str()) else {
                first.insert(&flag.name, flag);
                continue;
            };
            // What two conditions add may be added by one of them alone.
            if earlier.given != Given::Always {
                continue;
            }
            if let Some(message) = overridden(deploy, earlier, flag) {
                faults.push(
                    Fault::new(flag.name.clone(), flag.at.clone(), message)
                        .because(earlier.at.clone(), "it is given here first")
                        .in_environment(deploy.environment.as_deref()),
                );
            }
            if flag.given == Given::Always {
                first.insert(&flag.name, flag);
            }
        }
        faults
    }
}

/// What is wrong with a flag that is given again; `None` where the value stays, or one of the two is not known.
fn overridden(deploy: &CloudRunDeploy, earlier: &CommandFlag, later: &CommandFlag) -> Option<String> {
    let now = later.value.as_deref()?;
    let name = &later.name;
    if let Some(before) = &earlier.value {
        return (before != now).then(|| {
            format!(
                "`{name}` is given twice, {before} and then {now}: the last one is used without a word, and the \
                first has no effect"
            )
        });
    }
    // The first value is that of a field; it is lost for the services that the later one is given for.
    let field = name.trim_start_matches('-').replace('-', "_");
    let concerned = |record: &str| match &later.given {
        Given::For(names) => names.iter().any(|name| name == record),
        _ => true,
    };
    let lost = deploy
        .fields
        .iter()
        .find(|known| known.field == field && concerned(&known.record) && known.value != now)?;
    Some(format!(
        "`{name}` is given again with {now}: the last one is used without a word, and the {} of `{}` has no effect",
        lost.value, lost.record
    ))
}
