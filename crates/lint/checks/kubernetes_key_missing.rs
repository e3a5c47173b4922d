//! Keys that containers take from ConfigMaps and Secrets, and that those do not have.

use std::collections::BTreeMap;

use facts::Facts;
use facts::kubernetes::{KeyReference, KubernetesBody, KubernetesObject};

use crate::Fault;
use crate::nearest::nearest;

/// What the repository says of a map: the objects of its name.
type Known<'f> = BTreeMap<&'f str, Vec<&'f KubernetesObject>>;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let mut known: Known<'_> = BTreeMap::new();
    for object in &facts.objects {
        if matches!(object.body, KubernetesBody::Map(_) | KubernetesBody::Maker) {
            known.entry(&object.name).or_default().push(object);
        }
    }
    let workloads = facts.objects.iter().filter(|object| object.scope.deployed);
    let keys = workloads.filter_map(|object| match &object.body {
        KubernetesBody::Pods(pods) => Some((object, &pods.keys)),
        _ => None,
    });
    keys.flat_map(|(workload, keys)| keys.iter().filter_map(|key| fault(workload, key, &known))).collect()
}

fn fault(workload: &KubernetesObject, reference: &KeyReference, known: &Known<'_>) -> Option<Fault> {
    let KeyReference { kind, name, key } = reference;
    let named = known.get(name.as_str())?;
    // A controller or kustomize may make it with other keys.
    if named.iter().any(|object| object.body == KubernetesBody::Maker) {
        return None;
    }
    let same_namespace = |object: &&&KubernetesObject| {
        object.namespace.is_none() || workload.namespace.is_none() || object.namespace == workload.namespace
    };
    let maps: Vec<&&KubernetesObject> =
        named.iter().filter(|object| object.kind == *kind).filter(same_namespace).collect();
    let keys = maps.iter().filter_map(|object| match &object.body {
        KubernetesBody::Map(keys) => Some(keys),
        _ => None,
    });
    let keys: Vec<&str> = keys.flatten().map(String::as_str).collect();
    // One without any key is filled by somebody else.
    let map = maps.first().filter(|_| !keys.is_empty() && !keys.contains(&key.value.as_str()))?;
    let hint = nearest(&key.value, keys);
    let hint = hint.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
    let message = format!(
        "`{}` reads the key `{}` of the {kind} `{name}`, which has no such key: the container is never created \
        (CreateContainerConfigError){hint}",
        workload.name, key.value
    );
    let fault = Fault::new(format!("{} of {name} for {}", key.value, workload.name), key.at.clone(), message)
        .in_environment(workload.scope.environment.as_deref());
    Some(fault.because(map.at.clone(), format!("the {kind} is defined here")))
}
