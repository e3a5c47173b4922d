//! Patterns of plain parts, `*`, `?`, `[a-z]` and whole `**`: nearly all that people write. Compared part by
//! part, without a regular expression to compile.

use super::compare::{begins_with, ends_with};
use super::component::{Component, Token};

/// A pattern, anchored at both ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    starts: Box<str>,
    ends: Box<str>,
    sequence: Box<[Part]>,
    /// Whether it is one `**/` and names behind it, which stand at the end of a path or nowhere.
    is_tail: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// `**/`: any directories, or none.
    Directories,
    /// One part of a path.
    Name(Component),
    /// `**` at the end: all that is left, at least one part.
    Rest,
}

impl Parts {
    /// The parts of `pattern`; `None` where a `**` stands beside other letters, as in `**.py`, and for
    /// brackets that could match a `/`. The caller has made sure that no letter but `*`, `?` and `[` means
    /// more than itself.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut names = pattern.split('/').peekable();
        while let Some(name) = names.next() {
            parts.push(match name {
                "**" if names.peek().is_some() => Part::Directories,
                "**" => Part::Rest,
                _ if name.contains("**") => return None,
                _ => Part::Name(Component::of(tokens(name)?)),
            });
        }
        let starts = literal_start(&parts).into();
        let ends = match parts.last() {
            Some(Part::Name(last)) => last.ends().into(),
            _ => "".into(),
        };
        let is_tail = match parts.split_first() {
            Some((Part::Directories, names)) => names.iter().all(Part::is_name),
            _ => false,
        };
        Some(Self { starts, ends, sequence: parts.into(), is_tail })
    }

    /// The text with which every match begins.
    pub(super) fn starts(&self) -> &str {
        &self.starts
    }

    /// The most parts that a match can have; `None` where there is no limit.
    pub(super) fn max_depth(&self) -> Option<usize> {
        self.sequence.iter().all(Part::is_name).then_some(self.sequence.len())
    }

    /// Whether the whole of `path` matches.
    pub(super) fn matches(&self, path: &str) -> bool {
        begins_with(path, &self.starts)
            && ends_with(path, &self.ends)
            && if self.is_tail { self.matches_tail(path) } else { self.matches_parts(path) }
    }

    /// Compares the names from the right.
    fn matches_tail(&self, path: &str) -> bool {
        let mut rest = Some(path);
        for part in self.sequence.iter().skip(1).rev() {
            let (Part::Name(component), Some(from)) = (part, rest) else { return false };
            let (above, name) = match from.rsplit_once('/') {
                Some((above, name)) => (Some(above), name),
                None => (None, from),
            };
            if !component.matches(name) {
                return false;
            }
            rest = above;
        }
        true
    }

    /// The last `**/` seen takes one directory more on each mismatch.
    fn matches_parts(&self, path: &str) -> bool {
        let mut at = 0;
        let mut rest = Some(path);
        let mut directories: Option<(usize, &str)> = None;
        loop {
            match (self.sequence.get(at), rest) {
                (Some(Part::Directories), Some(from)) => {
                    at += 1;
                    directories = Some((at, from));
                    continue;
                }
                (Some(Part::Rest), Some(_)) | (None, None) => return true,
                (Some(Part::Name(component)), Some(from)) => {
                    let (name, after) = split_first(from);
                    if component.matches(name) {
                        at += 1;
                        rest = after;
                        continue;
                    }
                }
                _ => {}
            }
            let Some((after, from)) = directories else { return false };
            let Some(below) = split_first(from).1 else { return false };
            directories = Some((after, below));
            at = after;
            rest = Some(below);
        }
    }
}

/// The text that every match begins with: whole literal parts, and the beginning of the next.
fn literal_start(parts: &[Part]) -> String {
    let mut start = String::new();
    for (index, part) in parts.iter().enumerate() {
        let Part::Name(component) = part else { break };
        start.push_str(&component.starts());
        if !matches!(component, Component::Literal(_)) {
            break;
        }
        if index + 1 < parts.len() {
            start.push('/');
        }
    }
    start
}

impl Part {
    const fn is_name(&self) -> bool {
        matches!(self, Self::Name(_))
    }
}

fn tokens(name: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        tokens.push(match letter {
            '*' => Token::Star,
            '?' => Token::One,
            '[' => {
                let (inside, rest) = letters.as_str().split_once(']')?;
                letters = rest.chars();
                Token::Class { negated: false, ranges: ranges(inside)? }
            }
            ']' => return None,
            _ => Token::Letter(letter),
        });
    }
    Some(tokens)
}

/// The ranges of a class; `None` where it is negated, could match a `/`, or is not one that Go reads in this
/// way.
fn ranges(inside: &str) -> Option<Box<[(char, char)]>> {
    let mut ranges = Vec::new();
    let mut letters = inside.chars().peekable();
    if inside.starts_with('^') || inside.contains(['[', '*', '?', '\\']) {
        return None;
    }
    while let Some(low) = letters.next() {
        let high = if letters.next_if_eq(&'-').is_some() { letters.next()? } else { low };
        if low > high || (low..=high).contains(&'/') {
            return None;
        }
        ranges.push((low, high));
    }
    Some(ranges.into())
}

/// The first part of a path, and what follows its `/`.
fn split_first(path: &str) -> (&str, Option<&str>) {
    path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_parts_are_compared() {
        for (pattern, path, expected) in [
            ("*", "a", true),
            ("*", "a/b", false),
            ("*/*.pyc", "src/foo.pyc", true),
            ("**/a/*/b", "x/a/a/y/b", true),
            ("**/a/*/b", "x/a/y/z/b", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**", "a", false),
            ("**/a/**", "x/a/y/z", true),
            ("**/a/**", "a", false),
            ("**/**/*.txt", "file.txt", true),
            ("a/**/b/**/c", "a/b/x/b/c", true),
            ("*x", "a/x", false),
            ("a?b", "a/b", false),
            ("**/[Tt]humbs.db", "a/thumbs.db", true),
            ("[a-c]x/[+]", "bx/+", true),
            ("**/b/*", "b/a", true),
            ("**/b/*", "a", false),
        ] {
            assert_eq!(Parts::of(pattern).unwrap().matches(path), expected, "{pattern} {path}");
        }
        for regular in ["**.py", "[^a]", "[+-9]", "[*]", "[z-a]", "a]"] {
            assert_eq!(Parts::of(regular), None, "{regular}");
        }
    }

    #[test]
    fn limits_of_what_can_match() {
        let limits = |pattern| {
            let parts = Parts::of(pattern).unwrap();
            (parts.starts().to_owned(), parts.max_depth())
        };
        assert_eq!(limits("app/*/x*"), ("app/".into(), Some(3)));
        assert_eq!(limits("app/test_*"), ("app/test_".into(), Some(2)));
        assert_eq!(limits("app/**/x"), ("app/".into(), None));
        assert_eq!(limits("**/x"), (String::new(), None));
    }
}
