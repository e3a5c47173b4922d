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
                [count, operator, number]
                    if !operator.quoted && !is_more_than_none(count, operator, number) =>
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

/// `${#files[@]} > 0`: as texts too, every count but none comes after 0.
fn is_more_than_none(count: &Word, operator: &Word, number: &Word) -> bool {
    count.text.starts_with("${#") && operator.text == ">" && number.text == "0"
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
