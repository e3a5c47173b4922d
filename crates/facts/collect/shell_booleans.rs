//! Tests of steps that ask a shell whether the text of a boolean is empty: `[[ ${{ github.ref == 'x' }} ]]`.

use syntax::shell::{Command, ReferenceForm};

use crate::collect::shell_text::ShellText;
use crate::collect::workflow_steps::Step;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// Functions that give a boolean.
const OF_BOOLEANS: &[&str] =
    &["always()", "cancelled()", "contains(", "endswith(", "failure()", "startswith(", "success()"];

/// Those of a job's steps: neither `true` nor `false` is an empty text.
#[must_use]
pub(super) fn never_empty(job: &str, steps: &[Step<'_>]) -> Vec<WorkflowFlaw> {
    let shells = steps.iter().filter_map(Step::posix);
    let flaws =
        |shell| ShellText::script(shell).commands.iter().filter_map(|command| flaw(job, shell, command));
    shells.flat_map(flaws).collect()
}

fn flaw(job: &str, shell: &ShellText<'_>, command: &Command) -> Option<WorkflowFlaw> {
    let asked = match command.name()? {
        "test" => command.words.get(1..)?,
        "[" | "[[" => command.words.get(1..command.words.len().checked_sub(1)?)?,
        _ => return None,
    };
    let word = match asked {
        [word] => word,
        [sign, word] if matches!(sign.text.as_str(), "!" | "-n" | "-z") => word,
        _ => return None,
    };
    let [reference] = word.references.as_slice() else { return None };
    let is_alone = word.text == reference.span.of(&shell.text);
    if !is_alone || reference.form != ReferenceForm::Template || !is_boolean(&reference.name) {
        return None;
    }
    let span = asked.first()?.span.to(word.span);
    let written = span.of(&shell.text);
    Some(WorkflowFlaw {
        in_condition: true,
        ..WorkflowFlaw::new(FlawKind::ShellBoolean, job, written, shell.place(span))
    })
}

/// Whether an expression gives a boolean whatever its operands are: `a && b` gives one of the two.
fn is_boolean(expression: &str) -> bool {
    let lower = expression.trim().to_ascii_lowercase();
    let is_call = OF_BOOLEANS.iter().any(|call| lower.starts_with(call)) && lower.ends_with(')');
    let compares = ["==", "!=", ">", "<"].iter().any(|sign| lower.contains(sign));
    let chooses = lower.contains("&&") || lower.contains("||");
    // Inside of a call a comparison is an argument.
    !chooses && (is_call || lower.starts_with('!') || compares && !lower.contains('('))
}

#[cfg(test)]
mod tests {
    use crate::collect::workflow::record;
    use crate::record::Document;
    use crate::workflow::FlawKind;

    fn told(run: &str) -> Vec<String> {
        let text = format!(
            "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          {run}\n"
        );
        let (record, _) = record(&Document::new(".github/workflows/deploy.yml", text));
        let flaws = record.workflow_flaws.into_iter().filter(|flaw| flaw.kind == FlawKind::ShellBoolean);
        flaws.map(|flaw| flaw.written).collect()
    }

    #[test]
    fn the_text_of_a_boolean_is_not_empty() {
        for text in [
            "${{ github.ref == 'refs/heads/main' }}",
            "\"${{ !inputs.dry }}\"",
            "-n \"${{ contains(github.ref, 'main') }}\"",
            "! ${{ github.event_name != 'push' }}",
        ] {
            assert_eq!(told(&format!("if [[ {text} ]]; then make; fi")), [text]);
        }
    }

    #[test]
    fn what_may_be_empty_or_is_compared() {
        for run in [
            "[[ ${{ github.ref == 'refs/heads/main' }} == true ]]",
            "if ${{ github.ref == 'refs/heads/main' }}; then make; fi",
            "[ -n \"${{ inputs.tag }}\" ]",
            "[[ \"${{ github.ref == 'a' && 'b' || '' }}\" ]]",
            "[[ ${{ steps.a.outputs.b }} ]]",
            "[[ \"x${{ github.ref == 'a' }}\" ]]",
        ] {
            assert_eq!(told(run), [""; 0], "{run}");
        }
    }
}
