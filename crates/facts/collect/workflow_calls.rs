//! What a workflow takes from those that call it, and what it gives to those that it calls.

use source::{directory_of, join};
use syntax::yaml::{self, Budget, View};

use super::workflow::own_path;
use super::workflow_contexts::{contexts, expressions, place, scalars};
use super::{workflow_outputs, workflow_permissions as permissions};
use crate::record::{Document, Record};
use crate::workflow_call::{Granted, Parameter, Takes, WorkflowCall, WorkflowFile};

/// Adds one document of a workflow file.
pub(crate) fn add(document: &Document, root: View<'_>, record: &mut Record) {
    let Some(on) = root.get("on") else { return };
    let jobs = root.get("jobs").map(|jobs| jobs.entries()).unwrap_or_default();
    let outputs_read = workflow_outputs::read(document, &jobs);
    let secrets = jobs.iter().flat_map(|(_, job)| secrets(document, *job)).collect();
    let permissions = jobs
        .iter()
        .flat_map(|(name, job)| permissions::asked(document, root, name.as_str().unwrap_or(""), *job));
    let permissions = permissions.collect();
    let takes = takes(on);
    let calls = jobs.into_iter().filter_map(|(name, job)| {
        let granted = permissions::granted(root, job);
        Some(WorkflowCall { granted, ..call(document, name.as_str()?, job)? })
    });
    let calls = calls.collect();
    record.workflow_files.push(WorkflowFile {
        at: document.place(on.node().inner),
        takes,
        is_only_called: is_only_called(on),
        calls,
        secrets,
        action_calls: Vec::new(),
        permissions,
        outputs_read,
    });
}

/// The workflow that lies in a folder below that of the workflows or in the one above it, from where none is loaded; `None`
/// for what is no workflow or in its place.
#[must_use]
pub(crate) fn never_loaded(document: &Document) -> Option<Record> {
    let folder = directory_of(&document.path);
    if folder != ".github" && !folder.starts_with(".github/workflows/") {
        return None;
    }
    let parsed = yaml::parse(&document.text);
    let budget = Budget::default();
    let root = parsed.tree.documents.first()?.view(&budget);
    let does =
        |job: View<'_>| folder != ".github" || job.get("runs-on").is_some() || job.get("uses").is_some();
    let jobs = root.get("jobs").map(|jobs| jobs.entries()).unwrap_or_default();
    let on = root.get("on").filter(|_| jobs.into_iter().any(|(_, job)| does(job)))?;
    let file = WorkflowFile {
        at: document.place(on.node().inner),
        takes: takes(on),
        is_only_called: is_only_called(on),
        calls: Vec::new(),
        secrets: Vec::new(),
        action_calls: Vec::new(),
        permissions: Vec::new(),
        outputs_read: Vec::new(),
    };
    Some(Record { workflow_files: vec![file], ..Record::default() })
}

/// `on: workflow_call`, `on: [workflow_call]`, `on: {workflow_call: …}`.
fn takes(on: View<'_>) -> Option<Takes> {
    let is_named = |view: View<'_>| view.as_str() == Some("workflow_call");
    if is_named(on) || on.items().into_iter().any(is_named) {
        return Some(Takes::default());
    }
    let entries = on.entries();
    let (_, call) = entries.into_iter().find(|(key, _)| is_named(*key))?;
    Some(Takes {
        inputs: parameters(call.get("inputs")),
        secrets: parameters(call.get("secrets")),
        outputs: names(call.get("outputs")),
    })
}

/// Whether `workflow_call` is the only trigger.
fn is_only_called(on: View<'_>) -> bool {
    takes(on).is_some() && on.items().len() <= 1 && on.entries().len() <= 1
}

/// The keys of a map.
pub(crate) fn names(map: Option<View<'_>>) -> Vec<String> {
    let entries = map.map(|map| map.entries()).unwrap_or_default();
    entries.into_iter().filter_map(|(name, _)| name.as_str().map(str::to_owned)).collect()
}

/// What a map declares: inputs or secrets.
pub(crate) fn parameters(map: Option<View<'_>>) -> Vec<Parameter> {
    let entries = map.map(|map| map.entries()).unwrap_or_default();
    let parameter = |(name, declared): (View<'_>, View<'_>)| {
        let says_required = declared.get("required").and_then(|value| value.as_str()) == Some("true");
        let is_required = says_required && declared.get("default").is_none();
        Some(Parameter { name: name.as_str()?.to_owned(), is_required })
    };
    entries.into_iter().filter_map(parameter).collect()
}

/// The secrets that a job reads and nothing stands in for. Source: environments give secrets to their own jobs,
/// <https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows#using-inputs-and-secrets-in-a-reusable-workflow>.
fn secrets(document: &Document, job: View<'_>) -> Vec<(String, source::Place)> {
    let mut found = Vec::new();
    for scalar in if job.get("environment").is_some() { Vec::new() } else { scalars(job) } {
        let text = scalar.as_str().unwrap_or("");
        let certain = expressions(text).into_iter().filter(|expression| !expression.contains("||"));
        for (_, written) in certain.flat_map(contexts).filter(|(context, _)| context == "secrets") {
            let name = written.split('.').nth(1).unwrap_or("").to_owned();
            found.push((name, place(document, scalar, &written)));
        }
    }
    found
}

/// The call that a job or a step is; `None` where not all that it gives can be read.
pub(super) fn call(document: &Document, job: &str, view: View<'_>) -> Option<WorkflowCall> {
    let uses = view.get("uses")?;
    let path = join("", own_path(uses.as_str()?)?)?;
    let names = |given: Option<View<'_>>| -> Option<Vec<(String, source::Place)>> {
        let entries = given.map(|given| given.entries()).unwrap_or_default();
        let name = |(key, _): (View<'_>, View<'_>)| {
            let name = key.as_str().filter(|name| *name != "<<")?;
            Some((name.to_owned(), document.place(key.node().inner)))
        };
        entries.into_iter().map(name).collect()
    };
    let secrets = match view.get("secrets") {
        Some(given) if given.as_str().is_some() => None,
        given => Some(names(given)?),
    };
    if view.get("<<").is_some() {
        return None;
    }
    let inputs = names(view.get("with"))?;
    let at = document.place(uses.node().inner);
    // An action has the token of the job that it is a part of.
    let granted = Granted::Elsewhere;
    Some(WorkflowCall { job: job.to_owned(), path, at, inputs, secrets, granted })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> WorkflowFile {
        let document = Document::new(".github/workflows/a.yml", text.to_owned());
        let parsed = yaml::parse(&document.text);
        let budget = Budget::default();
        let mut record = Record::default();
        add(&document, parsed.tree.documents[0].view(&budget), &mut record);
        record.workflow_files.remove(0)
    }

    #[test]
    fn every_writing_of_the_trigger_is_known() {
        for on in
            ["workflow_call", "[push, workflow_call]", "{workflow_call: }", "{workflow_call: {inputs: {}}}"]
        {
            assert_eq!(file(&format!("on: {on}\n")).takes, Some(Takes::default()), "{on}");
        }
        assert_eq!(file("on: {push: }\n").takes, None);
        assert!(file("on: [workflow_call]\n").is_only_called);
        assert!(!file("on: {workflow_call: , push: }\n").is_only_called);
        assert!(!file("on: push\n").is_only_called);
    }

    #[test]
    fn secrets_may_all_be_handed_on() {
        let text = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    secrets: inherit\n  \
                    b:\n    uses: ./.github/workflows/b.yml\n    with: {tag: x}\n";
        let calls = file(text).calls;
        assert_eq!(calls.iter().map(|call| call.secrets.is_none()).collect::<Vec<_>>(), [true, false]);
        assert_eq!(calls[1].inputs[0].0, "tag");
    }
}
