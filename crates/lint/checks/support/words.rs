//! Whole words in names and values: `placeholder` stands in `db_host_placeholder`, and not in `placeholders`.

use std::ops::Range;

/// One or several words that follow each other, whatever stands between them: `replace with` stands in
/// `REPLACE_WITH_ID`. A word in capitals stands only for itself in capitals.
#[derive(Debug, Clone)]
pub(in crate::checks) struct Phrase {
    words: Vec<Word>,
}

#[derive(Debug, Clone)]
struct Word {
    text: String,
    /// Whether it stands only for itself in capitals.
    is_in_capitals: bool,
}

impl Word {
    fn stands_for(&self, token: &str) -> bool {
        if self.is_in_capitals { self.text == token } else { self.text.eq_ignore_ascii_case(token) }
    }
}

impl Phrase {
    pub(in crate::checks) fn new(text: &str) -> Self {
        let word = |text: &str| Word {
            text: text.to_owned(),
            is_in_capitals: !text.chars().any(char::is_lowercase),
        };
        Self { words: text.split_whitespace().map(word).collect() }
    }

    /// The bytes of its first occurrence.
    #[cfg(test)]
    pub(in crate::checks) fn find(&self, text: &str) -> Option<Range<usize>> {
        self.find_among(&tokens(text))
    }

    /// The bytes of its first occurrence in a text of these words.
    pub(in crate::checks) fn find_among(&self, tokens: &[(usize, &str)]) -> Option<Range<usize>> {
        let windows = tokens.windows(self.words.len().max(1));
        let found = windows.into_iter().find(|window| {
            !self.words.is_empty()
                && self.words.iter().zip(*window).all(|(word, token)| word.stands_for(token.1))
        })?;
        Some(found.first()?.0..found.last().map(|(start, token)| start + token.len())?)
    }

    /// Whether a text of these words ends so.
    pub(in crate::checks) fn ends(&self, tokens: &[(usize, &str)]) -> bool {
        let start = tokens.len().checked_sub(self.words.len());
        start.and_then(|start| tokens.get(start..)).is_some_and(|last| self.find_among(last).is_some())
    }

    pub(in crate::checks) fn is_in(&self, text: &str) -> bool {
        self.find_among(&tokens(text)).is_some()
    }
}

/// Whether a text holds one of several phrases. Its words are looked up once.
pub(in crate::checks) fn any_in(phrases: &[Phrase], text: &str) -> bool {
    let tokens = if phrases.is_empty() { Vec::new() } else { tokens(text) };
    phrases.iter().any(|phrase| phrase.find_among(&tokens).is_some())
}

/// Runs of letters and digits with their byte offsets.
pub(in crate::checks) fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, letter.is_alphanumeric()) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                tokens.push((from, text.get(from..at).unwrap_or("")));
                start = None;
            }
            _ => {}
        }
    }
    tokens
}

/// Whether a value is a sentence for people: three words or more, with blanks between them.
pub(in crate::checks) fn is_prose(value: &str) -> bool {
    let is_word = |word: &&str| word.chars().any(char::is_alphabetic);
    value.split_whitespace().filter(is_word).count() >= 3
}

/// Whether a value is a regular expression or a list of alternatives, and so speaks of texts and is none of them.
pub(in crate::checks) fn is_pattern(value: &str) -> bool {
    let grouped = value.contains('(') && value.contains('|') && value.contains(')');
    grouped
        || value.starts_with('^')
        || ["\\b", "\\w", "\\d", ".*", ".+", "(?"].iter().any(|part| value.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, text: &str) -> Option<Range<usize>> {
        Phrase::new(phrase).find(text)
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(found("placeholder", "db_placeholder:80"), Some(3..14));
        assert_eq!(found("placeholder", "placeholders"), None);
        assert_eq!(found("replace with", "REPLACE_WITH_ID"), Some(0..12));
        assert_eq!(found("replace with", "replace-me-with"), None);
        assert_eq!(found("TODO", "todo-app"), None);
        assert_eq!(found("TODO", "key: TODO"), Some(5..9));
        assert_eq!(found("", "x"), None);
    }

    #[test]
    fn prose_and_patterns_are_recognised() {
        assert!(is_prose("See the TODO list"));
        assert!(!is_prose("<your key>"));
        assert!(is_pattern("(TODO|FIXME)"));
        assert!(is_pattern("^changeme$"));
        assert!(!is_pattern("postgres://user:pass@host/db"));
    }
}
