//! Cloud SQL sockets that a service is told of and not given.

use facts::{CloudRunDeploy, CommandFlag, Facts, Setting};

use super::{NoPolicy, policy};
use crate::Fault;
use crate::check::{Check, CheckContext};

struct CloudSqlAttached;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(CloudSqlAttached))
}

impl Check for CloudSqlAttached {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        facts.cloud_run_deploys.iter().filter_map(|deploy| missing(deploy, facts)).collect()
    }
}

fn missing(deploy: &CloudRunDeploy, facts: &Facts) -> Option<Fault> {
    let attaches = deploy.flags.iter().any(|flag| flag.name.ends_with("-cloudsql-instances"));
    if attaches || !deploy.is_whole {
        return None;
    }
    let gives = |flag: &&CommandFlag| flag.name.ends_with("-env-vars");
    let here = |setting: &&Setting| {
        let at = &setting.at;
        setting.value.contains("/cloudsql/")
            && deploy
                .flags
                .iter()
                .filter(gives)
                .any(|flag| flag.at.path == at.path && flag.at.line == at.line)
    };
    let setting = facts.settings.iter().find(here)?;
    let message = format!(
        "`{}` leads to a Cloud SQL socket, and the command attaches no instance: there is no such socket in the \
         container unless an earlier deployment attached it, and every connection fails; add --add-cloudsql-instances \
         (Cloud SQL documentation, Connect from Cloud Run)",
        setting.key
    );
    Some(
        Fault::new(setting.key.clone(), setting.at.clone(), message)
            .because(deploy.at.clone(), "the command that deploys")
            .in_environment(deploy.environment.as_deref()),
    )
}
