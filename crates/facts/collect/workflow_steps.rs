//! The steps of a job.

use syntax::yaml::View;

/// The steps of a job in the order of the text, those that run side by side (`parallel:`) among them.
pub(super) fn steps(job: View<'_>) -> Vec<View<'_>> {
    let list = job.get("steps").map(|steps| steps.items()).unwrap_or_default();
    list.into_iter()
        .flat_map(|step| match step.get("parallel") {
            Some(group) => group.items(),
            None => vec![step],
        })
        .collect()
}
