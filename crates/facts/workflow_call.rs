//! Workflows that call each other: what the called one takes, and what the caller gives.

use source::Place;

use crate::workflow::WorkflowFlaw;

/// A workflow file as those see it that call it, and the calls in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowFile {
    /// Where it says what starts it.
    pub at: Place,
    /// What it takes from a caller; `None` where it cannot be called.
    pub takes: Option<Takes>,
    /// Whether nothing but a call starts it.
    pub is_only_called: bool,
    /// The workflows of this repository that its jobs call.
    pub calls: Vec<WorkflowCall>,
    /// The secrets that jobs without an environment of their own read with nothing to fall back on. Where the workflow is
    /// called, only the caller can give them.
    pub secrets: Vec<(String, Place)>,
    /// The actions of this repository that its steps use; the path of each is its folder.
    pub action_calls: Vec<WorkflowCall>,
    /// What its jobs ask a token to be allowed.
    pub permissions: Vec<AskedPermission>,
    /// What it reads of the outputs of the called workflows and actions of this repository.
    pub(crate) outputs_read: Vec<OutputRead>,
}

/// An output of a called workflow, or of an action, that an expression reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputRead {
    /// The called file, or the folder of the action.
    pub path: String,
    /// The output, in lower case.
    pub output: String,
    /// What it is where nothing declares it.
    pub flaw: WorkflowFlaw,
}

/// What `on.workflow_call` declares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Takes {
    /// Its inputs.
    pub inputs: Vec<Parameter>,
    /// Its secrets.
    pub secrets: Vec<Parameter>,
    /// The names of its outputs.
    pub outputs: Vec<String>,
}

/// An input or a secret of a called workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; read without regard to case.
    pub name: String,
    /// Whether a call without it is refused.
    pub is_required: bool,
}

/// A job that is another workflow of this repository, or a step that is an action of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowCall {
    /// The job.
    pub job: String,
    /// The called file.
    pub path: String,
    /// Where it is named.
    pub at: Place,
    /// The names under `with:`.
    pub inputs: Vec<(String, Place)>,
    /// The names under `secrets:`; `None` where all are handed on (`inherit`).
    pub secrets: Option<Vec<(String, Place)>>,
    /// What the token of the calling job is allowed, which the called jobs cannot exceed.
    pub granted: Granted,
}

/// How far a token may go in one matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Not at all.
    None,
    /// It may read.
    Read,
    /// It may read and write.
    Write,
}

/// What the token of a job is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    /// Nothing is said here: the settings of the repository tell, or the workflow's own caller.
    Elsewhere,
    /// Everything, so far.
    All(Access),
    /// These matters, in lower case, and no others.
    These(Vec<(String, Access)>),
}

impl Granted {
    /// How far the token may go in a matter; `None` where that is not known.
    #[must_use]
    pub fn access(&self, matter: &str) -> Option<Access> {
        match self {
            Self::Elsewhere => None,
            Self::All(access) => Some(*access),
            Self::These(list) => {
                let found = list.iter().find(|(name, _)| name == matter);
                Some(found.map_or(Access::None, |(_, access)| *access))
            }
        }
    }
}

/// Something that a job asks its token to be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedPermission {
    /// The job.
    pub job: String,
    /// What it is about: `id-token`.
    pub matter: String,
    /// How far.
    pub access: Access,
    /// Where it stands.
    pub at: Place,
}
