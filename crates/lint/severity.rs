//! How grave a finding is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How grave a finding is, by its consequence for a deployment; later ones are the graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Breaks under a condition that the evidence does not settle, or drifts apart.
    Warning,
    /// The deployment breaks or is unsafe.
    Error,
}

impl Severity {
    /// Every severity, the mildest first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The name used in outputs and in rule files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|severity| severity.name() == name);
        known.ok_or_else(|| format!("`{name}` is none of info, warning, error"))
    }
}

/// What the configuration makes of a rule: how grave its findings are at most, or that it does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The rule does not run.
    Off,
    /// The rule's findings are this grave, unless their consequence is milder.
    On(Severity),
}

impl FromStr for Level {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name == "off" {
            return Ok(Self::Off);
        }
        name.parse().map(Self::On).map_err(|_| format!("`{name}` is none of off, info, warning, error"))
    }
}
