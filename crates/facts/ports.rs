//! Ports: where a container listens, and who sends to it.

use source::Place;

use crate::compose_service::Stated;

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

/// A path that a health check asks, and that no code of the image's context speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnservedPath {
    /// The path: `/healthz`.
    pub path: String,
    /// Where it is asked.
    pub at: Place,
    /// The Dockerfile of the image, relative to the root.
    pub dockerfile: String,
    /// Where the code of the image imports its web framework.
    pub framework: Place,
}

/// A path that a platform asks of the containers of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedPath {
    /// The image, as written.
    pub image: String,
    /// The path: `/healthz`.
    pub path: Stated<String>,
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
    /// The path of its own that the health check asks: `/health`.
    pub health_path: Option<Stated<String>>,
    /// Whether any of its stages has a `HEALTHCHECK` that is not switched off.
    pub has_health_check: bool,
    /// The image that its last stage starts from in the end, as written.
    pub base: Option<String>,
    /// `ENV PORT`.
    pub variable: Option<StatedPort>,
    /// The words of the last `ENTRYPOINT` and `CMD`, texts split at blanks and quotes.
    pub start: Vec<Stated<String>>,
    /// Where its text stands in the script that writes it; `None` for a file of its own.
    pub written_at: Option<Place>,
}
