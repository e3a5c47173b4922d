//! Workloads of Kubernetes that select other pods than their own.

use facts::Facts;
use facts::kubernetes::{KubernetesBody, KubernetesObject, Pods};

use super::{NoPolicy, policy};
use crate::Fault;
use crate::check::{Check, CheckContext};

struct KubernetesSelector;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(KubernetesSelector))
}

impl Check for KubernetesSelector {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let workloads = facts.objects.iter().filter_map(|object| match &object.body {
            KubernetesBody::Pods(pods) => Some((object, pods)),
            _ => None,
        });
        workloads.flat_map(|(object, pods)| faults(object, pods)).collect()
    }
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
