//! Commands over several lines that lack a continuation: their second half is run as a command of its own.

use syntax::shell::{Command, OperatorBefore, Reference, ReferenceForm, Word};

use crate::collect::shell_text::ShellText;
use crate::workflow::CutCommand;

/// The cut commands of a shell text.
pub(crate) fn cut_commands(shell: &ShellText<'_>) -> Vec<CutCommand> {
    if !has_sign(&shell.text) {
        return Vec::new();
    }
    let pairs = shell.script().commands.windows(2).filter_map(|pair| match pair {
        [before, after] => Some((before, after)),
        _ => None,
    });
    let cut = pairs.filter(|(before, after)| {
        let goes_on = is_option(after) || is_options(after) && before.span.of(&shell.text).contains("\\\n");
        goes_on && ends_just_before(&shell.text, before, after)
    });
    let facts = cut.filter_map(|(before, after)| {
        let first = after.words.first()?;
        Some(CutCommand {
            option: first.text.clone(),
            at: shell.place(first.span),
            program: before.name().unwrap_or("").to_owned(),
            before: shell.place(before.span),
        })
    });
    facts.collect()
}

/// Whether a line starts with an option, and the one before does not say that it goes on.
fn has_sign(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    lines.windows(2).any(|pair| match pair {
        // A blank behind the backslash ends the command.
        [before, line] => {
            line.trim().starts_with(['-', '$']) && !before.trim().is_empty() && !before.ends_with('\\')
        }
        _ => false,
    })
}

/// Whether a command has an option where its program should stand.
fn is_option(command: &Command) -> bool {
    let named = command.words.first().map_or("", |word| word.text.as_str());
    let option = named.trim_start_matches('-');
    command.operator_before == OperatorBefore::Newline
        && named.starts_with('-')
        && option.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// Whether a command is one variable alone that holds options, as its name says: `${HELM_ARGS}`.
fn is_options(command: &Command) -> bool {
    const NAMES: &[&str] = &["ARGS", "FLAGS", "OPTIONS", "OPTS", "PARAMS"];
    let [Word { references, quoted: false, .. }] = command.words.as_slice() else { return false };
    let [Reference { name, form: ReferenceForm::Plain, .. }] = references.as_slice() else { return false };
    command.operator_before == OperatorBefore::Newline
        && name.rsplit('_').next().is_some_and(|last| NAMES.contains(&last.to_ascii_uppercase().as_str()))
}

/// Whether one command ends on the line before the other, with an argument: what a shell of another kind continues by
/// another sign does not count.
fn ends_just_before(text: &str, before: &Command, after: &Command) -> bool {
    let between = text.get(before.span.end..after.span.start).unwrap_or("");
    let written = before.span.of(text);
    between.matches('\n').count() == 1
        && before.words.len() > 1
        && !written.trim_end().ends_with(['`', '^'])
        && !between.contains(['`', '^', '#'])
}

#[cfg(test)]
mod tests {
    use super::cut_commands;
    use crate::collect::shell_text::ShellText;
    use crate::record::Document;

    fn cut(text: &str) -> usize {
        cut_commands(&ShellText::of_file(&Document::new("deploy.sh", text.to_owned()))).len()
    }

    #[test]
    fn options_on_a_line_of_their_own() {
        assert_eq!(cut("gcloud run deploy api\n  --image x\n"), 1);
        assert_eq!(cut("gcloud run deploy api \\ \n  --image x\n"), 1);
        assert_eq!(cut("gcloud run deploy api \\\n  --image x\n"), 0);
        assert_eq!(cut("helm upgrade a b \\\n  --debug\n  ${HELM_ARGS}\n"), 1);
        assert_eq!(cut("helm upgrade a b \\\n  --debug \\\n  ${HELM_ARGS}\n"), 0);
        assert_eq!(cut("helm upgrade a b \\\n  --debug\n$COMMAND\n"), 0);
        assert_eq!(cut("args=(\n  --image x\n  --port 80\n)\nrun \"${args[@]}\"\n"), 0);
        assert_eq!(cut("case $1 in\n  --help) usage ;;\n  -v) verbose ;;\nesac\n"), 0);
        assert_eq!(cut("cat <<EOF\nfirst\n- item\n--x\nEOF\n"), 0);
        assert_eq!(cut("echo \"first\n--second\"\n"), 0);
    }
}
