//! What the platform refuses in what starts a workflow.

use syntax::yaml::View;

use super::workflow_contexts::{contexts, expressions, place};
use super::workflow_jobs::Job;
use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// Adds the flaws of `on:`.
pub(crate) fn add(document: &Document, root: View<'_>, flaws: &mut Vec<WorkflowFlaw>) {
    let mut flaw = |kind, value: View<'_>, written: &str, known: &[&str]| {
        flaws.push(WorkflowFlaw {
            known: known.iter().map(|known| (*known).to_owned()).collect(),
            ..WorkflowFlaw::new(kind, "on", written, document.place(value.node().inner))
        });
    };
    for schedule in root.path(&["on", "schedule"]).map(|schedule| schedule.items()).unwrap_or_default() {
        if let Some(cron) = schedule.get("cron").filter(|cron| cron.as_str().is_some_and(is_refused)) {
            flaw(FlawKind::Cron, cron, cron.as_str().unwrap_or(""), &[]);
        }
    }
    for (value, tag) in tagged(root) {
        flaw(FlawKind::Tag, value, tag, &[]);
    }
    let inputs = root.path(&["on", "workflow_call", "inputs"]).map(|inputs| inputs.entries());
    for (_, input) in inputs.unwrap_or_default() {
        if let Some(kind) = input.get("type").filter(|kind| kind.as_str().is_some_and(is_no_type)) {
            flaw(FlawKind::InputType, kind, kind.as_str().unwrap_or(""), TYPES);
        }
    }
}

/// The values with a tag of YAML, with the tag: `!docs/**` without quotes is one, and no pattern. Those of YAML itself, `!!str`,
/// are taken.
fn tagged(root: View<'_>) -> Vec<(View<'_>, &str)> {
    /// So many places are looked at, which is more than any workflow has.
    const MOST: u32 = 10_000;
    let (mut open, mut found, mut left) = (vec![root], Vec::new(), MOST);
    while let Some(value) = open.pop() {
        left = left.saturating_sub(1);
        if left == 0 || value.is_endless() {
            break;
        }
        let tag = value.node().tag.as_deref().filter(|tag| tag.len() > 1 && !tag.starts_with("!!"));
        found.extend(tag.filter(|tag| tag.starts_with('!')).map(|tag| (value, tag)));
        open.extend(value.items());
        open.extend(value.entries().into_iter().map(|(_, value)| value));
    }
    found
}

/// What the outputs of a called workflow read of jobs that it does not have, and of outputs that they do not.
pub(super) fn outputs(document: &Document, root: View<'_>, jobs: &[Job<'_>]) -> Vec<WorkflowFlaw> {
    let declared = root.path(&["on", "workflow_call", "outputs"]).map(|outputs| outputs.entries());
    let values = declared.unwrap_or_default().into_iter().filter_map(|(_, output)| output.get("value"));
    let mut found = Vec::new();
    for value in values {
        let read = expressions(value.as_str().unwrap_or("")).into_iter().flat_map(contexts);
        for (_, written) in read.filter(|(context, _)| context == "jobs") {
            let lower = written.to_ascii_lowercase();
            let parts: Vec<&str> = lower.split('.').collect();
            let (Some(name), output) = (parts.get(1), parts.get(3)) else { continue };
            let job = jobs.iter().find(|job| job.name.eq_ignore_ascii_case(name));
            let known: Vec<String> = match job.map(|job| job.outputs.as_ref()) {
                None => jobs.iter().map(|job| job.name.to_owned()).collect(),
                Some(Some(outputs)) if output.is_some_and(|output| !outputs.contains(*output)) => {
                    outputs.iter().cloned().collect()
                }
                Some(_) => continue,
            };
            let at = place(document, value, &written);
            found
                .push(WorkflowFlaw { known, ..WorkflowFlaw::new(FlawKind::CalledOutput, "on", written, at) });
        }
    }
    found
}

/// The types of the inputs of a called workflow. Source:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_callinputsinput_idtype>.
const TYPES: &[&str] = &["boolean", "number", "string"];

fn is_no_type(written: &str) -> bool {
    !written.contains("${{") && !TYPES.contains(&written)
}

/// Whether a time is none of five POSIX fields. Source:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule>: `@daily`
/// and the like are refused as well.
fn is_refused(cron: &str) -> bool {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    !cron.contains("${{") && (fields.len() != 5 || fields.contains(&"?"))
}

#[cfg(test)]
mod tests {
    use super::is_refused;

    #[test]
    fn a_time_has_five_fields() {
        for (cron, expected) in [
            ("0 4 * * 1-5", false),
            ("*/15 4,5 * JAN MON", false),
            ("0 55 14 ? * THU *", true),
            ("0 4 ? * MON", true),
            ("@daily", true),
        ] {
            assert_eq!(is_refused(cron), expected, "{cron}");
        }
    }
}
