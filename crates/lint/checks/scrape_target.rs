//! Hosts that Prometheus is told to ask and that no service of its Compose project answers to.

use facts::{Facts, ScrapeTarget};

use super::compose_host::names;
use super::{NoPolicy, policy};
use crate::Fault;
use crate::check::{Check, CheckContext};
use crate::nearest::did_you_mean;

struct Targets;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(Targets))
}

impl Check for Targets {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let known = names(facts);
        let unknown = facts
            .scrape_targets
            .iter()
            .filter(|target| !known.contains(&target.host.value.to_ascii_lowercase()));
        let mut faults: Vec<Fault> = Vec::new();
        for found in unknown.filter_map(|target| fault(target, facts)) {
            // A configuration may be mounted by several files.
            if faults.iter().all(|told| told.at != found.at) {
                faults.push(found);
            }
        }
        faults
    }
}

fn fault(target: &ScrapeTarget, facts: &Facts) -> Option<Fault> {
    let in_file = || facts.compose_services.iter().filter(|service| service.at.path == target.compose_file);
    let asking = in_file().find(|service| service.name == target.service)?;
    if !asking.has_own_networks || !asking.file_stands_alone {
        return None;
    }
    let host = &target.host.value;
    let message = format!(
        "Prometheus asks `{host}`, and no service of a Compose file here has this name: the target is down for ever, and what \
         it should tell is missing from every dashboard and alert.{}",
        did_you_mean(host, in_file().map(|service| service.name.as_str()))
    );
    let fault = Fault::new(host.clone(), target.host.at.clone(), message)
        .because(asking.at.clone(), "this service is given the configuration");
    Some(fault.in_environment(asking.scope.environment.as_deref()))
}
