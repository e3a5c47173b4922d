//! Tests of a shell that compare a number as a text.

use syntax::shell::Word;

use crate::collect::shell_text::ShellText;
use crate::workflow::StringCompare;

/// The comparisons in a shell text.
#[must_use]
pub(crate) fn string_compares(shell: &ShellText<'_>) -> Vec<StringCompare> {
    if !shell.text.contains("[ ") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for command in &shell.script().commands {
        match command.name() {
            Some("[" | "test") => found.extend(
                command
                    .redirects
                    .iter()
                    .filter_map(|redirect| compare(shell, &redirect.operator.value, &redirect.target, true)),
            ),
            Some("[[") => found.extend(command.words.windows(3).filter_map(|words| match words {
                [_, operator, number]
                    if !operator.quoted
                        && !is_more_than_none(operator, number)
                        && !is_of_a_clock(shell, number) =>
                {
                    compare(shell, &operator.text, number, false)
                }
                _ => None,
            })),
            _ => {}
        }
    }
    found
}

/// `${#files[@]} > 0`, `$# > 0`: as texts too, every count but none comes after 0.
fn is_more_than_none(operator: &Word, number: &Word) -> bool {
    operator.text == ">" && number.text == "0"
}

/// `[[ "$time" < "1000" ]]` of `date +%H%M`: as many digits on both sides, zeros in front among them, which numbers of the
/// shell must not have.
fn is_of_a_clock(shell: &ShellText<'_>, number: &Word) -> bool {
    number.text.len() >= 4 && shell.text.contains("date ")
}

fn compare(shell: &ShellText<'_>, operator: &str, number: &Word, is_redirect: bool) -> Option<StringCompare> {
    let is_number =
        !number.text.is_empty() && number.text.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    (matches!(operator, "<" | ">") && is_number).then(|| StringCompare {
        operator: operator.to_owned(),
        number: number.text.clone(),
        is_redirect,
        at: shell.place(number.span),
    })
}
