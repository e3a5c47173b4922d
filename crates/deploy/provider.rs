//! What a platform has to be able to do.

pub(crate) mod cloud_run;
pub(crate) mod command;
pub(crate) mod compose;
pub(crate) mod simulator;
pub(crate) mod terraform;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::config::Argv;
use crate::plan::Step;

/// What steps have found out so far, by service; `""` stands for the target as a whole.
pub type Known = BTreeMap<String, Map<String, Value>>;

/// A platform. It is asked to do one step at a time, and what it says of its own success is never believed alone: the
/// effect is looked for afterwards.
pub trait Provider {
    /// Does a step. Doing it again after it was done changes nothing.
    fn act(&mut self, step: &Step, known: &Known) -> Reply;

    /// Looks whether the effect of a step is there.
    fn effect(&mut self, step: &Step, known: &Known) -> Effect;

    /// What users see now, for the last line.
    fn serving(&mut self, known: &Known) -> Option<String>;
}

/// What came of a step, as far as the one who did it knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// What went wrong, for a person, without secrets.
    pub trouble: Option<String>,
    /// What was found out.
    pub observed: Map<String, Value>,
    /// The commands that were run.
    pub argv: Vec<Argv>,
    /// The exit status of the last of them.
    pub rc: Option<i32>,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// How many places of the output were secret.
    pub redactions: usize,
}

impl Reply {
    /// It was done, and this was found out.
    #[must_use]
    pub fn done(observed: Map<String, Value>) -> Self {
        Self { observed, ..Self::default() }
    }

    /// It was not done, or nobody knows.
    #[must_use]
    pub fn failed(trouble: impl Into<String>) -> Self {
        Self { trouble: Some(trouble.into()), ..Self::default() }
    }
}

/// Whether the effect of a step is there.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// It is, and this was found out.
    There(Map<String, Value>),
    /// It is not.
    Missing(String),
    /// It cannot be told from outside; what the step itself says has to do.
    Unseen,
    /// It could be told, but nobody answers.
    Unknown(String),
}

/// What a step of a service has found out under a key.
#[must_use]
pub fn known<'k>(known: &'k Known, service: &str, key: &str) -> Option<&'k Value> {
    known.get(service).and_then(|of_service| of_service.get(key))
}
