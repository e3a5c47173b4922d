//! Files that their own reader refuses as a whole.

use source::Place;

/// A file that whoever reads it refuses, so that nothing of it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedFile {
    /// Who refuses it.
    pub reader: RefusedBy,
    /// Why.
    pub why: Refusal,
    /// Where that stands.
    pub at: Place,
}

/// Who reads a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefusedBy {
    /// GitHub, of a workflow in the folder where it looks.
    Workflows,
    /// Docker Compose, of a file by itself.
    Compose,
    /// Docker Compose, of what its files say together.
    ComposeProject,
    /// Cloud Build.
    CloudBuild,
    /// Helm, of a template of a chart.
    Helm,
}

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It is no YAML, as this message says.
    NotYaml(String),
    /// A mapping states this key twice.
    KeyTwice {
        /// The key.
        key: String,
        /// Where it was stated first.
        first: Place,
    },
    /// What it says does not fit together.
    Inconsistent {
        /// What does not.
        message: String,
        /// Whether only a service is concerned that a profile has to switch on.
        needs_profile: bool,
    },
    /// A step waits for this one, which there is none of.
    UnknownStep {
        /// The id that is waited for.
        id: String,
        /// The ids that there are.
        known: Vec<String>,
    },
}
