//! The steps of a job, each with the shell text that it runs.

use source::join;
use syntax::yaml::View;

use super::scalar_text::text_of;
use super::shell_text::ShellText;
use crate::record::Document;

/// A step of a job.
pub(super) struct Step<'d> {
    /// The step as written.
    pub(super) view: View<'d>,
    /// Its `run`.
    pub(super) shell: Option<ShellText<'d>>,
    /// The folder that is named for it, by itself, its job or the workflow.
    pub(super) named_folder: Option<View<'d>>,
    /// Whether a shell of Unix runs it; on Windows another one does unless it is named.
    pub(super) is_posix: bool,
}

impl Step<'_> {
    /// The action that it runs; empty where it runs none.
    pub(super) fn action(&self) -> &str {
        self.view.get("uses").and_then(|uses| uses.as_str()).unwrap_or("")
    }

    /// The shell text, where a shell of Unix runs it.
    pub(super) fn posix(&self) -> Option<&ShellText<'_>> {
        self.shell.as_ref().filter(|_| self.is_posix)
    }
}

/// The steps of a job of the workflow `root`.
pub(super) fn read_steps<'d>(document: &'d Document, root: View<'d>, job: View<'d>) -> Vec<Step<'d>> {
    let read = |view: View<'d>| {
        let named_folder = named_folder(root, job, view);
        let text = view.get("run").and_then(|run| text_of(document, run));
        let shell = text.map(|text| ShellText::of_step(document, text, folder(named_folder)));
        Step { view, shell, named_folder, is_posix: is_posix(job, view) }
    };
    steps(job).into_iter().map(read).collect()
}

/// The steps of a job in the order of the text, those that run side by side (`parallel:`) among them.
pub(crate) fn steps(job: View<'_>) -> Vec<View<'_>> {
    let list = job.get("steps").map(|steps| steps.items()).unwrap_or_default();
    list.into_iter()
        .flat_map(|step| match step.get("parallel") {
            Some(group) => group.items(),
            None => vec![step],
        })
        .collect()
}

fn is_posix(job: View<'_>, step: View<'_>) -> bool {
    let shell = step.get("shell").or_else(|| job.path(&["defaults", "run", "shell"]));
    let runner = job.get("runs-on").and_then(|runner| runner.as_str()).unwrap_or("");
    match shell.and_then(|shell| shell.as_str()) {
        Some(shell) => is_posix_shell(shell),
        None => !runner.contains("windows") && !runner.contains("${{"),
    }
}

/// Whether the `shell:` of a step is one of Unix.
pub(crate) fn is_posix_shell(shell: &str) -> bool {
    shell.contains("sh") && !shell.contains("pwsh") && !shell.contains("powershell")
}

/// The step's own folder, else the default of its job, else that of the workflow.
fn named_folder<'v>(root: View<'v>, job: View<'v>, step: View<'v>) -> Option<View<'v>> {
    let default = ["defaults", "run", "working-directory"];
    step.get("working-directory").or_else(|| job.path(&default)).or_else(|| root.path(&default))
}

/// The folder in which a step runs, relative to the root; `None` where an expression says it.
fn folder(named: Option<View<'_>>) -> Option<String> {
    match named.and_then(|folder| folder.as_str()) {
        Some(folder) if folder.contains("${{") => None,
        Some(folder) => join("", folder),
        None => Some(String::new()),
    }
}
