//! Flags that a deploy command does not know.

use facts::{CommandFlag, Facts};

use super::{NoPolicy, policy};
use crate::Fault;
use crate::check::{Check, CheckContext};
use crate::platform::gcloud_flags::{SOURCE, meant};

struct CliFlag;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(CliFlag))
}

impl Check for CliFlag {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let flags = facts
            .cloud_run_deploys
            .iter()
            .flat_map(|deploy| deploy.flags.iter().map(|flag| (flag, deploy.environment.as_deref())));
        flags.filter_map(|(flag, environment)| Some(fault(flag)?.in_environment(environment))).collect()
    }
}

fn fault(flag: &CommandFlag) -> Option<Fault> {
    let meant = meant(&flag.name)?;
    let message = format!(
        "`gcloud run deploy` has no flag `{}`: the command ends with \"unrecognized arguments\" and nothing is \
         deployed; did you mean `--{meant}`? ({SOURCE})",
        flag.name
    );
    Some(Fault::new(flag.name.clone(), flag.at.clone(), message))
}
