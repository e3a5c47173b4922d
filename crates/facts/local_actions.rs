//! Actions of the repository that its own workflows use.

use std::collections::BTreeSet;

use source::{Place, join};
use syntax::yaml::{self, View};

use crate::collect::workflow_calls::{names, parameters};
use crate::collect::workflow_contexts::{contexts, expressions, place, scalars};
use crate::collect::workflow_steps::{is_posix_shell, steps};
use crate::inventory::Inventory;
use crate::record::Document;
use crate::script_flaws::{self, ScriptFlaw};
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
    /// The names of the inputs that it speaks of anywhere, in lower case, declared or not: the runner hands on all that it is
    /// given (actions/runner, `CompositeActionHandler`). `*` stands for all of them.
    pub inputs_used: Vec<String>,
    /// The names of its outputs.
    pub outputs: Vec<String>,
    /// Whether it is made of steps, whose expressions tell which inputs are read; of a program nothing is known.
    pub is_composite: bool,
    /// The texts of its steps that no shell reads.
    pub script_flaws: Vec<ScriptFlaw>,
}

impl LocalAction {
    /// Whether it reads the input `name`, or all inputs at once.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        self.inputs_used.iter().any(|used| used == "*" || used.eq_ignore_ascii_case(name))
    }
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

/// What follows each `inputs` of a text: `inputs.tag`, `inputs['tag']`; anything else but a key of YAML means all of them.
fn inputs_used(text: &str) -> Vec<String> {
    let text = text.to_ascii_lowercase();
    let name = |rest: &str| {
        let name =
            rest.split(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '-')).next();
        name.filter(|name| !name.is_empty()).unwrap_or("*").to_owned()
    };
    let parts = text.split("inputs").skip(1).filter(|rest| !rest.starts_with(':'));
    parts.map(|rest| name(rest.trim_start_matches(['.', '[', '\'']))).collect()
}

/// Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax>.
fn read(inventory: &Inventory<'_>, folder: &str) -> Option<LocalAction> {
    let paths = ["action.yml", "action.yaml"].map(|name| join(folder, name));
    let path = paths.iter().flatten().find(|path| inventory.is_file(path))?;
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
        inputs_used: inputs_used(&document.text),
        outputs: names(root.get("outputs")),
        is_composite: using == "composite",
        script_flaws: root.get("runs").map(|runs| unreadable(&document, runs)).unwrap_or_default(),
    })
}

/// The texts of steps that no shell reads. Each step of an action names its shell.
fn unreadable(document: &Document, runs: View<'_>) -> Vec<ScriptFlaw> {
    let texts = steps(runs).into_iter().filter_map(|step| {
        let shell = step.get("shell")?.as_str()?;
        let run = step.get("run").filter(|_| is_posix_shell(shell))?;
        script_flaws::of_step(document, run.as_str()?, run.node().inner)
    });
    texts.collect()
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

#[cfg(test)]
mod tests {
    use super::inputs_used;

    #[test]
    fn inputs_are_read_by_a_path_an_index_or_all_at_once() {
        assert_eq!(inputs_used("inputs:\n x\nif: inputs.Tag && inputs['a-b']"), ["tag", "a-b"]);
        assert_eq!(inputs_used("${{ toJSON(inputs) }}"), ["*"]);
    }
}
