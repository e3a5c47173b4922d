//! ConfigMaps and Secrets of Kubernetes: which pods take their variables from which.

use std::collections::BTreeSet;

use syntax::yaml::View;

use crate::collect::pods::containers;
use crate::model::SECRET_LABEL;
use crate::{Role, Setting};

/// What stands among the names that hold the values of a ConfigMap or Secret; a Secret may have no name yet.
#[must_use]
pub(crate) fn label(root: View<'_>) -> Option<String> {
    let text = |path: &[&str]| root.path(path).and_then(|value| value.as_str());
    let name = text(&["metadata", "name"]);
    match text(&["kind"])? {
        "ConfigMap" => name.map(label_of),
        "Secret" => Some(secret_label_of(name.unwrap_or(""))),
        _ => None,
    }
}

/// The labels of the ConfigMaps and Secrets that the containers of a workload take variables from.
#[must_use]
pub(crate) fn taken(root: View<'_>) -> Vec<String> {
    let mut taken = Vec::new();
    for container in containers(root) {
        let sources = container.get("envFrom").map(|sources| sources.items()).unwrap_or_default();
        let variables = container.get("env").map(|variables| variables.items()).unwrap_or_default();
        let named = |whole: &str, single: &str| {
            let whole = sources.iter().filter_map(|source| source.path(&[whole, "name"]));
            let single = variables.iter().filter_map(|one| one.path(&["valueFrom", single, "name"]));
            whole.chain(single).filter_map(|name| name.as_str()).collect::<Vec<_>>()
        };
        taken.extend(named("configMapRef", "configMapKeyRef").into_iter().map(label_of));
        taken.extend(named("secretRef", "secretKeyRef").into_iter().map(secret_label_of));
    }
    taken
}

/// The workload, where its containers are given more variables than it names: whole maps, or, where a container has no
/// image, what the file has that this one patches. `None` for any other.
#[must_use]
pub(crate) fn given_more(root: View<'_>) -> Option<String> {
    let is_given_more =
        |container: &View<'_>| container.get("envFrom").is_some() || container.get("image").is_none();
    containers(root).iter().any(is_given_more).then_some(())?;
    root.path(&["metadata", "name"]).and_then(|name| name.as_str()).map(str::to_owned)
}

/// Values of ConfigMaps in `taken`: a loopback address in them leads to another container of the pod.
pub(crate) fn share_host(settings: &mut [Setting], taken: &BTreeSet<String>) {
    let shared = |setting: &&mut Setting| {
        setting.role == Role::Value && setting.within.iter().any(|name| taken.contains(name))
    };
    settings.iter_mut().filter(shared).for_each(|setting| setting.role = Role::SharedHost);
}

/// The name that stands for a ConfigMap among the names that hold a value.
pub(crate) fn label_of(name: &str) -> String {
    format!("ConfigMap {name}")
}

fn secret_label_of(name: &str) -> String {
    format!("{SECRET_LABEL}{name}")
}
