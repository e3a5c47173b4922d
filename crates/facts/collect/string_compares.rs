//! Tests of a shell that compare a number as a text.

use syntax::shell;

use crate::record::Document;
use crate::workflow::StringCompare;

/// The comparisons in a shell text that starts at `offset` in the file.
#[must_use]
pub(crate) fn string_compares(document: &Document, text: &str, offset: usize) -> Vec<StringCompare> {
    if !text.contains("[ ") {
        return Vec::new();
    }
    let script = shell::parse(text).tree;
    let mut found = Vec::new();
    for command in &script.commands {
        match command.name() {
            Some("[" | "test") => found.extend(command.redirects.iter().filter_map(|redirect| {
                compare(document, &redirect.operator.value, &redirect.target, offset, true)
            })),
            Some("[[") => found.extend(command.words.windows(3).filter_map(|words| match words {
                [count, operator, number]
                    if !operator.quoted && !is_more_than_none(count, operator, number) =>
                {
                    compare(document, &operator.text, number, offset, false)
                }
                _ => None,
            })),
            _ => {}
        }
    }
    found
}

/// `${#files[@]} > 0`: as texts too, every count but none comes after 0.
fn is_more_than_none(count: &shell::Word, operator: &shell::Word, number: &shell::Word) -> bool {
    count.text.starts_with("${#") && operator.text == ">" && number.text == "0"
}

fn compare(
    document: &Document,
    operator: &str,
    number: &shell::Word,
    offset: usize,
    is_redirect: bool,
) -> Option<StringCompare> {
    let is_number =
        !number.text.is_empty() && number.text.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    (matches!(operator, "<" | ">") && is_number).then(|| StringCompare {
        operator: operator.to_owned(),
        number: number.text.clone(),
        is_redirect,
        at: document.place(number.span.shifted(offset)),
    })
}
