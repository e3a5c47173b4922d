//! Ports: where a container listens, and who sends to it.

use source::Place;

/// A port that some place states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedPort {
    /// The number.
    pub port: u16,
    /// Whether it is only the default of `$PORT`.
    pub is_default: bool,
    /// Where it stands.
    pub at: Place,
}

/// The ports that a Dockerfile states for its last stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerfilePorts {
    /// The Dockerfile, relative to the root.
    pub dockerfile: String,
    /// The port that the command listens on, where its words say so.
    pub listens: Option<StatedPort>,
    /// The ports of `EXPOSE`.
    pub exposes: Vec<StatedPort>,
    /// The port of its own that the health check asks.
    pub health: Option<StatedPort>,
    /// `ENV PORT`.
    pub variable: Option<StatedPort>,
}

/// The ports of a Compose service that is built here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposePorts {
    /// The service.
    pub service: String,
    /// The Dockerfile that it is built from, relative to the root.
    pub dockerfile: String,
    /// The ports of the container that are published.
    pub targets: Vec<StatedPort>,
    /// `PORT` in the service's environment; `None` where it is not set or not known.
    pub variable: Option<u16>,
    /// Whether the service is started by another command, or with variables of a file.
    pub has_own_command: bool,
}
