//! The lines of a `.dockerignore` and a `.containerignore`.

use source::{Span, without_bom};

use super::super::clean::clean;
use super::{IgnoreFile, MAX_PATTERNS, Pattern, too_many, trimmed};
use crate::{Parsed, SyntaxError};

/// Docker reads lines into a buffer of 64 KiB, line end included.
const MAX_LINE_BYTES: usize = 64 * 1024 - 1;

/// Reads a `.dockerignore` as Docker and kaniko do (`moby/patternmatcher` 0.6, `ignorefile.ReadAll`).
///
/// A `#` begins a comment in the first column only, a leading `/` is dropped, `!` and its pattern may stand
/// apart.
#[must_use]
pub fn parse(text: &str) -> Parsed<IgnoreFile> {
    let (rest, bom) = without_bom(text);
    read_lines(rest, bom, MAX_LINE_BYTES, docker_pattern)
}

/// Reads a `.containerignore` or `.dockerignore` as buildah and podman do (buildah 1.43,
/// `imagebuilder.ParseIgnore`).
///
/// A byte order mark is not skipped, slashes at both ends of a line are dropped, and a blank after `!`
/// belongs to the pattern.
#[must_use]
pub fn parse_buildah(text: &str) -> Parsed<IgnoreFile> {
    read_lines(text, 0, usize::MAX, buildah_pattern)
}

/// `read` gives a line's cleaned pattern and whether it is negated, or nothing for a line without a pattern.
fn read_lines(
    text: &str,
    offset: usize,
    max_bytes: usize,
    read: impl Fn(&str) -> Option<(String, bool)>,
) -> Parsed<IgnoreFile> {
    let mut patterns = Vec::new();
    let mut errors = Vec::new();
    let mut start = offset;
    for (line, number) in text.split('\n').zip(1..) {
        let (text, span) = trimmed(line, start);
        start += line.len() + 1;
        if line.len() > max_bytes {
            errors.push(too_long(line, span));
            continue;
        }
        if line.starts_with('#') || text.is_empty() {
            continue;
        }
        if let Some((cleaned, negated)) = read(line) {
            if patterns.len() == MAX_PATTERNS {
                errors.push(too_many(span));
                break;
            }
            patterns.push(Pattern {
                text: text.to_owned(),
                cleaned,
                negated,
                line: number,
                span,
                file: None,
            });
        }
    }
    Parsed { tree: IgnoreFile { patterns, includes: Vec::new() }, errors }
}

fn too_long(line: &str, span: Span) -> SyntaxError {
    let message = format!(
        "this line has {} bytes, and Docker stops at one of more than {MAX_LINE_BYTES}; split it up",
        line.len()
    );
    SyntaxError { span, message }
}

fn docker_pattern(line: &str) -> Option<(String, bool)> {
    let line = line.trim();
    let (bang, rest) = match line.strip_prefix('!') {
        Some(rest) => ("!", rest.trim()),
        None => ("", line),
    };
    let path = if rest.is_empty() { String::new() } else { clean(rest) };
    let relative = path.strip_prefix('/').filter(|rest| !rest.is_empty()).unwrap_or(&path);
    // The list is cleaned once more when it is compiled, and only there `!` gets its meaning: `/!x` is
    // negated too.
    without_bang(&format!("{bang}{relative}"))
}

fn buildah_pattern(line: &str) -> Option<(String, bool)> {
    let (pattern, negated) = without_bang(line.trim_matches('/'))?;
    if !negated || pattern.is_empty() {
        return Some((pattern, negated));
    }
    let path = clean(&pattern);
    Some((path.strip_prefix('/').unwrap_or(&path).to_owned(), true))
}

fn without_bang(pattern: &str) -> Option<(String, bool)> {
    let pattern = pattern.trim();
    if pattern.is_empty() {
        return None;
    }
    let path = clean(pattern);
    Some(match path.strip_prefix('!') {
        Some(rest) => (rest.to_owned(), true),
        None => (path, false),
    })
}
