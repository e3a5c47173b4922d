//! Services of Kubernetes: an address of the cluster answers at the ports of its Service alone.

use std::collections::{BTreeMap, BTreeSet};

use facts::kubernetes::{KubernetesBody, KubernetesObject, ServicePort as Port};
use facts::{Facts, Role, Setting, SettingSource};

use super::super::support::service_address::{Address, addresses};
use super::{ServicePort, settings, written};
use crate::Fault;

/// The Services of the repository by name, whatever their namespace and environment.
type Services<'f> = BTreeMap<&'f str, Vec<(&'f KubernetesObject, &'f [Port])>>;

impl ServicePort {
    pub(super) fn of_kubernetes(&self, facts: &Facts) -> Vec<Fault> {
        let services = services(facts);
        given_to_containers(facts)
            .filter(|setting| self.is_destination(setting))
            .filter_map(|setting| {
                let found = addresses(&setting.value);
                found.iter().find_map(|address| fault(setting, address, &services))
            })
            .collect()
    }
}

/// The Services whose ports are known to be all: not those that lead to the pods themselves or to another name.
fn services(facts: &Facts) -> Services<'_> {
    let mut services = Services::new();
    let mut open = BTreeSet::new();
    for object in &facts.objects {
        let KubernetesBody::Service { selector, ports, is_headless, .. } = &object.body else { continue };
        if *is_headless || selector.is_empty() || ports.is_empty() {
            open.insert(object.name.as_str());
        }
        services.entry(object.name.as_str()).or_default().push((object, ports.as_slice()));
    }
    services.retain(|name, _| !open.contains(name));
    services
}

/// What deployed manifests give their containers.
pub(in super::super) fn given_to_containers(facts: &Facts) -> impl Iterator<Item = &Setting> {
    let manifests: BTreeSet<&str> = facts.objects.iter().map(|object| &*object.at.path).collect();
    facts.settings.iter().filter(move |setting| {
        setting.scope.deployed
            && !setting.is_template
            && manifests.contains(&*setting.at.path)
            && is_given(setting)
    })
}

/// Whether a container is given the value: as a variable, by a ConfigMap, or as an argument.
fn is_given(setting: &Setting) -> bool {
    let map = setting.within.last().map_or("", String::as_str);
    let is_argument = matches!(setting.key.as_str(), "args" | "command") && setting.value.contains("://");
    setting.source == SettingSource::Yaml
        && !setting.value.contains(char::is_whitespace)
        && ((matches!(map, "env" | "data") && matches!(setting.role, Role::Value | Role::SharedHost))
            || is_argument)
}

fn fault(setting: &Setting, address: &Address<'_>, services: &Services<'_>) -> Option<Fault> {
    if address.scheme.is_empty() && !is_key_of_address(&setting.key) {
        return None;
    }
    let found = services.get(service_name(address.host)?)?;
    let port = address.asked_port()?;
    if found.iter().any(|(_, ports)| ports.iter().any(|own| own.number == port)) {
        return None;
    }
    let (service, ports) = found.first()?;
    let own: Vec<String> = ports.iter().map(|port| port.number.to_string()).collect();
    let message = format!(
        "`{}` asks the Service `{}` at port {}, and the Service has only {}: no other port of its address leads \
         anywhere, and every connection fails",
        setting.key,
        service.name,
        written(address, port),
        own.join(", ")
    );
    let fault = Fault::new(settings::subject(setting), setting.at.clone(), message)
        .because(service.at.clone(), "the Service is defined here");
    Some(fault.in_environment(setting.scope.environment.as_deref()))
}

/// The Service of `api`, `api.shop.svc` and `api.shop.svc.cluster.local`; `None` for a host of another kind.
pub(in super::super) fn service_name(host: &str) -> Option<&str> {
    let mut labels = host.split('.');
    let name = labels.next()?;
    match (labels.next(), labels.next()) {
        (None, _) | (Some(_), Some("svc")) => Some(name),
        _ => None,
    }
}

/// Whether `name:1` under this key is a host with a port, and no image with a tag.
fn is_key_of_address(key: &str) -> bool {
    const WORDS: &[&str] = &[
        "ADDR", "ADDRESS", "BACKEND", "BROKER", "BROKERS", "ENDPOINT", "HOST", "HOSTS", "SERVER", "SERVERS",
        "SERVICE", "TARGET", "UPSTREAM", "URI", "URL",
    ];
    key.rsplit(['_', '-', '.']).next().is_some_and(|word| WORDS.contains(&word.to_ascii_uppercase().as_str()))
}
