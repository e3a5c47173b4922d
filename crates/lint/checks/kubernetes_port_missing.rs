//! Ports of Kubernetes that are named or numbered in one place and not there in another: of a Service and its pods, of
//! an Ingress and its Service, of a probe and its container.

use facts::Facts;
use facts::kubernetes::{Backend, KubernetesBody, KubernetesObject, Pods, ServicePort};

use source::directory_of;

use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let deployed = facts.objects.iter().filter(|object| object.scope.deployed);
    deployed.flat_map(|object| of_object(object, facts)).collect()
}

fn of_object(object: &KubernetesObject, facts: &Facts) -> Vec<Fault> {
    match &object.body {
        KubernetesBody::Service { ports, .. } => {
            ports.iter().filter_map(|port| of_service(object, port, facts)).collect()
        }
        KubernetesBody::Ingress(backends) => {
            backends.iter().filter_map(|backend| of_backend(object, backend, facts)).collect()
        }
        KubernetesBody::Pods(pods) => of_probes(object, pods),
        KubernetesBody::Map(_) | KubernetesBody::Maker => Vec::new(),
    }
}

fn share_namespace(one: &KubernetesObject, other: &KubernetesObject) -> bool {
    one.namespace.is_none() || other.namespace.is_none() || one.namespace == other.namespace
}

/// A port of a Service that none of its pods has.
fn of_service(service: &KubernetesObject, port: &ServicePort, facts: &Facts) -> Option<Fault> {
    let KubernetesBody::Service { selector, ports, is_headless: false, .. } = &service.body else {
        return None;
    };
    let mut selected: Vec<(&KubernetesObject, &Pods)> = facts
        .objects
        .iter()
        .filter(|object| share_namespace(object, service))
        .filter_map(|object| match &object.body {
            KubernetesBody::Pods(pods) => Some((object, pods)),
            _ => None,
        })
        .filter(|(_, pods)| selector.iter().all(|(key, value)| pods.labels.get(key) == Some(value)))
        .collect();
    // Each environment may have a folder of its own.
    let folder = directory_of(&service.at.path);
    if selected.iter().any(|(object, _)| directory_of(&object.at.path) == folder) {
        selected.retain(|(object, _)| directory_of(&object.at.path) == folder);
    }
    let (workload, _) = selected.first().filter(|_| !selector.is_empty())?;
    let asked = asked_port(port);
    let asked = asked.as_str();
    let tells = |pods: &Pods, asked: &str| {
        pods.ports.iter().any(|own| own.name.as_deref() == Some(asked) || own.number.to_string() == asked)
    };
    let has = |pods: &Pods| pods.has_injected_containers || pods.is_patch || tells(pods, asked);
    let is_name = asked.parse::<u16>().is_err();
    // A number need not be told by the container, which may listen on it all the same.
    let tells_none = |pods: &Pods| pods.ports.is_empty() && !is_name;
    // A patch of the workload may add the container that has it.
    let adds = |object: &KubernetesObject| {
        object.name == workload.name
            && matches!(&object.body, KubernetesBody::Pods(pods) if tells(pods, asked))
    };
    if selected.iter().any(|(_, pods)| has(pods) || tells_none(pods)) || facts.objects.iter().any(adds) {
        return None;
    }
    let at = port.target.as_ref().map_or(&service.at, |target| &target.at);
    let message = format!(
        "the Service `{}` sends to port `{asked}`, and no container of `{}` has it: {}",
        service.name,
        workload.name,
        if is_name {
            "the Service has no endpoints, and every connection is refused"
        } else {
            "where none listens on it all the same, every connection is refused"
        }
    );
    let fault = Fault::new(format!("{asked} of {}", service.name), at.clone(), message)
        .in_environment(service.scope.environment.as_deref())
        .because(workload.at.clone(), "its pods are described here");
    // Kubernetes asks for no list of ports: a container that tells the one for another of the Service has this one too.
    let is_further =
        || ports.iter().any(|other| selected.iter().any(|(_, pods)| tells(pods, &asked_port(other))));
    Some(match is_name {
        true => fault,
        false if is_further() => fault.at_most(Severity::Info),
        false => fault.at_most(Severity::Warning),
    })
}

/// The port of the pods that a port of a Service leads to: a name or a number.
fn asked_port(port: &ServicePort) -> String {
    port.target.as_ref().map_or_else(|| port.number.to_string(), |target| target.value.clone())
}

/// A port of an Ingress that its Service does not have.
fn of_backend(ingress: &KubernetesObject, backend: &Backend, facts: &Facts) -> Option<Fault> {
    let asked = &backend.port.value;
    let services: Vec<(&KubernetesObject, &Vec<ServicePort>)> = facts
        .objects
        .iter()
        .filter(|object| object.name == backend.service && share_namespace(object, ingress))
        .filter_map(|object| match &object.body {
            KubernetesBody::Service { ports, .. } => Some((object, ports)),
            _ => None,
        })
        .collect();
    let has = |port: &ServicePort| port.name.as_ref() == Some(asked) || port.number.to_string() == *asked;
    let (service, _) = services.first()?;
    if services.iter().any(|(_, ports)| ports.is_empty() || ports.iter().any(has)) {
        return None;
    }
    let message = format!(
        "the Ingress `{}` sends to port `{asked}` of the Service `{}`, which has no such port: every request is \
         answered with an error",
        ingress.name, backend.service
    );
    Some(
        Fault::new(
            format!("{asked} of {} by {}", backend.service, ingress.name),
            backend.port.at.clone(),
            message,
        )
        .in_environment(ingress.scope.environment.as_deref())
        .because(service.at.clone(), "the Service is defined here"),
    )
}

/// Names of ports that probes ask and their containers do not have.
fn of_probes(workload: &KubernetesObject, pods: &Pods) -> Vec<Fault> {
    let fault = |port: &facts::Stated<String>| {
        let message = format!(
            "a probe of `{}` asks the port `{}`, and its container has none of that name: the probe fails every time, \
             and the container is never ready or is ended again and again",
            workload.name, port.value
        );
        Fault::new(format!("probe {} of {}", port.value, workload.name), port.at.clone(), message)
            .in_environment(workload.scope.environment.as_deref())
            .because(workload.at.clone(), "the workload")
    };
    pods.unnamed_probe_ports.iter().map(fault).collect()
}
