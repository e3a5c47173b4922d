//! What the jobs of a workflow ask their tokens to be allowed, and what those of their calls are allowed.
//!
//! The platform refuses a call whose called jobs ask for more than the calling job has. Sources:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations#supported-keywords-for-jobs-that-call-a-reusable-workflow>,
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions>.

use syntax::yaml::View;

use crate::record::Document;
use crate::workflow_call::{Access, AskedPermission, Granted};

/// What a job asks for by itself, or by what stands at the top of its workflow.
pub(super) fn asked(document: &Document, root: View<'_>, job: &str, view: View<'_>) -> Vec<AskedPermission> {
    let Some(list) = view.get("permissions").or_else(|| root.get("permissions")) else { return Vec::new() };
    let asked = list.entries().into_iter().filter_map(|(matter, access)| {
        Some(AskedPermission {
            job: job.to_owned(),
            matter: matter.as_str()?.to_ascii_lowercase(),
            access: access_of(access.as_str()?)?,
            at: document.place(matter.node().inner),
        })
    });
    asked.filter(|asked| asked.access > Access::None).collect()
}

/// What a calling job is allowed.
pub(super) fn granted(root: View<'_>, job: View<'_>) -> Granted {
    let Some(list) = job.get("permissions").or_else(|| root.get("permissions")) else {
        return Granted::Elsewhere;
    };
    match list.as_str() {
        Some("read-all") => Granted::All(Access::Read),
        Some("write-all") => Granted::All(Access::Write),
        Some(text) if !text.is_empty() => Granted::Elsewhere,
        _ if list.get("<<").is_some() => Granted::Elsewhere,
        _ => {
            let entries = list.entries().into_iter();
            let these = entries.filter_map(|(matter, access)| {
                Some((matter.as_str()?.to_ascii_lowercase(), access_of(access.as_str()?)?))
            });
            Granted::These(these.collect())
        }
    }
}

fn access_of(text: &str) -> Option<Access> {
    match text {
        "none" => Some(Access::None),
        "read" => Some(Access::Read),
        "write" => Some(Access::Write),
        _ => None,
    }
}
