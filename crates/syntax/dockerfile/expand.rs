//! Quotes, escapes and variables in a word, as `BuildKit` resolves them.
//!
//! The rules are those of `frontend/dockerfile/shell` at commit 73ed682: `$name` and `${name}`, the modifiers `-`
//! `+` `?` (with `:` also for empty values), `#` `##` `%` `%%` and `/` `//` with shell patterns, single and double
//! quotes, and an escape character that is the file's own.

mod lexer;
mod pattern;
mod words;

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use lexer::{Lexer, Options, Quotes};
use words::Word;

/// What one call of [`expand`] may cost: about the number of bytes that it writes. Words of a build are far below.
const WORK: u64 = 1 << 22;

/// A word after quotes, escapes and variables were resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expanded {
    /// The result.
    pub text: String,
    /// Variables that had a value, each once, in the order of their first use.
    pub matched: Vec<String>,
    /// Variables that had none, each once, also where a default took their place: what `BuildKit` warns of.
    pub unmatched: Vec<String>,
    /// Those of `unmatched` for which nothing took their place, so that they became the empty string.
    pub unset: Vec<String>,
}

/// Why a word cannot be expanded; the build fails on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandError {
    /// What is wrong.
    pub message: String,
    /// Which kind of wrong.
    pub kind: ExpandErrorKind,
}

/// The kinds of [`ExpandError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpandErrorKind {
    /// An open quote or brace, a modifier or an escape that does not exist.
    Syntax,
    /// `${name:?why}` or `${name?why}`, and the variable is not set.
    Required,
    /// The result is larger, or braces are nested deeper, than this reader follows.
    Limit,
}

impl ExpandError {
    fn syntax(message: impl Into<String>) -> Self {
        Self { message: message.into(), kind: ExpandErrorKind::Syntax }
    }
}

impl fmt::Display for ExpandError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for ExpandError {}

/// `word` with its quotes and escapes resolved and its variables replaced by what `lookup` gives for their names.
/// `escape` is the file's escape character. Blanks stay as they are.
///
/// In `${name//pattern/replacement}` the replacement is taken as it stands; `BuildKit` reads a `$` in it once more.
///
/// # Errors
/// An open quote or brace, a modifier that does not exist, or an unset variable that `${name:?why}` demands.
pub fn expand(
    word: &str,
    escape: char,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Expanded, ExpandError> {
    expand_within(word, escape, lookup, &Cell::new(WORK))
}

/// [`expand`] that may cost what `budget` still holds, and takes its cost off.
pub(super) fn expand_within(
    word: &str,
    escape: char,
    lookup: &dyn Fn(&str) -> Option<String>,
    budget: &Cell<u64>,
) -> Result<Expanded, ExpandError> {
    whole(Lexer::new(word, Options { escape, ..Options::default() }, lookup, budget))
}

/// Like [`expand`], and the result split at blanks that are not quoted, as `EXPOSE` does. Blanks in a variable's
/// value split too.
///
/// # Errors
/// As for [`expand`].
pub fn expand_words(
    text: &str,
    escape: char,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<String>, ExpandError> {
    let budget = Cell::new(WORK);
    let lexer = Lexer::new(text, Options { escape, ..Options::default() }, lookup, &budget);
    Ok(lexer.words()?.into_iter().map(|word| word.text).collect())
}

/// The variables of a here-document's text replaced, quotes left as they are: what `COPY` does with a
/// here-document whose word is not quoted. The escape character is always the backslash.
///
/// # Errors
/// As for [`expand`], open quotes apart.
pub fn expand_heredoc(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Expanded, ExpandError> {
    let options = Options { quotes: Quotes::Ordinary, ..Options::default() };
    whole(Lexer::new(text, options, lookup, &Cell::new(WORK)))
}

/// The words of a command line with their quotes and escapes, variables left alone.
pub(super) fn raw_words(text: &str) -> Result<Vec<Word>, ExpandError> {
    let options =
        Options { quotes: Quotes::Keep, keep_escapes: true, keep_unset: true, ..Options::default() };
    Lexer::new(text, options, &|_| None, &Cell::new(linear(text))).words()
}

/// The words of a text without their quotes (or with them: `keep_quotes`) and escapes, variables left alone.
pub(super) fn literal_words(text: &str, keep_quotes: bool) -> Result<Vec<Word>, ExpandError> {
    let quotes = if keep_quotes { Quotes::Keep } else { Quotes::Remove };
    let options = Options { quotes, keep_unset: true, ..Options::default() };
    Lexer::new(text, options, &|_| None, &Cell::new(linear(text))).words()
}

/// Enough work for every text whose braces are not nested beyond reason.
fn linear(text: &str) -> u64 {
    64 * text.len() as u64 + WORK
}

fn whole(lexer: Lexer<'_>) -> Result<Expanded, ExpandError> {
    let (text, names) = lexer.text()?;
    Ok(Expanded {
        text,
        matched: each_once(names.matched),
        unmatched: each_once(names.unmatched),
        unset: each_once(names.unset),
    })
}

fn each_once(mut names: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(vars: &[(&str, &str)], word: &str) -> Result<String, String> {
        let lookup =
            |name: &str| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        expand(word, '\\', &lookup).map(|done| done.text).map_err(|error| error.message)
    }

    #[test]
    fn quotes_and_escapes_are_resolved() {
        let vars = [("PORT", "8080")];
        assert_eq!(with(&vars, r#""a b":'$PORT':\$PORT:"$PORT""#).unwrap(), "a b:$PORT:$PORT:8080");
        assert_eq!(expand("C:\\x`$A", '`', &|_| None).unwrap().text, "C:\\x$A");
        assert!(with(&vars, "\"a").unwrap_err().contains("double quote"));
    }

    #[test]
    fn modifiers_look_at_unset_and_empty() {
        let vars = [("SET", "v"), ("EMPTY", "")];
        for (word, want) in [
            ("${SET:-d}${EMPTY:-d}${NONE:-d}", "vdd"),
            ("${SET-d}${EMPTY-d}${NONE-d}", "vd"),
            ("${SET:+y}${EMPTY:+y}${NONE:+y}", "y"),
            ("${SET+y}${EMPTY+y}${NONE+y}", "yy"),
            ("${NONE:-${SET}-${NONE:-deep}}", "v-deep"),
        ] {
            assert_eq!(with(&vars, word).unwrap(), want, "{word}");
        }
        assert_eq!(with(&vars, "${NONE:?give it}").unwrap_err(), "NONE: give it");
        assert!(with(&vars, "${SET:=x}").is_err());
    }

    #[test]
    fn patterns_cut_and_replace() {
        let vars = [("P", "/usr/local/app.tar.gz")];
        for (word, want) in [
            ("${P#/*/}", "local/app.tar.gz"),
            ("${P##*/}", "app.tar.gz"),
            ("${P%.*}", "/usr/local/app.tar"),
            ("${P%%.*}", "/usr/local/app"),
            ("${P/l*l/X}", "/usr/X/app.tar.gz"),
            ("${P//a?/_}", "/usr/loc_/_p.t_.gz"),
            ("${P//\\//:}", ":usr:local:app.tar.gz"),
        ] {
            assert_eq!(with(&vars, word).unwrap(), want, "{word}");
        }
        assert!(with(&vars, "${P#\\q}").is_err());
    }

    #[test]
    fn names_without_a_value_are_told() {
        let done = expand("$A ${B:-x} ${C+y} $A $D", '\\', &|name| (name == "D").then(String::new)).unwrap();
        assert_eq!(done.matched, ["D"]);
        assert_eq!(done.unmatched, ["A", "B", "C"]);
        assert_eq!(done.unset, ["A"]);
    }

    #[test]
    fn words_split_at_blanks_of_a_value_but_not_in_quotes() {
        let lookup = |_: &str| Some("1 2".to_owned());
        assert_eq!(expand_words("a$X \"$X\" b\\ c", '\\', &lookup).unwrap(), ["a1", "2", "1 2", "b c"]);
    }

    #[test]
    fn depth_and_size_have_a_limit() {
        let deep = "${a:-".repeat(100_000);
        assert_eq!(expand(&deep, '\\', &|_| None).unwrap_err().kind, ExpandErrorKind::Limit);
        let large = "x".repeat(1 << 17);
        let all = "$A".repeat(1 << 15);
        let error = expand(&all, '\\', &|_| Some(large.clone())).unwrap_err();
        assert_eq!(error.kind, ExpandErrorKind::Limit);
    }
}
