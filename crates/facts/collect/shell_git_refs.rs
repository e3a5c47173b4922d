//! Tests of steps that compare a Git reference of the platform with what none is called: `[ "$GITHUB_REF" = main ]`.

use syntax::shell::{Command, ReferenceForm, Word};

use crate::collect::shell_text::ShellText;
use crate::collect::workflow_comparisons::{is_never_called, is_pattern_of};
use crate::collect::workflow_steps::Step;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// Variables of the platform, each with what it is among the contexts. Source:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/variables#default-environment-variables>.
const VARIABLES: &[(&str, &str)] = &[
    ("GITHUB_BASE_REF", "github.base_ref"),
    ("GITHUB_HEAD_REF", "github.head_ref"),
    ("GITHUB_REF", "github.ref"),
    ("GITHUB_REF_NAME", "github.ref_name"),
];

/// The comparisons of a job's steps.
#[must_use]
pub(super) fn never_equal(job: &str, steps: &[Step<'_>]) -> Vec<WorkflowFlaw> {
    let shells = steps.iter().filter_map(Step::posix);
    shells
        .flat_map(|shell| shell.script().commands.iter().filter_map(|command| flaw(job, shell, command)))
        .collect()
}

fn flaw(job: &str, shell: &ShellText<'_>, command: &Command) -> Option<WorkflowFlaw> {
    if !matches!(command.name(), Some("[" | "[[" | "test")) {
        return None;
    }
    let mut compared = command.words.windows(3).filter_map(|words| match words {
        [left, operator, right] if matches!(operator.text.as_str(), "=" | "==" | "!=") => Some((left, right)),
        _ => None,
    });
    // Between double brackets what stands right and has no quotes is a pattern.
    let takes_patterns = command.name() == Some("[[");
    let (left, right, kind) = compared.find_map(|(left, right)| {
        impossible(shell, left, right, takes_patterns).map(|kind| (left, right, kind))
    })?;
    let span = source::Span::new(left.span.start, right.span.end);
    let written = span.of(&shell.text);
    Some(WorkflowFlaw { in_condition: true, ..WorkflowFlaw::new(kind, job, written, shell.place(span)) })
}

fn impossible(shell: &ShellText<'_>, left: &Word, right: &Word, takes_patterns: bool) -> Option<FlawKind> {
    let of = |name: &Word, literal: &Word| {
        let context = literal.literal.then(|| context(shell, name))??;
        let is_letters = !takes_patterns || is_in_quotes(literal, &shell.text);
        if is_letters && is_pattern_of(context, &literal.text) {
            return Some(FlawKind::GitPattern);
        }
        let is_plain = !literal.text.contains(['*', '?', '[', '@']);
        (is_plain && is_never_called(context, &literal.text)).then_some(FlawKind::GitReference)
    };
    of(left, right).or_else(|| of(right, left))
}

/// Whether a word stands between quotes as a whole.
fn is_in_quotes(word: &Word, text: &str) -> bool {
    let written = word.span.of(text);
    let inside = |quote: char| written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    ['"', '\''].into_iter().any(|quote| inside(quote).is_some_and(|inside| !inside.contains(quote)))
}

/// What a word that is one variable, or one expression, reads; a variable that the text sets itself is another one.
fn context<'w>(shell: &ShellText<'_>, word: &'w Word) -> Option<&'w str> {
    let [reference] = word.references.as_slice() else { return None };
    if word.text != reference.span.of(&shell.text) {
        return None;
    }
    let name = reference.name.as_str();
    match reference.form {
        ReferenceForm::Template => Some(name),
        ReferenceForm::Plain => {
            let (_, context) = VARIABLES.iter().find(|(variable, _)| *variable == name)?;
            let is_set = shell.document.text.contains(&format!("{name}="))
                || shell.document.text.contains(&format!("{name}:"));
            Some(*context).filter(|_| !is_set)
        }
        _ => None,
    }
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
        let flaws = record
            .workflow_flaws
            .into_iter()
            .filter(|flaw| matches!(flaw.kind, FlawKind::GitReference | FlawKind::GitPattern));
        flaws.map(|flaw| flaw.written).collect()
    }

    #[test]
    fn references_are_whole_or_short() {
        for text in [
            "\"$GITHUB_REF\" = \"main\"",
            "${GITHUB_REF} != main",
            "\"${{ github.ref }}\" == \"refs/head/main\"",
            "'refs/heads/main' = \"$GITHUB_REF_NAME\"",
            "\"$GITHUB_REF\" = \"refs/tags/v*\"",
            "$GITHUB_REF_NAME == release/*",
        ] {
            assert_eq!(told(&format!("if [ {text} ]; then make; fi")), [text]);
        }
        for run in [
            "[ \"$GITHUB_REF\" = \"refs/heads/main\" ]",
            "[ \"${GITHUB_REF##*/}\" = \"main\" ]",
            "[[ $GITHUB_REF == *main ]]",
            "[[ $GITHUB_REF == refs/tags/* || $GITHUB_REF == \"refs/tags/\"* ]]",
            "[[ \"${{ github.ref }}\" == *\"-rc\"* ]]",
            "[ \"$GITHUB_REF_NAME\" = \"main\" ]",
            "[ \"x$GITHUB_REF\" = \"xmain\" ]",
            "GITHUB_REF=${GITHUB_REF#refs/heads/}; [ \"$GITHUB_REF\" = \"main\" ]",
            "[ \"$GITHUB_REF\" = \"\" ]",
        ] {
            assert_eq!(told(run), [""; 0], "{run}");
        }
    }
}
