//! Actions of the repository itself that a job uses before it has the repository.
//!
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#example-using-an-action-in-the-same-repository-as-the-workflow>:
//! the repository must be checked out before.

use crate::collect::gh_calls::brings_no_repository;
use crate::collect::workflow_steps::Step;
use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// The first such step of a job.
#[must_use]
pub(super) fn too_early(document: &Document, job: &str, steps: &[Step<'_>]) -> Option<WorkflowFlaw> {
    let without = steps.iter().take_while(|step| brings_no_repository(step)).count();
    let uses = steps.get(without)?.view.get("uses")?;
    let action = uses.as_str().filter(|action| action.starts_with("./"))?;
    Some(WorkflowFlaw {
        kind: FlawKind::BeforeCheckout,
        job: job.to_owned(),
        written: action.to_owned(),
        at: document.place(uses.node().inner),
        known: Vec::new(),
        in_condition: false,
        deploys: false,
    })
}
