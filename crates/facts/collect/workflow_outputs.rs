//! The outputs of called workflows and of actions of the repository that a workflow reads.

use std::collections::BTreeMap;

use source::join;
use syntax::yaml::View;

use super::workflow::own_path;
use super::workflow_contexts::{contexts, expressions, place, scalars};
use super::workflow_steps::steps;
use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};
use crate::workflow_call::OutputRead;

/// Those that the jobs of a workflow read, in the order of the text.
pub(super) fn read(document: &Document, jobs: &[(View<'_>, View<'_>)]) -> Vec<OutputRead> {
    let named = jobs.iter().filter_map(|(name, job)| Some((name.as_str()?, *job)));
    let called: BTreeMap<String, String> =
        named.clone().filter_map(|(name, job)| Some((name.to_ascii_lowercase(), own(job)?))).collect();
    let mut found = Vec::new();
    for (name, job) in named {
        let used: BTreeMap<String, String> = steps(job)
            .into_iter()
            .filter_map(|step| Some((step.get("id")?.as_str()?.to_ascii_lowercase(), own(step)?)))
            .collect();
        if called.is_empty() && used.is_empty() {
            continue;
        }
        for scalar in scalars(job) {
            let text = scalar.as_str().unwrap_or("");
            // A condition without braces is no expression here: an empty output is often what it asks for.
            for (context, written) in expressions(text).into_iter().flat_map(contexts) {
                let by_name = if context == "needs" { &called } else { &used };
                let lower = written.to_ascii_lowercase();
                let parts: Vec<&str> = lower.split('.').collect();
                let [_, of, "outputs", output] = parts.as_slice() else { continue };
                let Some(path) = by_name.get(*of).filter(|_| matches!(&*context, "needs" | "steps")) else {
                    continue;
                };
                let at = place(document, scalar, &written);
                let flaw = WorkflowFlaw {
                    in_condition: text.contains("||"),
                    ..WorkflowFlaw::new(FlawKind::Undeclared, name, written, at)
                };
                found.push(OutputRead { path: path.clone(), output: (*output).to_owned(), flaw });
            }
        }
    }
    found
}

/// The path of what a job or a step uses, where that is of this repository.
fn own(caller: View<'_>) -> Option<String> {
    join("", own_path(caller.get("uses")?.as_str()?)?)
}
