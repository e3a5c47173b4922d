//! Variables that a step gives to those behind it, and reads itself: `echo "NAME=x" >> "$GITHUB_ENV"` and then `$NAME`.
//!
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files>: the step
//! that creates or updates the variable does not have access to the new value.

use source::Span;
use syntax::shell::{Command, ReferenceForm};

use crate::collect::workflow_steps::Step;
use crate::record::Document;
use crate::shell_flaws::words;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// Owners of actions that set no variables. Any other action before may set one that a step reads.
const OWNERS_THAT_SET_NONE: &[&str] =
    &["actions/cache", "actions/checkout", "actions/upload-artifact", "docker/"];

/// Variables that every runner has a value for.
const OF_EVERY_RUNNER: &[&str] = &["CI", "HOME", "JAVA_HOME", "LANG", "PATH", "PWD", "SHELL", "USER"];

/// The first read of each such variable. One that anything else of the file sets is not looked at.
#[must_use]
pub(super) fn read_too_soon(document: &Document, job: &str, steps: &[Step<'_>]) -> Vec<WorkflowFlaw> {
    let sets_none =
        |step: &&Step<'_>| OWNERS_THAT_SET_NONE.iter().any(|owner| step.action().starts_with(owner));
    let known = steps.iter().take_while(|step| step.action().is_empty() || sets_none(step));
    let mut found = Vec::new();
    for shell in known.filter_map(Step::posix) {
        let commands = &shell.script().commands;
        for (index, command) in commands.iter().enumerate() {
            for name in given_to_later_steps(command) {
                let read = first_read(commands, index, &name).filter(|_| is_set_once(document, &name));
                found
                    .extend(read.map(|at| WorkflowFlaw::new(FlawKind::SameStep, job, name, shell.place(at))));
            }
        }
    }
    found
}

/// The first read behind the command that hands a variable on, where nothing up to there may give it a value.
fn first_read(commands: &[Command], handed_on: usize, name: &str) -> Option<Span> {
    let (before, rest) = commands.split_at(handed_on);
    let (writer, later) = rest.split_first()?;
    if OF_EVERY_RUNNER.contains(&name)
        || reads(writer, name)
        || before.iter().any(|command| may_set(command, name))
    {
        return None;
    }
    later.iter().take_while(|command| !may_set(command, name)).find_map(|command| read_of(command, name))
}

/// Whether a command reads a variable in any form: then it has a value already.
fn reads(command: &Command, name: &str) -> bool {
    command.words.iter().flat_map(|word| &word.references).any(|reference| reference.name == name)
}

/// Whether a command may set a variable: one that reads another script, one that names it, or `${NAME:=text}`.
fn may_set(command: &Command, name: &str) -> bool {
    const READERS: &[&str] =
        &["declare", "export", "getopts", "local", "mapfile", "printf", "read", "readarray", "typeset"];
    let is_written = |form: &ReferenceForm| matches!(form, ReferenceForm::Default(_));
    let references = command.words.iter().flat_map(|word| &word.references);
    match command.name() {
        Some("." | "source" | "eval") => true,
        Some(program) if READERS.contains(&program) => command.words.iter().any(|word| word.text == name),
        _ => references.into_iter().any(|reference| reference.name == name && is_written(&reference.form)),
    }
}

/// What a step tells the runner in a form that it does not take: `::set-env`, and lines of variables without `=`.
///
/// Source: <https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/>.
#[must_use]
pub(super) fn not_obeyed(document: &Document, job: &str, steps: &[Step<'_>]) -> Vec<WorkflowFlaw> {
    const OLD: &[&str] = &["::set-env ", "::add-path::"];
    let mut found = Vec::new();
    let is_allowed = document.text.contains("ACTIONS_ALLOW_UNSECURE_COMMANDS");
    for shell in steps.iter().filter_map(Step::posix) {
        let said = shell.script().commands.iter().filter(|command| command.name() == Some("echo"));
        // Between `NAME<<END` and `END` stands a value of several lines.
        let texts = shell.script().commands.iter().flat_map(words);
        let has_long_value = texts.into_iter().any(|word| word.text.contains("<<"));
        for command in said {
            let [_, word] = command.words.as_slice() else { continue };
            let old = OLD.iter().find(|old| word.text.starts_with(**old)).filter(|_| !is_allowed);
            let kind = match old {
                Some(_) => FlawKind::OldCommand,
                None if !has_long_value && writes_variables(command) && is_no_assignment(&word.text) => {
                    FlawKind::EnvLine
                }
                None => continue,
            };
            let name = old.map_or_else(|| word.text.as_str(), |old| old.trim_end());
            found.push(WorkflowFlaw::new(
                kind,
                job,
                name.split("::").find(|part| !part.is_empty()).unwrap_or(name),
                shell.place(word.span),
            ));
        }
    }
    found
}

/// Whether a text is a name with two colons behind it, as commands to the runner once were.
fn is_no_assignment(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    !text.contains(['=', '\n'])
        && !text.contains("<<")
        && text.split_once("::").is_some_and(|(name, _)| is_name(name))
}

fn writes_variables(command: &Command) -> bool {
    command.redirects.iter().any(|redirect| {
        redirect.operator.value.ends_with(">>")
            && redirect.target.references.iter().any(|reference| reference.name == "GITHUB_ENV")
    })
}

/// The names that a command writes into the file of variables.
#[must_use]
pub(super) fn given_to_later_steps(command: &Command) -> Vec<String> {
    if !writes_variables(command) || !matches!(command.name(), Some("echo" | "printf")) {
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
        let after_read = before.ends_with("for ");
        is_whole
            && (after.starts_with('=') || after.starts_with(':') || after.starts_with("<<") || after_read)
    });
    sets.count() == 1
}

/// Where a command reads a variable with nothing to stand in for it.
fn read_of(command: &Command, name: &str) -> Option<Span> {
    let targets = command.redirects.iter().map(|redirect| &redirect.target);
    let references = command.words.iter().chain(targets).flat_map(|word| &word.references);
    let plain = |form: &ReferenceForm| matches!(form, ReferenceForm::Plain);
    references.filter(|reference| plain(&reference.form)).find(|read| read.name == name).map(|read| read.span)
}
