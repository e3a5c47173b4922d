//! Commands that their programs refuse as they are written: a build without a context or with several, `terraform apply` where
//! nobody can answer its question, `export $NAME=value`.

use source::{FileKind, file_name};
use syntax::shell::{Command, OperatorBefore, Word};

use super::{ShellFlaw, ShellFlawKind, brings_variables, is_given, is_read_at, mentions};
use crate::collect::commands::{SWITCHES, VALUED};
use crate::collect::shell_text::ShellText;

/// Options of Terraform that take a value, which may be the word behind them. Source:
/// <https://developer.hashicorp.com/terraform/cli/commands/apply>.
const OF_TERRAFORM: &[&str] = &[
    "backup",
    "lock-timeout",
    "parallelism",
    "replace",
    "state",
    "state-out",
    "target",
    "target-file",
    "var",
    "var-file",
];

/// Every such command of a text.
pub(super) fn commands(shell: &ShellText<'_>) -> Vec<ShellFlaw> {
    let of_command = |command: &Command| {
        let program = command.name().map_or("", file_name);
        let of_program = contexts(shell, command).or_else(|| unapproved(shell, command));
        let (kind, name, written) =
            of_program.map(|(kind, written)| (kind, program, written)).or_else(|| {
                let name = no_name(shell, command)?;
                Some((ShellFlawKind::NoName, name, format!("export ${name}=")))
            })?;
        Some(ShellFlaw {
            kind,
            name: name.to_owned(),
            written,
            at: shell.place(command.words.first()?.span.to(command.words.last()?.span)),
            because: None,
        })
    };
    shell.script().commands.iter().filter_map(of_command).collect()
}

/// `docker build -t app` without a folder, and with more than one. Podman takes its own folder for granted.
fn contexts(shell: &ShellText<'_>, command: &Command) -> Option<(ShellFlawKind, String)> {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let arguments = match words.as_slice() {
        ["docker", "build", ..] => command.words.get(2..)?,
        ["docker", "buildx" | "image", "build", ..] => command.words.get(3..)?,
        _ => return None,
    };
    let is_workflow = FileKind::of(&shell.document.path) == FileKind::Workflow;
    // Another program fills in a template before a shell sees it.
    if !is_workflow && shell.text.contains("{{") {
        return None;
    }
    let (given, is_sure) = positional(arguments)?;
    match given.as_slice() {
        [] => Some((ShellFlawKind::NoContext, "docker build".to_owned())),
        [_, _, ..] if is_sure && given.iter().all(|word| is_whole(word)) => {
            let texts: Vec<&str> = given.iter().map(|word| word.text.as_str()).collect();
            Some((ShellFlawKind::Contexts, texts.join(" ")))
        }
        _ => None,
    }
}

/// The words that are neither options nor values of some, and whether all options are known; `None` where help is asked for.
fn positional(arguments: &[Word]) -> Option<(Vec<&Word>, bool)> {
    let (mut given, mut is_sure) = (Vec::new(), true);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        if matches!(text, "--help" | "-h" | "help") {
            return None;
        }
        if text == "-" || !text.starts_with('-') {
            given.push(word);
        } else if VALUED.contains(&text) {
            words.next();
        } else {
            is_sure &= text.contains('=') || SWITCHES.contains(&text);
        }
    }
    Some((given, is_sure))
}

/// Whether a word is one word for a program as well: nothing in it may become none or several.
fn is_whole(word: &Word) -> bool {
    word.literal
        && (word.quoted || !word.text.contains(['*', '?', '[', '~']))
        && !word.text.contains(['{', ','])
        || matches!(word.text.as_str(), "{{" | "}}")
}

/// `terraform apply` of a workflow, which ends at its question: nobody is there to say yes.
fn unapproved(shell: &ShellText<'_>, command: &Command) -> Option<(ShellFlawKind, String)> {
    let (program, arguments) = command.words.split_first()?;
    let is_answered = command.operator_before == OperatorBefore::Pipe || !command.redirects.is_empty();
    let is_workflow = FileKind::of(&shell.document.path) == FileKind::Workflow && shell.is_unattended;
    let may_be_told = shell.document.text.contains("TF_CLI_ARGS");
    if !matches!(program.text.as_str(), "terraform" | "tofu") || is_answered || !is_workflow || may_be_told {
        return None;
    }
    let mut words = arguments.iter().skip_while(|word| word.text.starts_with("-chdir="));
    let action = words.next().filter(|word| matches!(word.text.as_str(), "apply" | "destroy"))?;
    while let Some(word) = words.next() {
        let option = word.text.trim_start_matches('-');
        let is_lone_variable = word.references.iter().any(|reference| reference.span == word.span);
        let approves = ["auto-approve", "help", "h"].iter().any(|known| {
            option.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        });
        // A word of its own is a plan that has been made before; a variable may be one, or the option.
        if approves || is_lone_variable || word.text.contains("[@]") || option == word.text {
            return None;
        }
        if OF_TERRAFORM.contains(&option) {
            words.next();
        }
    }
    Some((ShellFlawKind::Unapproved, format!("{} {}", program.text, action.text)))
}

/// The variable of `export $NAME=value` where nothing gives it: an assignment without a name.
fn no_name<'c>(shell: &ShellText<'_>, command: &'c Command) -> Option<&'c str> {
    let words = command.words.iter().skip(1);
    let mut read = words.filter_map(|word| Some((word, word.text.strip_prefix('$')?.split_once('=')?.0)));
    let (word, name) = read.next().filter(|_| command.name() == Some("export"))?;
    let is_name =
        name.len() > 1 && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let may_be_brought = shell.script().commands.iter().any(brings_variables);
    (is_name && !may_be_brought && !is_given(name) && !is_set_elsewhere(shell, name, word)).then_some(name)
}

/// Whether the file speaks of a variable in another place than where it is read.
fn is_set_elsewhere(shell: &ShellText<'_>, name: &str, word: &Word) -> bool {
    let text = shell.document.text.as_str();
    let own = shell.span(word.span);
    let mut others = mentions(text, name).filter(|at| *at < own.start || *at >= own.end);
    others.any(|at| !is_read_at(text, at))
}

#[cfg(test)]
mod tests {
    use super::commands;
    use crate::collect::shell_text::ShellText;
    use crate::record::Document;

    fn told(text: &str) -> Vec<String> {
        let document = Document::new(".github/workflows/deploy.yml", text.to_owned());
        let shell = ShellText::of_step(&document, (text.into(), 0), Some(String::new()));
        let found = commands(&shell);
        found.into_iter().map(|flaw| flaw.written).collect()
    }

    #[test]
    fn what_is_refused() {
        for (text, expected) in [
            ("docker build -f Dockerfile -t x/y:${{ github.sha }}", "docker build"),
            ("docker buildx build --push --tag x --label a=b", "docker build"),
            ("docker build -f Dockerfile -t x/y:{{ github.sha }} .", "github.sha }} ."),
            ("docker build -t x api .", "api ."),
            ("terraform apply -replace=\"module.a\"", "terraform apply"),
            ("terraform -chdir=infra apply -input=false -var a=b -var-file x.tfvars", "terraform apply"),
            ("export $name=value", "export $name="),
        ] {
            assert_eq!(told(text), [expected], "{text}");
        }
    }

    #[test]
    fn what_is_taken() {
        for text in [
            "docker build -t x .",
            "docker build -t x - < Dockerfile",
            "docker build -t x $CONTEXT",
            "docker build --help",
            "docker build -t x $ARGS .",
            "docker build --some-new flag .",
            "docker build -t x \"${args[@]}\" .",
            "docker compose build -t x",
            "podman build -t x",
            "terraform apply -auto-approve",
            "terraform apply --auto-approve=true -var a=b",
            "terraform apply plan.out",
            "terraform apply -input=false $PLAN",
            "yes | terraform apply",
            "terraform apply <<< yes",
            "terraform plan",
            "for name in A B; do export $name=value; done",
            "name=A; export $name=value",
            "source ./names.sh; export $name=value",
            "read -r name; export $name=value",
            "export A=$name",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }
}
