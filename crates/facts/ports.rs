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
    /// The Dockerfile, relative to the root; of one that a script writes the script.
    pub dockerfile: String,
    /// The port that the command listens on, where its words say so.
    pub listens: Option<StatedPort>,
    /// The ports of `EXPOSE`.
    pub exposes: Vec<StatedPort>,
    /// The port of its own that the health check asks.
    pub health: Option<StatedPort>,
    /// Whether any of its stages has a `HEALTHCHECK` that is not switched off.
    pub has_health_check: bool,
    /// `ENV PORT`.
    pub variable: Option<StatedPort>,
}
