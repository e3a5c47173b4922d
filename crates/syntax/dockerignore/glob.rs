//! One pattern of a `.dockerignore`, compiled.

use regex::{Regex, RegexBuilder};

use super::compare::{begins_with, ends_with, equals};
use super::go_regexp;
use super::parts::Parts;
use super::validity::{Malformed, check};

/// How much a pattern may grow as a program of the regular expression engine, in bytes.
const MAX_PROGRAM_BYTES: usize = 1 << 16;

/// Which library compiles the patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `moby/patternmatcher` since 2021: plain text, `…/**` and `**…` are compared as text.
    Moby,
    /// `docker/pkg/fileutils` of Engine 20.10: always a regular expression, in which only `.` and `$` are
    /// escaped.
    Fileutils,
    /// `containers/storage/pkg/fileutils`: the same, and every pattern matches what stands below, too.
    Containers,
}

/// How a pattern is compared with a whole path.
#[derive(Debug, Clone)]
pub(super) enum Glob {
    /// Equal to it.
    Exact(Box<str>),
    /// The path begins with it.
    Prefix(Box<str>),
    /// The path ends with it, or is it without its leading `/`.
    Suffix(Box<str>),
    /// Part by part.
    Parts(Parts),
    /// By a regular expression.
    Regexp(Box<Regex>),
    /// Not at all: the pattern was refused.
    Never,
}

/// What `moby/patternmatcher` makes of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Equal text.
    Exact,
    /// Equal text before a final `**`.
    Prefix,
    /// Equal text after a leading `**`.
    Suffix,
    /// This expression of Go's `regexp`.
    Regexp(String),
}

impl Glob {
    /// Compiles a cleaned pattern without its `!`.
    pub(super) fn compile(pattern: &str, dialect: Dialect) -> Result<Self, Malformed> {
        check(pattern)?;
        if let Some(simple) = Self::simple(pattern, dialect) {
            return Ok(simple);
        }
        match form(pattern, dialect) {
            Form::Exact => Ok(Self::Exact(pattern.into())),
            Form::Prefix => Ok(Self::Prefix(pattern.strip_suffix("**").unwrap_or(pattern).into())),
            Form::Suffix => {
                Ok(pattern.strip_prefix("**").map_or(Self::Never, |suffix| Self::Suffix(suffix.into())))
            }
            Form::Regexp(expression) => regexp(&expression).map(|regex| Self::Regexp(Box::new(regex))),
        }
    }

    /// The quick forms, where the builder's expression means the same.
    fn simple(pattern: &str, dialect: Dialect) -> Option<Self> {
        // A byte order mark can stand before any line. The builders skip it where they make an expression,
        // and only there.
        let scanned = match pattern.strip_prefix('\u{feff}') {
            Some(_) if dialect == Dialect::Moby => return None,
            Some(rest) => rest,
            None => pattern,
        };
        if !has_only_simple_wildcards(scanned, dialect) {
            None
        } else if scanned.contains(['*', '?', '[', ']']) {
            Parts::of(scanned).map(Self::Parts)
        } else {
            Some(Self::Exact(scanned.into()))
        }
    }

    /// Whether the whole of `path` matches.
    pub(super) fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(text) => equals(text, path),
            Self::Prefix(start) => begins_with(path, start),
            Self::Suffix(end) => ends_with(path, end) || end.strip_prefix('/') == Some(path),
            Self::Parts(parts) => parts.matches(path),
            Self::Regexp(regex) => regex.is_match(path),
            Self::Never => false,
        }
    }

    /// Whether it may match something below `directory`, which has `depth` parts. True where that is not
    /// plain.
    pub(super) fn may_match_below(&self, directory: &str, depth: usize) -> bool {
        let begins_below = |start: &str| match start.strip_prefix(directory) {
            Some(rest) => rest.is_empty() || rest.starts_with('/'),
            None => directory.starts_with(start),
        };
        match self {
            Self::Exact(text) => text.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/')),
            Self::Prefix(start) => begins_below(start),
            Self::Parts(parts) => {
                begins_below(parts.starts()) && parts.max_depth().is_none_or(|max| max > depth)
            }
            Self::Suffix(_) | Self::Regexp(_) => true,
            Self::Never => false,
        }
    }

    /// Whether a match of a directory holds, in buildah's expression, for all that stands below: so it is
    /// where the pattern has no operators that could bind the end of the expression in another way.
    pub(super) const fn is_plain(&self) -> bool {
        matches!(self, Self::Exact(_) | Self::Parts(_))
    }
}

fn regexp(expression: &str) -> Result<Regex, Malformed> {
    let translated = go_regexp::translate(expression).ok_or(Malformed::Untranslatable)?;
    RegexBuilder::new(&translated)
        .size_limit(MAX_PROGRAM_BYTES)
        .dfa_size_limit(MAX_PROGRAM_BYTES)
        .build()
        .map_err(|_| Malformed::Untranslatable)
}

/// Whether every letter but `*`, `?` and `[` means only itself in the builder's expression.
fn has_only_simple_wildcards(pattern: &str, dialect: Dialect) -> bool {
    let wild = pattern.contains(['*', '?', '[', ']', '\\']);
    match dialect {
        Dialect::Moby => !wild || !pattern.contains(['\\', '^', '|', '{', '}']),
        Dialect::Fileutils | Dialect::Containers => {
            !pattern.contains(['\\', '^', '+', '|', '(', ')', '{', '}'])
        }
    }
}

/// What the builder's library makes of a pattern.
pub(super) fn form(pattern: &str, dialect: Dialect) -> Form {
    let mut scan = pattern.strip_prefix('\u{feff}').unwrap_or(pattern).chars().peekable();
    let mut expression = String::from("^");
    let mut form = Form::Exact;
    let escaped: &[char] = match dialect {
        // It means to escape `|`, `{` and `}` as well, but its table of bits has no room for them.
        Dialect::Moby => &['.', '+', '(', ')', '$'],
        Dialect::Fileutils | Dialect::Containers => &['.', '$'],
    };
    let mut first = true;
    while let Some(letter) = scan.next() {
        match letter {
            '*' if scan.next_if_eq(&'*').is_some() => {
                scan.next_if_eq(&'/');
                let at_end = scan.peek().is_none();
                expression.push_str(if at_end { ".*" } else { "(.*/)?" });
                form = match form {
                    _ if first => Form::Suffix,
                    Form::Exact if at_end => Form::Prefix,
                    _ => Form::Regexp(String::new()),
                };
            }
            '*' => push_wild(&mut expression, &mut form, "[^/]*"),
            '?' => push_wild(&mut expression, &mut form, "[^/]"),
            '[' | ']' => push_wild(&mut expression, &mut form, letter.encode_utf8(&mut [0; 4])),
            '\\' => {
                expression.push('\\');
                if let Some(letter) = scan.next() {
                    push_wild(&mut expression, &mut form, letter.encode_utf8(&mut [0; 4]));
                }
            }
            _ => {
                if escaped.contains(&letter) {
                    expression.push('\\');
                }
                expression.push(letter);
            }
        }
        first = false;
    }
    if dialect == Dialect::Containers {
        expression.push_str("(/.*)?");
    }
    expression.push('$');
    match form {
        Form::Regexp(_) => Form::Regexp(expression),
        _ if dialect != Dialect::Moby => Form::Regexp(expression),
        form => form,
    }
}

fn push_wild(expression: &mut String, form: &mut Form, text: &str) {
    expression.push_str(text);
    *form = Form::Regexp(String::new());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, dialect: Dialect, path: &str) -> Option<bool> {
        Glob::compile(pattern, dialect).ok().map(|glob| glob.matches(path))
    }

    #[test]
    fn letters_that_one_library_escapes_are_operators_in_another() {
        for (pattern, path, moby, fileutils) in [
            ("a+b.txt", "a+b.txt", true, false),
            ("a+b.txt", "aab.txt", false, true),
            ("^caret", "caret", false, true),
            ("^car*", "caret", true, true),
            ("app|x.txt", "app", false, true),
            ("a|b*", "apple", true, true),
            ("{a,b}*", "{a,b}c", true, true),
            ("a{2}*", "aab", true, true),
            ("**.py", "a/x.py", true, false),
            ("**.py", "a/.py", true, true),
            ("[*]", "^]", true, true),
            ("\\d*", "7x", true, true),
        ] {
            assert_eq!(matches(pattern, Dialect::Moby, path), Some(moby), "{pattern} {path}");
            assert_eq!(matches(pattern, Dialect::Fileutils, path), Some(fileutils), "{pattern} {path}");
        }
    }

    #[test]
    fn buildah_binds_the_end_of_an_alternative_to_the_last_one_only() {
        assert_eq!(matches("app|x.txt", Dialect::Containers, "application"), Some(true));
        assert_eq!(matches("app|x.txt", Dialect::Containers, "a/x.txt/b"), Some(true));
        assert_eq!(matches("x+*y", Dialect::Containers, "x"), Some(false));
        assert_eq!(matches("*+", Dialect::Containers, "x"), None);
    }

    #[test]
    fn what_may_match_below_a_directory() {
        for (pattern, directory, expected) in [
            ("a/b", "a", true),
            ("a/b", "ab", false),
            ("a/b", "a/b", false),
            ("a*/x", "ab", true),
            ("a*/x", "ab/c", false),
            ("a/**", "a/b/c", true),
            ("a**", "ab", true),
            ("a**", "b", false),
            ("**/x", "b", true),
            ("*.md", "b", false),
            ("[^a]", "b", true),
        ] {
            let glob = Glob::compile(pattern, Dialect::Moby).unwrap();
            let depth = directory.split('/').count();
            assert_eq!(glob.may_match_below(directory, depth), expected, "{pattern} {directory}");
        }
    }
}
