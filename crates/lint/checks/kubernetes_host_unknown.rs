//! Hosts in manifests of Kubernetes that no Service answers to.

use std::collections::{BTreeMap, BTreeSet};

use facts::kubernetes::{Backend, KubernetesBody, KubernetesObject, Pods};
use facts::{Facts, Setting};
use source::is_illustration;

use super::service_port_mismatch::kubernetes::{given_to_containers, service_name};
use super::{compose_host_unknown, support::settings};
use crate::nearest::nearest;
use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let known = Known::of(facts);
    let of_hosts = given_to_containers(facts).filter_map(|setting| known.fault(setting, facts));
    let ingresses = facts.objects.iter().filter_map(|object| match &object.body {
        KubernetesBody::Ingress(backends) => Some((object, backends)),
        _ => None,
    });
    let backends = ingresses.flat_map(|(ingress, all)| all.iter().map(move |one| (ingress, one)));
    of_hosts.chain(backends.filter_map(|(ingress, backend)| known.unserved(ingress, backend))).collect()
}

/// The objects that names may mean.
struct Known<'f> {
    services: BTreeMap<&'f str, &'f KubernetesObject>,
    workloads: BTreeMap<&'f str, (&'f KubernetesObject, &'f Pods)>,
    /// Names that something else answers to.
    others: BTreeSet<String>,
}

impl<'f> Known<'f> {
    fn of(facts: &'f Facts) -> Self {
        let mut known = Self {
            services: BTreeMap::new(),
            workloads: BTreeMap::new(),
            // One setting may be for Compose and for the cluster.
            others: compose_host_unknown::names(facts),
        };
        for object in &facts.objects {
            match &object.body {
                KubernetesBody::Service { .. } => drop(known.services.insert(&object.name, object)),
                KubernetesBody::Pods(pods) => drop(known.workloads.insert(&object.name, (object, pods))),
                _ => {}
            }
        }
        known
    }

    /// An Ingress that sends to a Service which there is none of, with a name that is nearly one.
    fn unserved(&self, ingress: &KubernetesObject, backend: &Backend) -> Option<Fault> {
        let name = backend.service.as_str();
        if self.services.contains_key(name) || is_illustration(&ingress.at.path) {
            return None;
        }
        let near = nearest(name, self.services.keys().copied()).filter(|near| is_misspelt(name, near))?;
        let message = format!(
            "the Ingress `{}` sends to `{name}`, and no Service here has this name: where nothing else makes one, every \
             request ends with 503. Did you mean `{near}`?",
            ingress.name
        );
        let fault = Fault::new(format!("{} {name}", ingress.name), backend.service_at.clone(), message);
        let fault = fault.because(self.services.get(near)?.at.clone(), "the Service is defined here");
        Some(fault.in_environment(ingress.scope.environment.as_deref()).at_most(Severity::Warning))
    }

    fn fault(&self, setting: &Setting, facts: &Facts) -> Option<Fault> {
        let host = service_name(compose_host_unknown::host_of(setting)?)?;
        if self.services.contains_key(host) || self.others.contains(host) || has_alias(setting, host, facts) {
            return None;
        }
        let fault = |message: String, meant: &KubernetesObject| {
            Fault::new(settings::subject(setting), setting.at.clone(), message)
                .because(meant.at.clone(), "the Service is defined here")
                .in_environment(setting.scope.environment.as_deref())
        };
        if let Some((workload, pods)) = self.workloads.get(host) {
            let meant = self.services.values().find(|service| selects(service, pods))?;
            let message = format!(
                "`{}` leads to `{host}`, which is the name of a {}: only Services have names in the network, and the one that \
                 sends to its pods is `{}`; the name is not found, and every connection fails",
                setting.key, workload.kind, meant.name
            );
            return Some(fault(message, meant).because(workload.at.clone(), "the workload is defined here"));
        }
        let near = nearest(host, self.services.keys().copied()).filter(|near| is_misspelt(host, near))?;
        let message = format!(
            "`{}` leads to `{host}`, and no Service here has this name: where nothing else makes one, it is not found, and \
             every connection fails. Did you mean `{near}`?",
            setting.key
        );
        Some(fault(message, self.services.get(near)?).at_most(Severity::Warning))
    }
}

/// Whether a Service sends to these pods.
fn selects(service: &KubernetesObject, pods: &Pods) -> bool {
    let KubernetesBody::Service { selector, .. } = &service.body else { return false };
    !selector.is_empty() && selector.iter().all(|(key, value)| pods.labels.get(key) == Some(value))
}

/// Whether the pods of the file are given the host by `hostAliases:`.
fn has_alias(setting: &Setting, host: &str, facts: &Facts) -> bool {
    facts.settings_in(&setting.at.path).iter().any(|one| one.key == "hostnames" && one.value == host)
}

/// Whether one name can be the other one written wrong: not one of several, and not a name that goes on with another word.
pub(super) fn is_misspelt(host: &str, name: &str) -> bool {
    let letters = |text: &str| text.replace(|letter: char| letter.is_ascii_digit(), "");
    let is_longer = host.contains(name) || name.contains(host);
    // What is filled in before is written in another way: `FRONTEND_ADDRESS`.
    let is_legal =
        host.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    is_legal
        && host.len() > 3
        && letters(host) != letters(name)
        && !(is_longer && host.len().abs_diff(name.len()) > 1)
}

#[cfg(test)]
mod tests {
    use super::is_misspelt;

    #[test]
    fn names_that_can_be_meant() {
        for (host, name, expected) in [
            ("user-service", "users-service", true),
            ("userservice", "user-service", true),
            ("backend", "backends", true),
            ("postgres", "postgres-exporter", false),
            ("kafka-0", "kafka-1", false),
            ("db2", "db", false),
            ("api", "app", false),
            ("FRONTENDS", "frontend", false),
        ] {
            assert_eq!(is_misspelt(host, name), expected, "{host} {name}");
        }
    }
}
