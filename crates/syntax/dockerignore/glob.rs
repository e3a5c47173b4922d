//! One pattern of a `.dockerignore`, compiled.

use regex::{Regex, RegexBuilder};

use super::go_regexp;
use super::parts::Parts;
use super::validity::{Malformed, check};

/// How much a pattern may grow as a program of the regular expression engine, in bytes.
const MAX_PROGRAM_BYTES: usize = 1 << 20;

/// Which library compiles the patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `moby/patternmatcher` since 2021: plain text, `…/**` and `**…` are compared as text.
    Moby,
    /// `docker/pkg/fileutils` of Engine 20.10: always a regular expression, in which only `.` and `$` are escaped.
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
        // The builders' scanner skips a byte order mark, wherever in the file the line stands.
        let scanned = pattern.strip_prefix('\u{feff}').unwrap_or(pattern);
        if has_only_simple_wildcards(scanned, dialect) {
            if !scanned.contains(['*', '?']) {
                let exact = if dialect == Dialect::Moby { pattern } else { scanned };
                return Ok(Self::Exact(exact.into()));
            }
            if let Some(parts) = Parts::of(scanned) {
                return Ok(Self::Parts(parts));
            }
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

    /// Whether the whole of `path` matches.
    pub(super) fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(text) => **text == *path,
            Self::Prefix(start) => path.starts_with(&**start),
            Self::Suffix(end) => path.ends_with(&**end) || end.strip_prefix('/') == Some(path),
            Self::Parts(parts) => parts.matches(path),
            Self::Regexp(regex) => regex.is_match(path),
            Self::Never => false,
        }
    }

    /// Whether it may match something below `directory`, which has `depth` parts. True where that is not plain.
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

    /// Whether a match of a directory holds, in buildah's expression, for all that stands below: so it is where the
    /// pattern has no operators that could bind the end of the expression in another way.
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

/// Whether every letter but `*` and `?` means only itself in the builder's expression.
fn has_only_simple_wildcards(pattern: &str, dialect: Dialect) -> bool {
    let wild = pattern.contains(['*', '?', '[', ']', '\\']);
    match dialect {
        Dialect::Moby => !wild || !pattern.contains(['[', ']', '\\', '^']),
        Dialect::Fileutils | Dialect::Containers => {
            !pattern.contains(['[', ']', '\\', '^', '+', '|', '(', ')', '{', '}'])
        }
    }
}

/// What the builder's library makes of a pattern.
pub(super) fn form(pattern: &str, dialect: Dialect) -> Form {
    let mut scan = pattern.strip_prefix('\u{feff}').unwrap_or(pattern).chars().peekable();
    let mut expression = String::from("^");
    let mut form = Form::Exact;
    let escaped: &[char] = match dialect {
        Dialect::Moby => &['.', '+', '(', ')', '|', '{', '}', '$'],
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
