//! The names and values of `ARG`, `ENV` and `LABEL`.

use super::lines::Part;
use super::words::quoted_words;
use super::{Errors, Pair};

/// The pairs of an `ENV` or `LABEL`. The first word decides: with a `=` in it all words are `name=value`, without
/// one the whole line is a name and its value.
pub(super) fn named_values(keyword: &str, text: Part<'_>, escape: char, errors: &mut Errors) -> Vec<Pair> {
    let words = quoted_words(text, escape);
    let Some(first) = words.first() else {
        errors.meaning(text.span(), format!("{keyword} needs at least one name=value"));
        return Vec::new();
    };
    if !first.text().contains('=') {
        return legacy(keyword, text, errors).into_iter().collect();
    }
    let mut pairs = Vec::with_capacity(words.len());
    for word in words {
        match word.text().split_once('=') {
            None => errors
                .grammar(word.span(), "this word has no =: write name=value, in quotes if it holds blanks"),
            Some(("", _)) => errors.meaning(word.span(), "a name is missing before the ="),
            Some((name, _)) => pairs.push(assigned(word, name.len())),
        }
    }
    pairs
}

/// The arguments of an `ARG`: names, or names with a default.
pub(super) fn arguments(text: Part<'_>, escape: char, errors: &mut Errors) -> Vec<Pair> {
    let words = quoted_words(text, escape);
    if words.is_empty() {
        errors.meaning(text.span(), "ARG needs at least one name");
    }
    let mut pairs = Vec::with_capacity(words.len());
    for word in words {
        match word.text().find('=') {
            None => pairs.push(Pair { key: word.verbatim(), value: None, span: word.span(), legacy: false }),
            Some(0) => errors.meaning(word.span(), "a name is missing before the ="),
            Some(equals) => pairs.push(assigned(word, equals)),
        }
    }
    pairs
}

fn assigned(word: Part<'_>, equals: usize) -> Pair {
    let (key, value) = (word.part(0..equals), word.from(equals + 1));
    Pair { key: key.verbatim(), value: Some(value.verbatim()), span: word.span(), legacy: false }
}

fn legacy(keyword: &str, text: Part<'_>, errors: &mut Errors) -> Option<Pair> {
    let (key, value) = text.split_at_blank();
    let Some(value) = value else {
        errors.grammar(text.span(), format!("{keyword} needs a value: write name=value"));
        return None;
    };
    Some(Pair { key: key.verbatim(), value: Some(value.verbatim()), span: text.span(), legacy: true })
}
