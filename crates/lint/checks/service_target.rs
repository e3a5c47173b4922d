//! Hosts in the configuration of Prometheus and nginx that no service of the Compose project answers to.

use std::collections::BTreeSet;

use facts::kubernetes::{KubernetesBody, KubernetesObject};
use facts::{Facts, ServiceTarget, TargetReader};
use serde::Deserialize;

use super::compose_host_unknown::{is_container_of, names};
use crate::check::Check;
use crate::nearest::did_you_mean;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    reader: Reader,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reader {
    Prometheus,
    Nginx,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let known = names(facts);
        let wanted = match self.reader {
            Reader::Prometheus => TargetReader::Prometheus,
            Reader::Nginx => TargetReader::Nginx,
        };
        let targets = facts.service_targets.iter().filter(|target| target.reader == wanted);
        let answers = |host: &str| {
            known.contains(host) || facts.compose_services.iter().any(|one| is_container_of(host, &one.name))
        };
        let unknown = targets.filter(|target| !answers(&target.host.value.to_ascii_lowercase()));
        // A configuration may be mounted by several files.
        let mut told = BTreeSet::new();
        let faults = unknown.filter_map(|target| self.fault(target, facts));
        faults.filter(|fault| told.insert(fault.at.clone())).collect()
    }
}

impl Policy {
    fn fault(&self, target: &ServiceTarget, facts: &Facts) -> Option<Fault> {
        let in_file =
            || facts.compose_services.iter().filter(|service| service.at.path == target.compose_file);
        let asking = in_file().find(|service| service.name == target.service)?;
        let host = &target.host.value;
        if !asking.has_own_networks || !asking.file_stands_alone {
            return None;
        }
        let hint = did_you_mean(host, in_file().map(|service| service.name.as_str()));
        let message = match self.reader {
            Reader::Prometheus => format!(
                "Prometheus asks `{host}`, and no service of a Compose file here has this name: the target is down for \
                 ever, and what it should tell is missing from every dashboard and alert.{hint}"
            ),
            Reader::Nginx => format!(
                "nginx sends requests to `{host}`, and no service of a Compose file here has this name: it looks the name \
                 up when it starts, finds nothing (\"host not found in upstream\") and ends.{hint}"
            ),
        };
        // The same image may run in a cluster.
        let is_elsewhere = facts.objects.iter().any(|object| is_service(object, host));
        if is_elsewhere && self.reader == Reader::Nginx {
            return None;
        }
        let fault = Fault::new(host.clone(), target.host.at.clone(), message)
            .because(asking.at.clone(), "this service is given the configuration")
            .in_environment(asking.scope.environment.as_deref());
        Some(if asking.scope.deployed { fault } else { fault.at_most(Severity::Warning) })
    }
}

fn is_service(object: &KubernetesObject, name: &str) -> bool {
    object.name == name && matches!(object.body, KubernetesBody::Service { .. })
}
