//! Workflows: which contexts their expressions read, and which actions they use.

use source::Place;

/// A context that an expression of a workflow reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextUse {
    /// The place as the platform's documents name it: `jobs.<job_id>.if`.
    pub key: &'static str,
    /// The job, where it stands in one.
    pub job: Option<String>,
    /// The context: `env`, `secrets`.
    pub context: String,
    /// What of it is read: `env.REGION`.
    pub written: String,
    /// Where the expression stands.
    pub at: Place,
}

/// An action that a step uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionUse {
    /// Owner, repository and folder: `actions/checkout`.
    pub name: String,
    /// What follows the `@`.
    pub version: String,
    /// Where it stands.
    pub at: Place,
}
