//! Commands of `gh` in jobs that have no repository: it takes the one of the folder that it runs in.
//!
//! Sources: <https://cli.github.com/manual/gh_help_environment> (`GH_REPO`), <https://github.com/cli/cli/issues/3556>.

use syntax::shell;
use syntax::yaml::View;

use crate::collect::shell_text::ShellText;
use crate::collect::workflow_steps::Step;
use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// Groups of commands that are about one repository.
const GROUPS: &[&str] = &["pr", "issue", "release", "run", "workflow"];

/// Commands whose first argument may be the address of what is meant, which names the repository.
const BY_ADDRESS: &[&str] = &["pr", "issue"];

/// Commands of these that take none.
const WITHOUT_ADDRESS: &[&str] = &["create", "list", "status"];

/// Actions that put no repository into the folder of the job.
const WITHOUT_FILES: &[&str] =
    &["actions/", "aws-actions/", "azure/login", "docker/", "google-github-actions/"];

/// The commands of a job that end because there is no repository.
#[must_use]
pub(super) fn without_repository(
    document: &Document,
    name: &str,
    job: View<'_>,
    steps: &[Step<'_>],
) -> Vec<WorkflowFlaw> {
    // The variable may be set anywhere: under `env:`, by a step for those behind it.
    let is_told = document.text.contains("GH_REPO");
    if is_told || !is_hosted(job) || !steps.iter().all(brings_no_repository) {
        return Vec::new();
    }
    let may_fail = |part: View<'_>| part.get("continue-on-error").is_some();
    let mut found = Vec::new();
    for step in steps.iter().filter(|step| step.named_folder.is_none()) {
        let Some(shell) = step.posix() else { continue };
        let bears_failure = may_fail(job) || may_fail(step.view) || shell.text.contains("set +e");
        let commands = shell.script().commands.iter().filter(|command| lacks_repository(command));
        found.extend(commands.map(|command| {
            let written = words(command).take(3).collect::<Vec<_>>().join(" ");
            WorkflowFlaw {
                in_condition: bears_failure || is_asked(shell, command),
                ..WorkflowFlaw::new(FlawKind::Repository, name, written, shell.place(command.span))
            }
        }));
    }
    found
}

/// Whether a fresh machine runs the job: one of one's own may have the repository from before.
pub(super) fn is_hosted(job: View<'_>) -> bool {
    let hosted = ["ubuntu-", "windows-", "macos-"];
    let runner = job.get("runs-on").and_then(|runner| runner.as_str()).unwrap_or("");
    hosted.iter().any(|system| runner.starts_with(system))
}

pub(super) fn brings_no_repository(step: &Step<'_>) -> bool {
    let action = step.action();
    let brings = ["checkout", "download", "cache"].iter().any(|word| action.contains(word));
    let is_harmless = !brings && WITHOUT_FILES.iter().any(|known| action.starts_with(known));
    // Whatever makes a repository, or goes where one may be.
    let makes_none = |shell: &ShellText<'_>| {
        !["git init", "clone", "remote add", "set-default", "cd ", "pushd", "tar ", "unzip"]
            .iter()
            .any(|text| shell.text.contains(text))
    };
    match &step.shell {
        Some(shell) => makes_none(shell),
        None => action.is_empty() || is_harmless,
    }
}

fn words(command: &shell::Command) -> impl Iterator<Item = &str> {
    command.words.iter().map(|word| word.text.as_str())
}

fn lacks_repository(command: &shell::Command) -> bool {
    let mut plain = words(command);
    let (Some("gh"), Some(group), Some(action)) = (plain.next(), plain.next(), plain.next()) else {
        return false;
    };
    let names_it = |word: &str| word.starts_with("-R") || word.starts_with("--repo") || word == "--help";
    let is_about_one = GROUPS.contains(&group) && !action.starts_with('-');
    // An array, or a variable for options, may hold any of them.
    let holds_options = |word: &str| {
        word.contains("[@]")
            || ["args", "flags", "opts", "options"]
                .iter()
                .any(|name| word.to_ascii_lowercase().contains(name))
    };
    let is_whole = !words(command).any(holds_options);
    let may_be_address = BY_ADDRESS.contains(&group) && !WITHOUT_ADDRESS.contains(&action);
    is_about_one
        && is_whole
        && !words(command).any(names_it)
        && !(may_be_address && words(command).skip(3).any(may_name_address))
}

/// Whether an argument may be an address: one that is no number, and no variable that says that it is one.
fn may_name_address(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let is_number =
        source::tokens(&lower).any(|part| matches!(part.as_str(), "number" | "num" | "branch" | "head"));
    lower.contains("://") || lower.contains('$') && !is_number
}

/// Whether the failure of a command is asked for or made up for.
fn is_asked(shell: &ShellText<'_>, command: &shell::Command) -> bool {
    let text = &shell.text;
    let start = text.get(..command.span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let rest = text.get(command.span.end..).unwrap_or("");
    let end = command.span.end + rest.find('\n').unwrap_or(rest.len());
    let line = text.get(start..end).unwrap_or("");
    let begins = line.trim_start();
    command.in_condition
        || command.negated
        || line.contains("||")
        || line.contains('|')
        || ["if ", "elif ", "while ", "until ", "export ", "local ", "echo ", "!"]
            .iter()
            .any(|word| begins.starts_with(word))
}
