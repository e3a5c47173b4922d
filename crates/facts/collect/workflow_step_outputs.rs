//! Outputs that a step of shell commands never writes: what reads them gets an empty text.

use syntax::shell::{Command, Word};
use syntax::yaml::View;

use super::scalar_text::text_of;
use super::shell_text::ShellText;
use super::workflow_steps::{is_posix_shell, steps};
use crate::record::Document;

/// Programs that write no output but where their own is sent to. The wrapper that sets up `terraform` does.
const QUIET: &[&str] = &[
    ":", "[", "[[", "apt-get", "aws", "az", "basename", "cat", "cd", "cp", "curl", "cut", "date", "dirname",
    "docker", "echo", "exit", "export", "false", "gcloud", "gh", "git", "grep", "head", "helm", "jq",
    "kubectl", "local", "ls", "mkdir", "mv", "printf", "pwd", "rm", "sed", "set", "sleep", "sort", "tail",
    "test", "tr", "true", "uname", "wc", "yq",
];

/// The outputs that the step at this position of a job writes, where it never writes this one; `None` where it may.
pub(super) fn without(
    document: &Document,
    job: View<'_>,
    position: usize,
    output: &str,
) -> Option<Vec<String>> {
    let step = steps(job).into_iter().nth(position)?;
    let run = step.get("run").filter(|_| step.get("uses").is_none() && is_of_unix(job, step))?;
    let shell = ShellText::of_step(document, text_of(document, run)?, None);
    let written = names_written(&shell)?;
    let is_quiet = shell.script().commands.iter().all(is_quiet);
    (is_quiet && !may_write(&shell.text, output)).then_some(written)
}

/// Whether a shell of Unix runs a step; that of a machine which is not told may be another one.
fn is_of_unix(job: View<'_>, step: View<'_>) -> bool {
    let runner = job.get("runs-on").and_then(|runner| runner.as_str()).unwrap_or("");
    match step.get("shell") {
        Some(shell) => shell.as_str().is_some_and(is_posix_shell),
        None => {
            job.get("defaults").is_none() && (runner.starts_with("ubuntu") || runner.starts_with("macos"))
        }
    }
}

/// Whether a text gives a value to this name anywhere, in any form.
fn may_write(text: &str, output: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["=", "<<"].iter().any(|after| lower.contains(&format!("{output}{after}")))
}

/// Whether a command is known to write no output by itself.
fn is_quiet(command: &Command) -> bool {
    command.name().is_none_or(|name| QUIET.contains(&name))
}

/// The names of all outputs that the text writes, each by its own `echo`; `None` where it writes in another way.
fn names_written(shell: &ShellText<'_>) -> Option<Vec<String>> {
    const FILE: &str = "GITHUB_OUTPUT";
    let script = shell.script();
    let of_file = |word: &Word| word.references.iter().any(|reference| reference.name == FILE);
    let mut names = Vec::new();
    let mut told = 0;
    for command in &script.commands {
        let into = command.redirects.iter().filter(|redirect| of_file(&redirect.target)).count();
        told += into;
        if into > 0 {
            names.push(name_written(command)?);
        }
    }
    let is_all = told == shell.text.matches(FILE).count() && !shell.text.contains("set-output");
    is_all.then_some(names)
}

/// The name that `echo "name=value"` writes.
fn name_written(command: &Command) -> Option<String> {
    let text = command.words.iter().skip(1).find(|word| !word.text.starts_with('-'));
    let text = text.filter(|_| matches!(command.name(), Some("echo" | "printf")))?.text.as_str();
    let end = text.find(['=', '<'])?;
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let name = text.get(..end).filter(|name| !name.is_empty() && name.chars().all(is_of_name))?;
    Some(name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use syntax::yaml;

    use super::without;
    use crate::record::Document;

    fn told(runner: &str, run: &str) -> Option<Vec<String>> {
        let run = run.replace('\n', "\n        ");
        let text = format!("runs-on: {runner}\nsteps:\n  - id: a\n    run: |\n        {run}\n");
        let document = Document::new(".github/workflows/deploy.yml", text);
        let parsed = yaml::parse(&document.text);
        let budget = yaml::Budget::default();
        without(&document, parsed.tree.documents.first()?.view(&budget), 0, "tag")
    }

    #[test]
    fn what_a_step_never_writes() {
        for run in [
            "echo \"tags=$(git tag)\" >> \"$GITHUB_OUTPUT\"",
            "if [ -n \"$A\" ]; then\n  echo tags=1 >>$GITHUB_OUTPUT\nfi",
        ] {
            assert_eq!(told("ubuntu-latest", run), Some(vec!["tags".to_owned()]), "{run}");
        }
        assert_eq!(told("ubuntu-latest", "echo done"), Some(Vec::new()));
    }

    #[test]
    fn what_it_may_write() {
        for run in [
            "echo \"tag=1\" >> \"$GITHUB_OUTPUT\"",
            "echo \"Tag<<END\" >> \"$GITHUB_OUTPUT\"",
            "{ echo a=b; echo \"$X\"; } >> \"$GITHUB_OUTPUT\"",
            "echo \"$NAME=1\" >> \"$GITHUB_OUTPUT\"",
            "cat values >> \"$GITHUB_OUTPUT\"",
            "echo \"::set-output name=tag::1\"",
            "echo \"##[set-output name=tag;]$(echo 1)\"",
            "./release.sh",
            "node -e 'x' \"$GITHUB_OUTPUT\"",
            "${{ inputs.command }}",
        ] {
            assert_eq!(told("ubuntu-latest", run), None, "{run}");
        }
        assert_eq!(told("windows-latest", "echo done"), None);
    }
}
