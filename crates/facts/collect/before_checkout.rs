//! Actions of the repository itself that a job uses before it has the repository.
//!
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#example-using-an-action-in-the-same-repository-as-the-workflow>:
//! the repository must be checked out before.

use syntax::yaml::View;

use crate::collect::gh_calls::{brings_no_repository, is_hosted};
use crate::collect::workflow_steps::Step;
use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// The first such step of a job. On a machine of one's own the repository may lie there from the run before.
#[must_use]
pub(super) fn too_early(
    document: &Document,
    name: &str,
    job: View<'_>,
    steps: &[Step<'_>],
) -> Option<WorkflowFlaw> {
    if !is_hosted(job) {
        return None;
    }
    let without = steps.iter().take_while(|step| brings_no_repository(step)).count();
    let uses = steps.get(without)?.view.get("uses")?;
    let action = uses.as_str().filter(|action| action.starts_with("./"))?;
    Some(WorkflowFlaw::new(FlawKind::BeforeCheckout, name, action, document.place(uses.node().inner)))
}
