//! How a Cloud Run service reaches its databases: through the network, or past it.

use facts::{CloudRunDeploy, CommandFlag, Facts, SecretRef, Setting};
use serde::Deserialize;
use source::Place;

use crate::Fault;
use crate::check::Check;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// What is looked for: `egress` (all traffic through the network beside Cloud SQL sockets), `connector` (a
    /// private Redis without a way into the network).
    #[serde(default)]
    faults: Vec<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Egress,
    Connector,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults = Vec::new();
        for deploy in &facts.cloud_run_deploys {
            if self.faults.contains(&Kind::Egress) {
                faults.extend(egress(deploy));
            }
            if self.faults.contains(&Kind::Connector) {
                faults.extend(connector(deploy, facts));
            }
        }
        faults
    }
}

/// The platform's documents: with all traffic through the network, the sockets' traffic to the database's public
/// side goes there too, and needs a way out of it.
const EGRESS_SOURCE: &str = "https://cloud.google.com/sql/docs/postgres/connect-run";

fn egress(deploy: &CloudRunDeploy) -> Option<Fault> {
    let all = |flag: &&CommandFlag| {
        flag.name == "--vpc-egress" && matches!(flag.value.as_deref(), Some("all-traffic" | "all"))
    };
    let egress = deploy.flags.iter().find(all)?;
    let sockets = deploy
        .flags
        .iter()
        .find(|flag| matches!(flag.name.as_str(), "--add-cloudsql-instances" | "--set-cloudsql-instances"))?;
    let message = format!(
        "all traffic goes through the VPC network, also that of the Cloud SQL sockets that this service is given: \
         unless the network has Cloud NAT or the instance a private address, every connection to the database times \
         out; use private-ranges-only, or say how the traffic leaves ({EGRESS_SOURCE})"
    );
    let fault = Fault::new("--vpc-egress", egress.at.clone(), message)
        .because(sockets.at.clone(), "the sockets are attached here")
        .in_environment(deploy.environment.as_deref());
    Some(fault)
}

/// Flags that give a service a way into the network.
const WAYS_IN: &[&str] = &["--vpc-connector", "--network", "--subnet", "--clear-vpc-connector"];

fn connector(deploy: &CloudRunDeploy, facts: &Facts) -> Option<Fault> {
    if !(deploy.is_whole || deploy.is_assembled) || WAYS_IN.iter().any(|flag| deploy.flag(flag).is_some()) {
        return None;
    }
    let redis = given_redis(deploy, facts)?;
    let (instance, what) = private_redis(facts)?;
    let message = "this service is told of a Redis host and the repository's Terraform creates Redis inside a VPC \
                   network, but the deploy command gives the service no way into it: every connection times out \
                   unless an earlier deployment set one; add --vpc-connector, or --network and --subnet \
                   (https://cloud.google.com/memorystore/docs/redis/connect-redis-instance-cloud-run)";
    Some(
        Fault::new("--vpc-connector", deploy.at.clone(), message)
            .because(redis.clone(), "the service is told of Redis here")
            .because(instance.clone(), what)
            .in_environment(deploy.environment.as_deref()),
    )
}

/// Where the command gives the service a Redis host.
fn given_redis<'f>(deploy: &CloudRunDeploy, facts: &'f Facts) -> Option<&'f Place> {
    let names_redis = |name: &str| matches!(name, "REDIS_HOST" | "REDIS_URL" | "REDIS_URI");
    let gives = |flag: &&CommandFlag| flag.name.ends_with("-secrets") || flag.name.ends_with("-env-vars");
    let here = |at: &Place| {
        deploy.flags.iter().filter(gives).any(|flag| flag.at.path == at.path && at.line == flag.at.line)
    };
    let secret =
        |secret: &&SecretRef| secret.variable.as_deref().is_some_and(names_redis) && here(&secret.at);
    let setting = |setting: &&Setting| {
        names_redis(&setting.key)
            && here(&setting.at)
            && setting.within.iter().any(|name| name.ends_with("-env-vars"))
    };
    let secrets = facts.secrets.iter().find(secret).map(|secret| &secret.at);
    secrets.or_else(|| facts.settings.iter().find(setting).map(|setting| &setting.at))
}

/// Redis or a connector that the repository creates.
fn private_redis(facts: &Facts) -> Option<(&Place, &'static str)> {
    let resources = || facts.judged_modules().flat_map(|module| &module.resources);
    let find = |kind: &str| resources().find(|resource| resource.kind == kind).map(|resource| &resource.at);
    let redis =
        find("google_redis_instance").map(|at| (at, "this instance has an address inside the network alone"));
    redis.or_else(|| {
        find("google_redis_cluster").map(|at| (at, "this cluster has addresses inside the network alone"))
    })
}
