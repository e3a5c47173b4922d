//! Actions of the repository that its own workflows use.

use std::collections::BTreeSet;

use source::Place;
use syntax::yaml::{self, View};

use crate::collect::workflow_calls::{names, parameters};
use crate::collect::workflow_contexts::{contexts, expressions, place, scalars};
use crate::inventory::Inventory;
use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};
use crate::workflow_call::{Parameter, WorkflowFile};

/// An action of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAction {
    /// Its folder, relative to the root.
    pub folder: String,
    /// Where it says what it takes; the file where it says nothing of that.
    pub at: Place,
    /// What it takes.
    pub inputs: Vec<Parameter>,
    /// What it reads of the context `secrets`, which actions do not have, with its place.
    pub secrets: Vec<(String, Place)>,
    /// What it reads of the context `inputs` with nothing to stand in for it, with its place.
    pub inputs_read: Vec<(String, Place)>,
    /// The names of its outputs.
    pub outputs: Vec<String>,
    /// Whether it is made of steps, which see only the inputs that it declares; a program sees all that it is given.
    pub is_composite: bool,
}

/// The actions that steps of workflows use, in the order of their folders.
#[must_use]
pub(crate) fn local_actions(inventory: &Inventory<'_>, files: &[WorkflowFile]) -> Vec<LocalAction> {
    let folders: BTreeSet<&str> =
        files.iter().flat_map(|file| &file.action_calls).map(|call| call.path.as_str()).collect();
    folders.into_iter().filter_map(|folder| read(inventory, folder)).collect()
}

/// The secrets that an action reads, which it has not.
pub(crate) fn secrets_of(action: &LocalAction) -> Vec<WorkflowFlaw> {
    let flaws = action.secrets.iter().map(|(written, at)| {
        WorkflowFlaw::new(FlawKind::ActionSecret, &action.folder, written.as_str(), at.clone())
    });
    flaws.collect()
}

/// The inputs that actions of steps read, and neither declare nor are given by any step.
pub(crate) fn undeclared_inputs(files: &[WorkflowFile], actions: &[LocalAction]) -> Vec<WorkflowFlaw> {
    let mut found: Vec<WorkflowFlaw> = Vec::new();
    for action in actions.iter().filter(|action| action.is_composite) {
        let calls = files.iter().flat_map(|file| &file.action_calls);
        let given: Vec<&str> = calls
            .filter(|call| call.path == action.folder)
            .flat_map(|call| call.inputs.iter().map(|(name, _)| name.as_str()))
            .collect();
        for (written, at) in &action.inputs_read {
            let name = written.split('.').nth(1).unwrap_or("");
            let is_name = |known: &str| known.eq_ignore_ascii_case(name);
            let is_known =
                action.inputs.iter().any(|input| is_name(&input.name)) || given.iter().copied().any(is_name);
            if !is_known && name != "*" && !name.is_empty() {
                found.push(WorkflowFlaw {
                    known: action.inputs.iter().map(|input| input.name.clone()).collect(),
                    ..WorkflowFlaw::new(FlawKind::Input, &action.folder, written.as_str(), at.clone())
                });
            }
        }
    }
    found
}

/// What the expressions below `root` read of a context, of those that `is_meant` answers for.
fn reads(
    document: &Document,
    root: View<'_>,
    context: &str,
    is_meant: fn(&str) -> bool,
) -> Vec<(String, Place)> {
    let mut found = Vec::new();
    for scalar in scalars(root) {
        let meant = expressions(scalar.as_str().unwrap_or("")).into_iter().filter(|one| is_meant(one));
        let read = meant.flat_map(contexts).filter(|(of, _)| of == context);
        found.extend(read.map(|(_, written)| {
            let at = place(document, scalar, &written);
            (written, at)
        }));
    }
    found.sort_by(|one, other| one.1.cmp(&other.1));
    found
}

/// Whether an expression has nothing that stands in for what is empty, and asks for nothing.
fn has_no_fallback(expression: &str) -> bool {
    !expression.contains(['|', '!', '&', '='])
}

/// Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax>.
fn read(inventory: &Inventory<'_>, folder: &str) -> Option<LocalAction> {
    let paths = ["action.yml", "action.yaml"].map(|name| format!("{folder}/{name}"));
    let path = paths.iter().find(|path| inventory.is_file(path))?;
    let document = Document::read(inventory.tree(), path).ok()?;
    let parsed = yaml::parse(&document.text);
    let budget = yaml::Budget::default();
    let root = parsed.tree.documents.first().filter(|_| parsed.errors.is_empty())?.view(&budget);
    let using = root.path(&["runs", "using"])?.as_str()?;
    let declared = root.entry("inputs");
    let at = declared.map_or_else(|| Place::file(path), |(key, _)| document.place(key.node().inner));
    let inputs_read = root.get("runs").map(|runs| reads(&document, runs, "inputs", has_no_fallback));
    Some(LocalAction {
        folder: folder.to_owned(),
        at,
        inputs: parameters(declared.map(|(_, inputs)| inputs)),
        // In its descriptions as well.
        secrets: reads(&document, root, "secrets", |_| true),
        inputs_read: inputs_read.unwrap_or_default(),
        outputs: names(root.get("outputs")),
        is_composite: using == "composite",
    })
}

/// What workflows read of the outputs of called workflows and of actions that these do not declare. A program may set
/// outputs that its action does not declare.
#[must_use]
pub(crate) fn undeclared_outputs(files: &[WorkflowFile], actions: &[LocalAction]) -> Vec<WorkflowFlaw> {
    let mut found = Vec::new();
    for read in files.iter().flat_map(|file| &file.outputs_read) {
        let called = files.iter().find(|file| *file.at.path == *read.path);
        let action = actions.iter().find(|action| action.folder == read.path && action.is_composite);
        let takes = called.and_then(|file| file.takes.as_ref());
        let declared = takes.map(|takes| &takes.outputs).or(action.map(|action| &action.outputs));
        let Some(declared) = declared else { continue };
        if !declared.iter().any(|name| name.eq_ignore_ascii_case(&read.output)) {
            found.push(WorkflowFlaw { known: declared.clone(), ..read.flaw.clone() });
        }
    }
    found
}
