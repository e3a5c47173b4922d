//! Objects of Kubernetes that name each other: services and pods, pods and the maps that their variables come from.

use std::collections::{BTreeMap, BTreeSet};

use source::Place;

use crate::{Scope, Stated};

/// One object of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesObject {
    /// Its kind: `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace, where the manifest says one.
    pub namespace: Option<String>,
    /// Where its name stands.
    pub at: Place,
    /// What of it others name.
    pub body: KubernetesBody,
    /// Environment, service, deployed or not.
    pub scope: Scope,
}

/// What an object has that others name, and what it names itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KubernetesBody {
    /// A ConfigMap or Secret: its keys.
    Map(BTreeSet<String>),
    /// A workload with pods.
    Pods(Pods),
    /// A Service.
    Service {
        /// The labels of the pods that it sends to; empty where it selects none.
        selector: BTreeMap<String, String>,
        /// Where these stand; its name where it selects none.
        selector_at: Place,
        /// Its ports.
        ports: Vec<ServicePort>,
        /// Whether it has no address of its own, so that clients reach the pods themselves, at any port.
        is_headless: bool,
    },
    /// The services that an Ingress sends to.
    Ingress(Vec<Backend>),
    /// Anything that may make a map of its name in the cluster: a sealed or external secret.
    Maker,
}

/// The pods of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pods {
    /// Their labels.
    pub labels: BTreeMap<String, String>,
    /// The ports that their containers name or number.
    pub ports: Vec<ContainerPort>,
    /// Whether a container has no image, so that the manifest only changes what another one describes.
    pub is_patch: bool,
    /// Whether a controller puts further containers into them.
    pub has_injected_containers: bool,
    /// Keys of ConfigMaps and Secrets without which a container is not started.
    pub keys: Vec<KeyReference>,
    /// Variables that the containers take from ConfigMaps and from the pod itself, in the order of the text.
    pub taken: Vec<TakenFrom>,
    /// Labels by which the workload selects its pods and that these do not have: `app: api`.
    pub unlabelled: Vec<Stated<String>>,
    /// Names of ports that probes ask and their own container does not have.
    pub unnamed_probe_ports: Vec<Stated<String>>,
}

/// Where variables of a container come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenFrom {
    /// One variable from a key of a ConfigMap: `configMapKeyRef`.
    Key {
        /// The variable.
        variable: String,
        /// The name of the map.
        map: String,
        /// The key.
        key: String,
    },
    /// One variable for each key of a ConfigMap: `envFrom`.
    Map {
        /// The name of the map.
        map: String,
        /// What stands before each key.
        prefix: String,
    },
    /// One variable from a field of the pod: `fieldRef`.
    Field {
        /// The variable.
        variable: String,
        /// The path of the field: `metadata.namespace`.
        path: String,
    },
}

/// A port of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerPort {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Its number.
    pub number: u16,
}

/// A key of a ConfigMap or Secret that a variable takes its value from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyReference {
    /// `ConfigMap` or `Secret`.
    pub kind: &'static str,
    /// The name of the map.
    pub name: String,
    /// The key, and where it stands.
    pub key: Stated<String>,
}

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePort {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Its number.
    pub number: u16,
    /// The port of the pods: a number or a name, and where it stands; the service's own number where none is said.
    pub target: Option<Stated<String>>,
}

/// A service that an Ingress sends to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// The name of the service.
    pub service: String,
    /// Where it stands.
    pub service_at: Place,
    /// The name or number of its port, and where it stands.
    pub port: Stated<String>,
}
