//! Inputs that a workflow gives an action of the repository which it does not take, and those that it leaves out.

use facts::{Facts, LocalAction, WorkflowCall};

use crate::nearest::nearest;
use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let called = |call: &WorkflowCall| facts.local_actions.iter().find(|action| action.folder == call.path);
    let calls = facts.workflow_files.iter().flat_map(|file| &file.action_calls);
    calls
        .filter_map(|call| Some((call, called(call)?)))
        .flat_map(|(call, action)| faults(call, action))
        .collect()
}

fn faults(call: &WorkflowCall, action: &LocalAction) -> Vec<Fault> {
    let name = source::file_name(&action.folder);
    let declares = |given: &str| action.inputs.iter().any(|one| one.name.eq_ignore_ascii_case(given));
    let unknown = call.inputs.iter().filter(|(given, _)| !declares(given)).filter_map(|(given, at)| {
        let meant = nearest(given, action.inputs.iter().map(|one| one.name.as_str()));
        // A program is given whatever stands there, and so are steps that ask for it.
        if action.uses(given) || !action.is_composite && meant.is_none() {
            return None;
        }
        let hint = meant.map_or_else(String::new, |meant| format!("; `{meant}` was meant?"));
        let message = format!(
            "the action `{name}` takes no input `{given}`: the platform tells a warning in the log, and the action goes on \
             without the value{hint}"
        );
        Some(Fault::new(format!("{} {given}", call.job), at.clone(), message))
    });
    let is_given = |name: &str| call.inputs.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    let lacking = action.inputs.iter().filter(|one| one.is_required && !is_given(&one.name));
    let lacking: Vec<String> = lacking.map(|one| format!("`{}`", one.name)).collect();
    let left_out = (!lacking.is_empty()).then(|| {
        let message = format!(
            "the action `{name}` needs {}, which this step does not give: the platform does not refuse that, and the action \
             finds an empty text",
            lacking.join(", ")
        );
        Fault::new(format!("{} {name} {}", call.job, lacking.join(" ")), call.at.clone(), message)
    });
    let told = |fault: Fault| {
        fault
            .because(action.at.clone(), format!("what `{name}` takes is declared here"))
            .at_most(Severity::Warning)
    };
    unknown.chain(left_out).map(told).collect()
}
