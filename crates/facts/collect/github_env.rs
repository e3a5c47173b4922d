//! Variables that a step gives to those behind it, and reads itself: `echo "NAME=x" >> "$GITHUB_ENV"` and then `$NAME`.
//!
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files>: the step
//! that creates or updates the variable does not have access to the new value.

use syntax::shell::Command;

use crate::collect::shell_text::ShellText;
use crate::collect::workflow_steps::Step;
use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// The first read of each such variable. One that anything else of the file sets is not looked at.
#[must_use]
pub(super) fn read_too_soon(document: &Document, job: &str, steps: &[Step<'_>]) -> Vec<WorkflowFlaw> {
    let mut found = Vec::new();
    for shell in steps.iter().filter_map(Step::posix) {
        for (index, command) in shell.script().commands.iter().enumerate() {
            let names = given_to_later_steps(command).into_iter();
            let later = shell.script().commands.get(index + 1..).unwrap_or_default();
            found.extend(names.filter(|name| is_set_once(document, name)).filter_map(|name| {
                let at = later.iter().find_map(|command| read_of(command, &name))?;
                Some(flaw(job, shell, &name, at))
            }));
        }
    }
    found
}

fn flaw(job: &str, shell: &ShellText<'_>, name: &str, at: source::Span) -> WorkflowFlaw {
    WorkflowFlaw {
        kind: FlawKind::SameStep,
        job: job.to_owned(),
        written: name.to_owned(),
        at: shell.place(at),
        known: Vec::new(),
        in_condition: false,
        deploys: false,
    }
}

/// The names that a command writes into the file of variables.
#[must_use]
pub(super) fn given_to_later_steps(command: &Command) -> Vec<String> {
    let writes = command.redirects.iter().any(|redirect| {
        redirect.operator.value.ends_with(">>")
            && redirect.target.references.iter().any(|reference| reference.name == "GITHUB_ENV")
    });
    if !writes || !matches!(command.name(), Some("echo" | "printf")) {
        return Vec::new();
    }
    let names = command.words.iter().skip(1).filter_map(|word| word.text.split_once('='));
    let is_name = |name: &str| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    names.map(|(name, _)| name).filter(|name| is_name(name)).map(str::to_owned).collect()
}

/// Whether the file sets a variable nowhere else: neither under `env:` nor in a script.
fn is_set_once(document: &Document, name: &str) -> bool {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let text = document.text.as_str();
    let sets = text.match_indices(name).filter(|(at, _)| {
        let before = text.get(..*at).unwrap_or("");
        let after = text.get(at + name.len()..).unwrap_or("");
        let is_whole = !before.ends_with(is_of_name) && !before.ends_with(['$', '{', '.']);
        let after_read = ["read ", "read -r ", "for "].iter().any(|word| before.ends_with(word));
        is_whole
            && (after.starts_with('=') || after.starts_with(':') || after.starts_with("<<") || after_read)
    });
    sets.count() == 1
}

/// Where a command reads a variable with nothing to stand in for it.
fn read_of(command: &Command, name: &str) -> Option<source::Span> {
    let targets = command.redirects.iter().map(|redirect| &redirect.target);
    let references = command.words.iter().chain(targets).flat_map(|word| &word.references);
    let plain = |form: &syntax::shell::ReferenceForm| matches!(form, syntax::shell::ReferenceForm::Plain);
    references.filter(|reference| plain(&reference.form)).find(|read| read.name == name).map(|read| read.span)
}
