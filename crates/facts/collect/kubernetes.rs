//! Objects of Kubernetes as their manifests describe them.

use std::collections::BTreeMap;

use source::Place;
use syntax::yaml::View;

use crate::Scope;
use crate::collect::pods::{containers, has_injected_container, pod};
use crate::collect::ports::path_of;
use crate::compose_service::Stated;
use crate::kubernetes::{
    Backend, ContainerPort, KeyReference, KubernetesBody, KubernetesObject, Pods, ServicePort, TakenFrom,
};
use crate::ports::AskedPath;
use crate::record::Document;
use crate::{ShellFlaw, ShellFlawKind};

/// Kinds whose controllers make a Secret or ConfigMap of the object's name, or of a name inside it.
const MAKERS: [&str; 7] = [
    "ExternalSecret",
    "ClusterExternalSecret",
    "SealedSecret",
    "VaultStaticSecret",
    "OnePasswordItem",
    "SecretProviderClass",
    "Certificate",
];

/// The object that a document of a manifest describes; `None` for one that nothing here names.
#[must_use]
pub(crate) fn object(document: &Document, root: View<'_>) -> Option<KubernetesObject> {
    let kind = text(root, &["kind"])?;
    // Knative, as Cloud Run has it, binds versions of secrets where Kubernetes has keys.
    if text(root, &["apiVersion"])?.starts_with("serving.knative.dev/") {
        return None;
    }
    let named = root.path(&["metadata", "name"])?;
    let name = named.as_str().filter(|name| is_known(name))?;
    let body = match kind {
        "ConfigMap" | "Secret" => {
            let maps = ["data", "stringData", "binaryData"].into_iter().filter_map(|key| root.get(key));
            let keys = maps.flat_map(|map| map.entries()).filter_map(|(key, _)| key.as_str());
            KubernetesBody::Map(keys.map(str::to_owned).collect())
        }
        "Service" if text(root, &["apiVersion"]) == Some("v1") => service(document, root),
        "Ingress" => KubernetesBody::Ingress(backends(document, root)),
        _ if MAKERS.contains(&kind) => KubernetesBody::Maker,
        _ if pod(root).is_some() => KubernetesBody::Pods(pods(document, root)),
        _ => return None,
    };
    Some(KubernetesObject {
        kind: kind.to_owned(),
        name: name.to_owned(),
        namespace: text(root, &["metadata", "namespace"]).map(str::to_owned),
        at: document.place(named.node().inner),
        body,
        scope: Scope::default(),
    })
}

/// Commands of containers that give a shell its text without `-c`: it takes the text for the name of a file.
#[must_use]
pub(crate) fn unread_scripts(document: &Document, root: View<'_>) -> Vec<ShellFlaw> {
    let mut found = Vec::new();
    for container in containers(root) {
        let words = container.get("command").map(|list| list.items()).unwrap_or_default();
        let [shell, text] = words.as_slice() else { continue };
        let (Some(program), Some(written)) = (shell.as_str(), text.as_str()) else { continue };
        let is_shell = matches!(source::file_name(program), "sh" | "bash" | "ash" | "dash");
        let is_command = written.trim().contains(' ') && !written.starts_with(['-', '$', '{']);
        if is_shell && is_command && is_known(written) {
            found.push(ShellFlaw {
                kind: ShellFlawKind::NoScript,
                name: source::file_name(program).to_owned(),
                written: written.split_whitespace().next().unwrap_or("").to_owned(),
                at: document.place(text.node().inner),
                because: None,
            });
        }
    }
    found
}

/// The paths that the probes of a workload ask of its containers; Cloud Run's services have the same form.
#[must_use]
pub(crate) fn asked_paths(document: &Document, root: View<'_>) -> Vec<AskedPath> {
    const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];
    let mut found = Vec::new();
    for container in containers(root) {
        let Some(image) = text(container, &["image"]) else { continue };
        let asked = PROBES.iter().filter_map(|probe| container.path(&[probe, "httpGet"]));
        // Another host than the pod itself may be asked.
        let own = asked.filter(|asked| asked.get("host").is_none());
        let paths = own.filter_map(|asked| {
            let named = asked.get("path")?;
            let at = document.place(named.node().inner);
            Some(Stated { value: path_of(named.as_str()?)?, at })
        });
        found.extend(paths.map(|path| AskedPath { image: image.to_owned(), path }));
    }
    found
}

/// A map that kustomize makes.
#[must_use]
pub(crate) fn made(name: &str, at: Place) -> KubernetesObject {
    KubernetesObject {
        kind: "ConfigMap".to_owned(),
        name: name.to_owned(),
        namespace: None,
        at,
        body: KubernetesBody::Maker,
        scope: Scope::default(),
    }
}

fn text<'v>(root: View<'v>, path: &[&str]) -> Option<&'v str> {
    root.path(path).and_then(|value| value.as_str())
}

/// Whether a text stands for itself: no tool fills it in.
fn is_known(text: &str) -> bool {
    !text.is_empty() && !text.contains(['$', '{', '<'])
}

fn stated(document: &Document, view: View<'_>) -> Option<Stated<String>> {
    let value = view.as_str().filter(|text| is_known(text))?.to_owned();
    Some(Stated { value, at: document.place(view.node().inner) })
}

fn pairs(view: Option<View<'_>>) -> BTreeMap<String, String> {
    let entries = view.map(|view| view.entries()).unwrap_or_default();
    let pair =
        |(key, value): (View<'_>, View<'_>)| Some((key.as_str()?.to_owned(), value.as_str()?.to_owned()));
    entries.into_iter().filter_map(pair).collect()
}

fn items<'v>(view: View<'v>, key: &str) -> Vec<View<'v>> {
    view.get(key).map(|list| list.items()).unwrap_or_default()
}

fn service(document: &Document, root: View<'_>) -> KubernetesBody {
    let ports = root.get("spec").map(|spec| items(spec, "ports")).unwrap_or_default();
    let port = |port: View<'_>| {
        Some(ServicePort {
            name: text(port, &["name"]).map(str::to_owned),
            number: text(port, &["port"])?.parse().ok()?,
            target: port.get("targetPort").and_then(|target| stated(document, target)),
        })
    };
    let selector_at = root.path(&["spec", "selector"]).unwrap_or(root).node().inner;
    KubernetesBody::Service {
        selector_at: document.place(selector_at),
        selector: pairs(root.path(&["spec", "selector"])),
        ports: ports.into_iter().filter_map(port).collect(),
        is_headless: text(root, &["spec", "clusterIP"]) == Some("None"),
    }
}

fn backends(document: &Document, root: View<'_>) -> Vec<Backend> {
    let backend = |backend: View<'_>| {
        let service = backend.get("service")?;
        let port = service.path(&["port", "number"]).or_else(|| service.path(&["port", "name"]))?;
        let service = stated(document, service.get("name")?)?;
        let (service, service_at) = (service.value, service.at);
        Some(Backend { service, service_at, port: stated(document, port)? })
    };
    let Some(spec) = root.get("spec") else { return Vec::new() };
    let paths = items(spec, "rules").into_iter().filter_map(|rule| rule.get("http"));
    let paths = paths.flat_map(|http| items(http, "paths"));
    let of_paths = paths.filter_map(|path| path.get("backend"));
    spec.get("defaultBackend").into_iter().chain(of_paths).filter_map(backend).collect()
}

fn pods(document: &Document, root: View<'_>) -> Pods {
    let mut pods = Pods {
        labels: pairs(pod(root).and_then(|pod| pod.path(&["metadata", "labels"]))),
        is_patch: containers(root).iter().any(|container| container.get("image").is_none()),
        has_injected_containers: has_injected_container(root),
        ..Pods::default()
    };
    pods.unlabelled = unlabelled(document, root, &pods.labels);
    for container in containers(root) {
        let is_patch = container.get("image").is_none();
        let ports: Vec<ContainerPort> =
            items(container, "ports").into_iter().filter_map(container_port).collect();
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            let asked = ["httpGet", "tcpSocket"].iter().find_map(|way| container.path(&[probe, way, "port"]));
            let asked = asked.and_then(|port| stated(document, port));
            pods.unnamed_probe_ports.extend(asked.filter(|port| {
                port.value.parse::<u16>().is_err()
                    && !is_patch
                    && !ports.iter().any(|own| own.name.as_deref() == Some(port.value.as_str()))
            }));
        }
        pods.ports.extend(ports);
        pods.taken.extend(items(container, "envFrom").into_iter().filter_map(taken_map));
        pods.taken.extend(items(container, "env").into_iter().filter_map(taken_variable));
        pods.keys.extend(items(container, "env").into_iter().filter_map(|one| key_reference(document, one)));
    }
    pods
}

/// A whole ConfigMap whose keys are variables.
fn taken_map(source: View<'_>) -> Option<TakenFrom> {
    let map = text(source, &["configMapRef", "name"]).filter(|name| is_known(name))?.to_owned();
    Some(TakenFrom::Map { map, prefix: text(source, &["prefix"]).unwrap_or_default().to_owned() })
}

/// A variable that is taken from a ConfigMap or from the pod.
fn taken_variable(variable: View<'_>) -> Option<TakenFrom> {
    let name = text(variable, &["name"])?.to_owned();
    let from = variable.get("valueFrom")?;
    if let Some(path) = text(from, &["fieldRef", "fieldPath"]) {
        return Some(TakenFrom::Field { variable: name, path: path.to_owned() });
    }
    let known =
        |key: &str| text(from, &["configMapKeyRef", key]).filter(|text| is_known(text)).map(str::to_owned);
    Some(TakenFrom::Key { variable: name, map: known("name")?, key: known("key")? })
}

/// The labels of `matchLabels:` that the template of the pods does not have. Kustomize may add labels to both, and then
/// the template shows none.
fn unlabelled(document: &Document, root: View<'_>, labels: &BTreeMap<String, String>) -> Vec<Stated<String>> {
    let selected = root.path(&["spec", "selector", "matchLabels"]);
    if labels.is_empty() || labels.values().any(|value| !is_known(value)) {
        return Vec::new();
    }
    let missing = selected.map(|labels| labels.entries()).unwrap_or_default().into_iter();
    let missing = missing.filter_map(|(key, value)| {
        let label = key.as_str()?;
        let wanted = value.as_str().filter(|text| is_known(text) && is_known(label))?;
        let at = document.place(value.node().inner);
        (labels.get(label).map(String::as_str) != Some(wanted))
            .then(|| Stated { value: format!("{label}: {wanted}"), at })
    });
    missing.collect()
}

fn container_port(port: View<'_>) -> Option<ContainerPort> {
    let name = text(port, &["name"]).map(str::to_owned);
    Some(ContainerPort { name, number: text(port, &["containerPort"])?.parse().ok()? })
}

/// `valueFrom:` of a variable, unless the container starts without it.
fn key_reference(document: &Document, variable: View<'_>) -> Option<KeyReference> {
    let from = variable.get("valueFrom")?;
    let (kind, reference) = match (from.get("configMapKeyRef"), from.get("secretKeyRef")) {
        (Some(reference), _) => ("ConfigMap", reference),
        (None, reference) => ("Secret", reference?),
    };
    if text(reference, &["optional"]) == Some("true") {
        return None;
    }
    let name = text(reference, &["name"]).filter(|name| is_known(name))?.to_owned();
    Some(KeyReference { kind, name, key: stated(document, reference.get("key")?)? })
}
