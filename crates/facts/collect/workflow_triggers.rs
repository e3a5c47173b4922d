//! What the platform refuses in what starts a workflow.

use syntax::yaml::View;

use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// Adds the flaws of `on:`.
pub(crate) fn add(document: &Document, root: View<'_>, flaws: &mut Vec<WorkflowFlaw>) {
    let mut flaw = |kind, value: View<'_>, known: &[&str]| {
        flaws.push(WorkflowFlaw {
            kind,
            job: "on".to_owned(),
            written: value.as_str().unwrap_or("").to_owned(),
            at: document.place(value.node().inner),
            known: known.iter().map(|known| (*known).to_owned()).collect(),
            in_condition: false,
            deploys: false,
        });
    };
    for schedule in root.path(&["on", "schedule"]).map(|schedule| schedule.items()).unwrap_or_default() {
        if let Some(cron) = schedule.get("cron").filter(|cron| cron.as_str().is_some_and(is_refused)) {
            flaw(FlawKind::Cron, cron, &[]);
        }
    }
    let inputs = root.path(&["on", "workflow_call", "inputs"]).map(|inputs| inputs.entries());
    for (_, input) in inputs.unwrap_or_default() {
        if let Some(kind) = input.get("type").filter(|kind| kind.as_str().is_some_and(is_no_type)) {
            flaw(FlawKind::InputType, kind, TYPES);
        }
    }
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
