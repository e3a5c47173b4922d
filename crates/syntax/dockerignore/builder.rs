//! The programs that read ignore files.

use std::fmt;
use std::str::FromStr;

/// A program that sends a directory to a build, leaving out what an ignore file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Builder {
    /// `BuildKit`, as in Docker Engine 23 and later and in buildx (measured: Engine 28.5.2).
    Buildkit,
    /// The classic builder of today's docker client, `DOCKER_BUILDKIT=0` (measured: client 28.2.2).
    Legacy,
    /// Docker Engine 20.10: its classic builder and its `BuildKit` decide alike (measured: 20.10.24).
    Docker20,
    /// buildah and podman (measured: buildah 1.43.2).
    Buildah,
    /// kaniko (read in the source of 1.24).
    Kaniko,
    /// `gcloud builds submit` and `gcloud run deploy --source` (measured: 528.0.0).
    Gcloud,
}

impl Builder {
    /// Every builder, in the order of the command line's help.
    pub const ALL: [Self; 6] =
        [Self::Buildkit, Self::Legacy, Self::Docker20, Self::Buildah, Self::Kaniko, Self::Gcloud];

    /// The name that `--builder` and `shipworthy.toml` use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Buildkit => "buildkit",
            Self::Legacy => "legacy",
            Self::Docker20 => "docker20",
            Self::Buildah => "buildah",
            Self::Kaniko => "kaniko",
            Self::Gcloud => "gcloud",
        }
    }

    /// Whether a pattern that cannot be understood stops the build. kaniko then logs an error and leaves
    /// nothing out; gcloud passes over the line.
    #[must_use]
    pub const fn stops_on_bad_pattern(self) -> bool {
        !matches!(self, Self::Kaniko | Self::Gcloud)
    }
}

impl fmt::Display for Builder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A name that no builder has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownBuilder(String);

impl fmt::Display for UnknownBuilder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Builder::ALL.map(Builder::name).join(", ");
        write!(out, "no builder is called `{}`; use one of {names}", self.0)
    }
}

impl std::error::Error for UnknownBuilder {}

impl FromStr for Builder {
    type Err = UnknownBuilder;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|builder| builder.name() == name)
            .ok_or_else(|| UnknownBuilder(name.to_owned()))
    }
}
