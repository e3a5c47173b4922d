//! Changes of infrastructure that ask whether they may, where nobody answers.

use source::FileKind;
use syntax::shell::{Command, OperatorBefore};

use crate::collect::shell_text::ShellText;
use crate::shell_flaws::ShellFlawKind;

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

/// `terraform apply` of a workflow, which ends at its question: nobody is there to say yes.
pub(super) fn unapproved(shell: &ShellText<'_>, command: &Command) -> Option<(ShellFlawKind, String)> {
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
