//! Variables that the description of one container states twice.

use source::Place;

use crate::Scope;

/// A variable that one container is given twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenTwice {
    /// The variable.
    pub variable: String,
    /// Who reads the description.
    pub platform: ContainerPlatform,
    /// The first statement.
    pub first: GivenAs,
    /// Where its name stands.
    pub first_at: Place,
    /// The last one.
    pub last: GivenAs,
    /// Where its name stands.
    pub last_at: Place,
    /// Environment, service, deployed or not.
    pub scope: Scope,
}

/// Where a variable has its value from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenAs {
    /// The description itself; `None` where the value is not known.
    Value(Option<String>),
    /// A secret.
    Secret,
    /// Something else that the platform knows: a key of a map, a field of the pod.
    Other,
}

/// Who reads the description of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerPlatform {
    /// Google Cloud Run.
    CloudRun,
    /// Kubernetes.
    Kubernetes,
    /// Amazon ECS.
    Ecs,
}
