//! Configuration of nginx, as its directives.
//!
//! Source: <https://nginx.org/en/docs/beginners_guide.html#conf_structure>.

use source::Span;

use crate::Spanned;

/// One directive, with a block or without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Its name.
    pub name: String,
    /// Its arguments, quotes removed.
    pub arguments: Vec<Spanned<String>>,
    /// The name of the block that it stands in; empty at the top.
    pub within: String,
}

/// Reads a configuration or a part of one: its directives in the order of the text, those of blocks after the block's own.
#[must_use]
pub fn parse(text: &str) -> Vec<Directive> {
    let mut found = Vec::new();
    let mut blocks: Vec<String> = Vec::new();
    let mut words: Vec<Spanned<String>> = Vec::new();
    let mut at = 0;
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        match letter {
            '#' => at = end_of(text, at, |letter| letter == '\n'),
            ';' | '{' | '}' => {
                found.extend(directive(std::mem::take(&mut words), &blocks));
                match (letter, found.last()) {
                    ('{', Some(head)) => blocks.push(head.name.clone()),
                    ('{', None) => blocks.push(String::new()),
                    ('}', _) => drop(blocks.pop()),
                    _ => {}
                }
                at += 1;
            }
            '"' | '\'' => {
                let end = end_of(text, at + 1, |other| other == letter);
                let span = Span::new(at + 1, end);
                words.push(Spanned::new(span.of(text).to_owned(), span));
                at = (end + 1).min(text.len());
            }
            blank if blank.is_whitespace() => at += blank.len_utf8(),
            _ => {
                let span = Span::new(at, end_of_word(text, at));
                words.push(Spanned::new(span.of(text).to_owned(), span));
                at = span.end;
            }
        }
    }
    found
}

fn directive(words: Vec<Spanned<String>>, blocks: &[String]) -> Option<Directive> {
    let mut words = words.into_iter();
    let name = words.next()?.value;
    let within = blocks.last().cloned().unwrap_or_default();
    Some(Directive { name, arguments: words.collect(), within })
}

/// The first byte from `at` on whose character ends it, or the end of the text.
fn end_of(text: &str, at: usize, ends: impl Fn(char) -> bool) -> usize {
    text.get(at..).and_then(|rest| rest.find(ends)).map_or(text.len(), |length| at + length)
}

/// The end of a word: the braces of `${NAME}` are of it.
fn end_of_word(text: &str, start: usize) -> usize {
    let mut at = start;
    loop {
        at = end_of(text, at, |letter| letter.is_whitespace() || matches!(letter, ';' | '{' | '}'));
        let is_variable = text.get(start..at).is_some_and(|word| word.ends_with('$'));
        if !is_variable || !text.get(at..).is_some_and(|rest| rest.starts_with('{')) {
            return at;
        }
        at = end_of(text, at, |letter| matches!(letter, '}' | ';' | '\n'));
        if text.get(at..).is_some_and(|rest| rest.starts_with('}')) {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::trial::cases;

    #[test]
    fn directives_with_their_blocks() {
        let text = "http {\n  upstream api { server api:8000 weight=2; } # server no:1;\n  server {\n    location /x {\n      \
                    proxy_pass \"http://api\";\n    }\n    set $up http://${HOST}:80;\n  }\n}\n";
        let found: Vec<_> = parse(text)
            .into_iter()
            .map(|one| {
                let arguments: Vec<_> = one.arguments.into_iter().map(|word| word.value).collect();
                (one.within, one.name, arguments.join(" "))
            })
            .collect();
        let expected = [
            ("", "http", ""),
            ("http", "upstream", "api"),
            ("upstream", "server", "api:8000 weight=2"),
            ("http", "server", ""),
            ("server", "location", "/x"),
            ("location", "proxy_pass", "http://api"),
            ("server", "set", "$up http://${HOST}:80"),
        ];
        let expected =
            expected.map(|(within, name, words)| (within.to_owned(), name.to_owned(), words.to_owned()));
        assert_eq!(found, expected);
    }

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn any_text_is_read(text in "[a-z{};#$\"' \n\u{e9}]{0,80}") {
            for word in parse(&text).into_iter().flat_map(|one| one.arguments) {
                prop_assert_eq!(text.get(word.span.start..word.span.end), Some(word.value.as_str()));
            }
        }
    }
}
