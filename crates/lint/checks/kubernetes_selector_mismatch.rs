//! Workloads of Kubernetes that select other pods than their own.

use facts::Facts;
use facts::kubernetes::{KubernetesBody, KubernetesObject, Pods};
use source::is_illustration;

use super::kubernetes_host_unknown::is_misspelt;
use crate::nearest::nearest;
use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let workloads = facts.objects.iter().filter_map(|object| match &object.body {
        KubernetesBody::Pods(pods) => Some((object, pods)),
        _ => None,
    });
    let unmatched = facts.objects.iter().filter_map(|object| unmatched(object, facts));
    workloads.flat_map(|(object, pods)| faults(object, pods)).chain(unmatched).collect()
}

fn faults(object: &KubernetesObject, pods: &Pods) -> Vec<Fault> {
    let fault = |label: &facts::Stated<String>| {
        let message = format!(
            "the {} `{}` selects pods with `{}`, and its own pods do not have this label: Kubernetes refuses the object \
             as invalid, and nothing of it is rolled out",
            object.kind, object.name, label.value
        );
        Fault::new(format!("{} {}", object.name, label.value), label.at.clone(), message)
            .because(object.at.clone(), "the workload is named here")
            .in_environment(object.scope.environment.as_deref())
    };
    pods.unlabelled.iter().map(fault).collect()
}

/// A Service whose labels no pods here have, but for one that is written nearly as theirs.
fn unmatched(service: &KubernetesObject, facts: &Facts) -> Option<Fault> {
    let KubernetesBody::Service { selector, selector_at, .. } = &service.body else { return None };
    let workloads = || {
        facts.objects.iter().filter_map(|object| match &object.body {
            KubernetesBody::Pods(pods) => Some((object, pods)),
            _ => None,
        })
    };
    let has = |pods: &Pods, key: &String, value: &String| pods.labels.get(key) == Some(value);
    let is_served = workloads().any(|(_, pods)| selector.iter().all(|(key, value)| has(pods, key, value)));
    if selector.is_empty() || is_served || is_illustration(&service.at.path) {
        return None;
    }
    let nearly = |pods: &Pods| {
        let mut others = selector.iter().filter(|(key, value)| !has(pods, key, value));
        let (key, value) = others.next().filter(|_| others.next().is_none())?;
        let label = pods.labels.get(key)?;
        let is_near = is_misspelt(value, label) && nearest(value, [label.as_str()]).is_some();
        is_near.then(|| (format!("{key}: {value}"), label.clone()))
    };
    let (workload, (written, meant)) = workloads()
        .filter(|(workload, _)| workload.namespace == service.namespace)
        .find_map(|(workload, pods)| Some((workload, nearly(pods)?)))?;
    let message = format!(
        "the Service `{}` sends to pods with `{written}`, and no workload here has such pods: it has no endpoint, and every \
         connection to it fails. Did you mean `{meant}`?",
        service.name
    );
    let fault = Fault::new(format!("{} {written}", service.name), selector_at.clone(), message);
    let fault = fault.because(workload.at.clone(), "the pods of this workload are nearly meant");
    Some(fault.in_environment(service.scope.environment.as_deref()).at_most(Severity::Warning))
}
