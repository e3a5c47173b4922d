//! The words of `ARG`, `ENV` and `LABEL`: blanks separate them unless they are quoted or escaped.

use super::lines::Part;

/// The words of `text` with their quotes and escapes. An escape character at the very end belongs to no word.
pub(super) fn quoted_words(text: Part<'_>, escape: char) -> Vec<Part<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut end = 0;
    let mut chars = text.text().char_indices();
    while let Some((at, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            words.extend(start.take().map(|start| text.part(start..at)));
            continue;
        }
        match quote {
            None if matches!(c, '\'' | '"') => quote = Some(c),
            Some(open) if open == c => quote = None,
            _ => {}
        }
        end = at + c.len_utf8();
        if c == escape && quote != Some('\'') {
            match chars.next() {
                Some((next_at, next)) => end = next_at + next.len_utf8(),
                None => end = at,
            }
        }
        start.get_or_insert(at);
    }
    words.extend(start.filter(|start| *start < end).map(|start| text.part(start..end)));
    words
}
