//! Deployments to Cloud Run by command: which flags are given, and what data of the same file gives them.

use source::Place;

/// One call of `gcloud run deploy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudRunDeploy {
    /// The service, where its name is known.
    pub service: Option<String>,
    /// Where the call stands.
    pub at: Place,
    /// Its flags in the order of the text; in a program also those that are added later.
    pub flags: Vec<CommandFlag>,
    /// Whether every word is known, so that a flag that is not here is not given.
    pub is_whole: bool,
    /// Whether a program puts it together over several statements, so that two flags may be two branches.
    pub is_assembled: bool,
    /// Values that data of the same file gives for flags whose value the call takes from a field of the same name.
    pub fields: Vec<FieldValue>,
    /// The environment that it deploys to.
    pub environment: Option<String>,
}

impl CloudRunDeploy {
    /// The first flag of this name.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&CommandFlag> {
        self.flags.iter().find(|flag| flag.name == name)
    }
}

/// A flag of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandFlag {
    /// Its name with the dashes.
    pub name: String,
    /// Its value, where it has one that is known before the command runs.
    pub value: Option<String>,
    /// Where the flag stands.
    pub at: Place,
}

/// A field of a record in a deploy script: `ServiceConfig(name="auth", cpu="0.5")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValue {
    /// The record's name, as far as it has one.
    pub record: String,
    /// The field: `cpu`.
    pub field: String,
    /// The value.
    pub value: String,
    /// Whether it is one of several, of which a condition chooses.
    pub is_alternative: bool,
    /// Where the value stands.
    pub at: Place,
}
