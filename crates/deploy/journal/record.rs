//! One line of the journal.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use source::redact;

use crate::config::Argv;
use crate::{Exit, State, time};

/// What a record says about its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It is about to be done.
    Intent,
    /// It was done.
    Done,
    /// It was not done.
    Failed,
    /// It was seen that it had been done, by a run that could not write so.
    Observed,
    /// From here on the way leads back.
    Turned,
    /// Somebody asked to stop; the next run goes on.
    Interrupted,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// 1.
    pub v: u32,
    /// 1-based number of the line.
    pub seq: u64,
    /// Digest of the line before.
    pub prev: String,
    /// When it was written, in UTC.
    pub ts: String,
    /// The deployment.
    pub deploy: String,
    /// What is to be reached, or was.
    pub state: State,
    /// The service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub svc: Option<String>,
    /// What is said about it.
    pub phase: Phase,
    /// The step's name, the same in every run; empty for what is no step.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub idem: String,
    /// The commands that were run, without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub argv: Vec<Argv>,
    /// The exit status of the last of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rc: Option<i32>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// What was found out.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub observed: Map<String, Value>,
    /// How many places of the output were taken out because they were secret.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub redactions: usize,
    /// What there is to say to a person.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// How the deployment ends, or will once the way back is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<Exit>,
    /// The plan, in the first record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<crate::Plan>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A record before it has its place in the chain.
#[derive(Debug, Clone)]
pub struct Draft(Record);

impl Draft {
    /// A record of a deployment.
    #[must_use]
    pub fn new(deploy: &str, state: State, phase: Phase) -> Self {
        Self(Record {
            v: 1,
            seq: 0,
            prev: String::new(),
            ts: String::new(),
            deploy: deploy.to_owned(),
            state,
            svc: None,
            phase,
            idem: String::new(),
            argv: Vec::new(),
            rc: None,
            ms: None,
            observed: Map::new(),
            redactions: 0,
            note: String::new(),
            exit: None,
            plan: None,
        })
    }

    /// The same about a step.
    #[must_use]
    pub fn step(mut self, key: &str, service: Option<&str>) -> Self {
        key.clone_into(&mut self.0.idem);
        self.0.svc = service.map(str::to_owned);
        self
    }

    /// The same with something to say to a person.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.0.note = note.into();
        self
    }

    /// The same with an end.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.0.exit = Some(exit);
        self
    }

    /// The same with the plan.
    #[must_use]
    pub fn plan(mut self, plan: &crate::Plan) -> Self {
        self.0.plan = Some(plan.shown());
        self
    }

    /// The same with what was found out.
    #[must_use]
    pub fn observed(mut self, observed: Map<String, Value>) -> Self {
        self.0.observed = observed;
        self
    }

    /// The same with what was run.
    #[must_use]
    pub fn ran(mut self, argv: Vec<Argv>, rc: Option<i32>, ms: u64, redactions: usize) -> Self {
        (self.0.argv, self.0.rc, self.0.ms, self.0.redactions) = (argv, rc, Some(ms), redactions);
        self
    }

    pub(super) fn into_record(mut self, seq: u64, prev: String) -> Record {
        (self.0.seq, self.0.prev, self.0.ts) = (seq, prev, time::rfc3339(time::unix()));
        self.0.note = redact::sentence(&self.0.note).into_owned();
        self.0.argv = self.0.argv.iter().map(|argv| redact::words(argv)).collect();
        self.0
    }
}
