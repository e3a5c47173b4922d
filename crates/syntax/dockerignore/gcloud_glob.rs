//! One pattern of a `.gcloudignore`, compiled: Python's `fnmatch` part by part, from right to left.
//!
//! Read in `gcloudignore.py` and `glob.py` of gcloud 528. Only what a pattern says is compared, so `a/b`
//! matches `x/a/b` too; a leading `/` (an empty first part) or a `**` ties it to the root.

use super::component::{Component, Token};

/// A pattern for the whole path of a file or directory.
#[derive(Debug, Clone)]
pub(super) struct GcloudGlob {
    /// From left to right.
    parts: Vec<Part>,
    only_directories: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// `**`: any parts, or none.
    Any,
    Name(Component),
}

/// What is left of a path, read from its end: `None` where even the root has been used up.
type Left<'p> = Option<&'p str>;

impl GcloudGlob {
    /// Compiles an unescaped pattern whose final `/` says that it is for directories only.
    pub(super) fn compile(pattern: &str) -> Self {
        let (pattern, only_directories) = match pattern.strip_suffix('/') {
            Some(rest) => (rest, true),
            None => (pattern, false),
        };
        let part =
            |name: &str| if name == "**" { Part::Any } else { Part::Name(Component::of(tokens(name))) };
        Self { parts: pattern.split('/').map(part).collect(), only_directories }
    }

    /// Whether `path` matches.
    pub(super) fn matches(&self, path: &str, is_dir: bool) -> bool {
        (is_dir || !self.only_directories) && self.matches_from_end(path)
    }

    /// Whether it has a leading `/`, and so an empty first part, which only the root matches.
    fn begins_at_root(&self) -> bool {
        matches!(self.parts.first(), Some(Part::Name(Component::Literal(name))) if name.is_empty())
    }

    /// The last `**` seen gives up one part of the path more on each mismatch.
    fn matches_from_end(&self, path: &str) -> bool {
        let mut end = self.parts.len();
        let mut left: Left<'_> = Some(path);
        let mut any: Option<(usize, &str)> = None;
        loop {
            match (end.checked_sub(1).and_then(|last| self.parts.get(last)), left) {
                (None, left) => {
                    let at_root = if self.begins_at_root() { left.is_none() } else { left == Some("") };
                    // A `**` ties what stands before it to the root.
                    if at_root || any.is_none() {
                        return true;
                    }
                }
                (Some(Part::Any), Some(path)) => {
                    end -= 1;
                    any = Some((end, path));
                    continue;
                }
                (Some(Part::Name(component)), Some(path)) => {
                    let (parent, name) = split_last(path);
                    let too_deep = *component == Component::Any
                        && end == 1
                        && any.is_none()
                        && is_longer_than_one(parent);
                    if !too_deep && component.matches(name) {
                        end -= 1;
                        left = parent;
                        continue;
                    }
                }
                (Some(_), None) => {}
            }
            let Some((after, from)) = any else { return false };
            let (Some(above), _) = split_last(from) else { return false };
            any = Some((after, above));
            end = after;
            left = Some(above);
        }
    }
}

/// gcloud means to ask whether there is a directory above, but asks whether its path has more than one
/// letter.
fn is_longer_than_one(parent: Left<'_>) -> bool {
    parent.is_some_and(|parent| parent.chars().nth(1).is_some())
}

/// The path above and the last part. Above the root there is nothing.
fn split_last(path: &str) -> (Left<'_>, &str) {
    match path.rsplit_once('/') {
        Some((parent, name)) => (Some(parent), name),
        None if path.is_empty() => (None, ""),
        None => (Some(""), path),
    }
}

/// The tokens of `fnmatch`, in which `[!x]` is the negation and `[^x]` is not.
fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        rest = rest.get(letter.len_utf8()..).unwrap_or("");
        tokens.push(match letter {
            '*' => Token::Star,
            '?' => Token::One,
            '[' => match class(rest) {
                Some((class, after)) => {
                    rest = after;
                    class
                }
                None => Token::Letter('['),
            },
            _ => Token::Letter(letter),
        });
    }
    tokens
}

/// A class after its `[`, and what follows its `]`. A `]` that comes first is a letter.
fn class(text: &str) -> Option<(Token, &str)> {
    let (inside, negated) = match text.strip_prefix('!') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let from = usize::from(inside.starts_with(']'));
    let end = from + inside.get(from..)?.find(']')?;
    let (inside, after) = inside.split_at_checked(end)?;
    let token = Token::Class { negated, ranges: ranges(inside).into() };
    Some((token, after.strip_prefix(']')?))
}

fn ranges(inside: &str) -> Vec<(char, char)> {
    let mut ranges = Vec::new();
    let mut letters = inside.chars();
    while let Some(low) = letters.next() {
        let mut ahead = letters.clone();
        if let (Some('-'), Some(high)) = (ahead.next(), ahead.next()) {
            letters = ahead;
            ranges.push((low, high));
        } else {
            ranges.push((low, low));
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_compared_from_the_right() {
        for (pattern, path, expected) in [
            ("a/b", "x/a/b", true),
            ("/a/b", "x/a/b", false),
            ("/a", "a", true),
            ("*", "app", true),
            ("*", "app/main.py", false),
            ("*", "a/main.py", true),
            ("/*", "app/main.py", false),
            ("*/x", "x", true),
            ("*/x", "a/x", true),
            ("*/x", "ab/c/x", false),
            ("*.pyc", "a/b.pyc", true),
            ("[!x].txt", "y.txt", true),
            ("[^x].txt", "x.txt", true),
            ("[]a]", "]", true),
            ("[a", "[a", true),
            ("[z-a]", "m", false),
            ("**", "a/b", true),
            ("**/b", "x/a/b", true),
            ("**/b", "b", true),
            ("a/**", "a", true),
            ("a/**", "a/b/c", true),
            ("a/**", "x/a/b", false),
            ("a/**/d", "a/b/c/d", true),
            ("a/**/d", "a/d", true),
            ("**/b/*/d", "a/b/c/d", true),
            ("**/*/d", "d", false),
            ("*/*/**", "a", false),
            ("*/*/**", "a/b", true),
            ("/a/**", "a/b", true),
            ("/a/**", "x/a/b", false),
            ("a//b", "a/b", false),
        ] {
            assert_eq!(GcloudGlob::compile(pattern).matches(path, false), expected, "{pattern} {path}");
        }
        assert!(GcloudGlob::compile("d/").matches("x/d", true));
        assert!(!GcloudGlob::compile("d/").matches("x/d", false));
    }
}
