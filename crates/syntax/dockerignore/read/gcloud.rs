//! The lines of a `.gcloudignore`.

use source::Span;

use super::{IgnoreFile, Include, MAX_PATTERNS, Pattern, too_many, trimmed};
use crate::{Parsed, Spanned, SyntaxError};

const INCLUDE: &str = "!include:";

/// Reads a `.gcloudignore`, or a `.gitignore` that it includes, as gcloud does (528.0.0, read in its source
/// and measured).
///
/// Lines end where Python's `splitlines` ends them, a byte order mark belongs to the first pattern, and lines
/// that hold nothing or end in an unescaped `\` are passed over. A pattern for directories only keeps its
/// final `/` in [`Pattern::cleaned`].
#[must_use]
pub fn parse_gcloud(text: &str) -> Parsed<IgnoreFile> {
    let mut file = IgnoreFile::default();
    let mut errors = Vec::new();
    for line in Lines::of(text) {
        if let Some(comment) = line.text.strip_prefix('#') {
            if comment.trim_start().starts_with(INCLUDE) {
                read_include(&line, &mut file, &mut errors);
            }
            continue;
        }
        let (body, negated) = match line.text.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (line.text, false),
        };
        if let Some(cleaned) = unescaped(body) {
            let (text, span) = trimmed(line.text, line.start);
            if file.patterns.len() == MAX_PATTERNS {
                errors.push(too_many(span));
                break;
            }
            let text = text.to_owned();
            file.patterns.push(Pattern { text, cleaned, negated, line: line.number, span, file: None });
        }
    }
    Parsed { tree: file, errors }
}

fn read_include(line: &Line<'_>, file: &mut IgnoreFile, errors: &mut Vec<SyntaxError>) {
    let Some((before, name)) = line.text.split_once(INCLUDE) else { return };
    let start = line.start + before.len() + INCLUDE.len();
    let span = Span::new(start, start + name.len());
    if name.contains('/') {
        let message =
            format!("gcloud stops here: `{name}` has a `/`, and only a file beside this one may be included");
        errors.push(SyntaxError { span, message });
        return;
    }
    let name = Spanned::new(name.to_owned(), span);
    file.includes.push(Include { name, line: line.number, at: file.patterns.len() });
}

/// The pattern without its escapes; `None` for a line that gcloud passes over.
fn unescaped(body: &str) -> Option<String> {
    let (body, only_directories) = match body.strip_suffix('/') {
        Some(rest) => (rest, true),
        None => (body, false),
    };
    let body = without_trailing_spaces(body).replace("\\ ", " ");
    let backslashes = body.len() - body.trim_end_matches('\\').len();
    if backslashes % 2 == 1 {
        return None;
    }
    let mut pattern = without_escapes(&body);
    if pattern.is_empty() {
        return None;
    }
    // A `/` before trailing blanks names a part that is empty, which no path has; so does a second `/`.
    if only_directories || pattern.ends_with('/') {
        pattern.push('/');
    }
    Some(pattern)
}

/// Drops spaces at the end, but not one behind a backslash.
fn without_trailing_spaces(line: &str) -> &str {
    let kept = line.trim_end_matches(' ');
    let backslashes = kept.len() - kept.trim_end_matches('\\').len();
    let escaped = backslashes % 2 == 1 && kept.len() < line.len();
    line.get(..kept.len() + usize::from(escaped)).unwrap_or(kept)
}

/// First `\x` becomes `x` for every `x` but a backslash, then `\\` becomes `\`: two passes, as gcloud does
/// it, so that `\\*` ends as `\*`.
fn without_escapes(line: &str) -> String {
    let mut once = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(letter) = chars.next() {
        let escapes = letter == '\\' && chars.peek().is_some_and(|next| *next != '\\');
        if escapes {
            once.extend(chars.next());
        } else {
            once.push(letter);
        }
    }
    once.replace("\\\\", "\\")
}

struct Line<'t> {
    text: &'t str,
    start: usize,
    /// 1-based, counting as editors do: line feeds.
    number: u32,
}

/// The lines of a text as Python's `str.splitlines` sees them.
struct Lines<'t> {
    text: &'t str,
    start: usize,
    number: u32,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, start: 0, number: 1 }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let rest = self.text.get(self.start..).filter(|rest| !rest.is_empty())?;
        let end = rest.find(ends_line).unwrap_or(rest.len());
        let (text, after) = rest.split_at_checked(end)?;
        let line = Line { text, start: self.start, number: self.number };
        let ending =
            if after.starts_with("\r\n") { 2 } else { after.chars().next().map_or(0, char::len_utf8) };
        self.number += u32::from(after.get(..ending).is_some_and(|ending| ending.ends_with('\n')));
        self.start += end + ending;
        Some(line)
    }
}

fn ends_line(letter: char) -> bool {
    matches!(
        letter,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}
