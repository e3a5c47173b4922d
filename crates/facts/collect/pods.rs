//! Pods of Kubernetes: their containers, and what else a loopback address reaches in them.

use syntax::yaml::View;

/// Where a workload describes its pods.
const PODS: [&[&str]; 3] = [&[], &["spec", "template"], &["spec", "jobTemplate", "spec", "template"]];

/// The pod that a workload describes: what has its `metadata` and its `spec`.
#[must_use]
pub(crate) fn pod(root: View<'_>) -> Option<View<'_>> {
    let pods = PODS.iter().filter_map(|path| root.path(path));
    pods.into_iter().find(|pod| pod.path(&["spec", "containers"]).is_some())
}

/// The containers of a workload that run beside each other. One that starts before the others and then stays is one of
/// them: <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/>.
#[must_use]
pub(crate) fn containers(root: View<'_>) -> Vec<View<'_>> {
    let Some(pod) = pod(root).and_then(|pod| pod.get("spec")) else { return Vec::new() };
    let list = |key: &str| pod.get(key).map(|containers| containers.items()).unwrap_or_default();
    let stays = |container: &View<'_>| {
        container.get("restartPolicy").and_then(|policy| policy.as_str()) == Some("Always")
    };
    let mut containers = list("containers");
    containers.extend(list("initContainers").into_iter().filter(stays));
    containers
}

/// Whether a loopback address in a container leads to something else than the container: to another one of the pod,
/// to one that a controller puts into it, or to the node itself.
#[must_use]
pub(crate) fn share_host(root: View<'_>) -> bool {
    let uses_node = || {
        let asked = pod(root).and_then(|pod| pod.path(&["spec", "hostNetwork"])?.as_str());
        asked == Some("true")
    };
    containers(root).len() > 1 || uses_node() || has_injected_container(root)
}

/// Whether an annotation or a label asks a controller for a container: `vault.hashicorp.com/agent-inject`,
/// `sidecar.opentelemetry.io/inject`, `linkerd.io/inject`, `dapr.io/enabled`, `consul.hashicorp.com/connect-inject`. Other
/// wishes of `sidecar.istio.io` change a container that takes calls for the program and answers none of its own.
#[must_use]
pub(crate) fn has_injected_container(root: View<'_>) -> bool {
    let maps = pod(root).into_iter().flat_map(|pod| {
        [pod.path(&["metadata", "annotations"]), pod.path(&["metadata", "labels"])].into_iter().flatten()
    });
    maps.flat_map(|map| map.entries()).any(|(key, value)| {
        let asks = key.as_str().is_some_and(|key| {
            let is_sidecar = key.contains("sidecar") && !key.starts_with("sidecar.istio.io/");
            key == "dapr.io/enabled" || key.contains("inject") || is_sidecar
        });
        asks && !matches!(value.as_str(), Some("false" | "disabled" | "no"))
    })
}
