//! Services of Compose files: where they listen, how they are checked, what they may use.

use source::Place;

use crate::{Scope, StatedPort};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated<T> {
    /// The value as its reader understands it.
    pub value: T,
    /// Where it stands.
    pub at: Place,
}

/// One service of one Compose file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeService {
    /// Its name, which is its host name in the project's network.
    pub name: String,
    /// Where its name stands.
    pub at: Place,
    /// The image, where its name is known.
    pub image: Option<Stated<String>>,
    /// The Dockerfile that it is built from, relative to the root.
    pub dockerfile: Option<String>,
    /// Its TCP ports that the host publishes.
    pub ports: Vec<PublishedPort>,
    /// The ports of `expose:`.
    pub exposes: Vec<u16>,
    /// `PORT` in its environment; `None` where it is not set or not known.
    pub variable: Option<u16>,
    /// The hosts that it is given addresses of by `extra_hosts:`.
    pub extra_hosts: Vec<String>,
    /// Further names by which services of its network are reached: container and host names, aliases, links.
    pub other_names: Vec<String>,
    /// The profiles that it is started with.
    pub profiles: Vec<String>,
    /// Whether all who answer in its networks are services of this repository: none is made elsewhere.
    pub has_own_networks: bool,
    /// The files whose variables it is given, relative to the root.
    pub env_files: Vec<String>,
    /// Files that an expression names, whose variables it is given too; as written.
    pub untold_env_files: Vec<String>,
    /// The variables that its `environment:` sets, which hold against those of files.
    pub variables: Vec<String>,
    /// Whether it is started by another command, or with variables of a file.
    pub has_own_command: bool,
    /// The variables that it is given, whether with a value that is known or not; `None` where they may not be all: some come
    /// from env files or other services, or a folder of the host covers its own.
    pub given: Option<Vec<String>>,
    /// Where the container has its volumes, as written; `None` where more may be mounted.
    pub mounted: Option<Vec<String>>,
    /// The words of `entrypoint:` and `command:` that are known.
    pub command: Vec<Stated<String>>,
    /// The port of its own that its `healthcheck:` asks.
    pub health: Option<StatedPort>,
    /// The path of its own that its `healthcheck:` asks: `/health`.
    pub health_path: Option<Stated<String>>,
    /// The program that its `healthcheck:` starts.
    pub health_program: Option<Stated<String>>,
    /// Whether it has a `healthcheck:`.
    pub own_health: OwnHealth,
    /// The services that have to be there before it is started.
    pub depends_on: Vec<ComposeDependency>,
    /// Whether its file stands alone: it includes and extends no other.
    pub file_stands_alone: bool,
    /// The most memory that it may use, in bytes.
    pub memory: Option<Stated<u64>>,
    /// Environment, service, deployed or not.
    pub scope: Scope,
}

/// A command of Docker Compose that names services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeCall {
    /// The files that it reads, as written; none for those of the default names.
    pub files: Vec<String>,
    /// The folders that it may run in, relative to the root, the likeliest first; one where that is certain.
    pub folders: Vec<String>,
    /// The services that it names.
    pub services: Vec<Stated<String>>,
    /// Whether a program of the repository runs in the same job, which may write these files anew.
    pub may_be_made: bool,
    /// Environment, service, deployed or not.
    pub scope: Scope,
}

/// What a service says of its own health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnHealth {
    /// Nothing: its image may bring a check.
    Unsaid,
    /// It has a `healthcheck:`.
    Checked,
    /// It switches the check of its image off.
    Off,
}

/// A service that another one waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeDependency {
    /// The service that is waited for.
    pub service: Stated<String>,
    /// Whether it has to be healthy, and not only started.
    pub must_be_healthy: bool,
    /// Whether Compose refuses to start anything where it does not exist.
    pub is_required: bool,
}

/// A port of a container that the host publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPort {
    /// The port of the host, where it is known.
    pub host: Option<u16>,
    /// The port of the container.
    pub target: u16,
    /// The address of the host that it is bound to, as written; `None` for every address.
    pub address: Option<String>,
    /// The entry.
    pub at: Place,
}
