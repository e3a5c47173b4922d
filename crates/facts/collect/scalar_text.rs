//! The text of a YAML scalar that holds commands, so that places in it stay those of the file.

use std::borrow::Cow;

use syntax::yaml::{NodeKind, Style, View};

use crate::record::Document;

/// The text of a scalar that holds commands, and where it begins.
pub(crate) fn text_of<'d>(document: &'d Document, scalar: View<'d>) -> Option<(Cow<'d, str>, usize)> {
    let text = scalar.as_str()?;
    let inner = scalar.node().inner;
    if matches!(&scalar.node().kind, NodeKind::Scalar { style: Style::Folded, .. }) {
        return Some((Cow::Owned(folded(document.slice(inner))), inner.start));
    }
    let NodeKind::Scalar { style, .. } = &scalar.node().kind else { return None };
    let plain = *style == Style::Plain;
    let is_quoted = matches!(style, Style::SingleQuoted | Style::DoubleQuoted);
    // What quotes hide has another length than what they say.
    let has_escapes = is_quoted && document.slice(inner).contains(['\\', '\'']);
    if (plain || is_quoted && !has_escapes) && document.slice(inner).contains('\n') {
        return Some((Cow::Owned(flowed(document.slice(inner))), inner.start));
    }
    if has_escapes && document.slice(inner).contains('\n') {
        return Some((Cow::Borrowed(text), inner.start));
    }
    // The lines of a block scalar are read as they stand, so that places stay those of the file.
    let stands = plain || document.slice(inner).lines().count() >= text.lines().count();
    Some((Cow::Borrowed(if stands { document.slice(inner) } else { text }), inner.start))
}

/// A plain or quoted text over several lines in its own length: a line end is a blank, and an empty line ends one. Source:
/// <https://yaml.org/spec/1.2.2/#65-line-folding>.
fn flowed(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let is_empty = |line: Option<&&str>| line.is_some_and(|line| line.trim().is_empty());
    let mut flowed = String::with_capacity(text.len());
    for (at, line) in lines.iter().enumerate() {
        flowed.push_str(line);
        if at + 1 < lines.len() {
            flowed.push(if is_empty(lines.get(at + 1)) { '\n' } else { ' ' });
        }
    }
    flowed
}

/// A folded block in its own length: a line end between two lines of the least indentation is a blank. Source:
/// <https://yaml.org/spec/1.2.2/#813-folded-style>.
fn folded(block: &str) -> String {
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_text = |line: &&str| !line.trim().is_empty();
    // The first line stands without its indentation where the block begins behind it.
    let least = block.lines().skip(1).filter(is_text).map(indentation).min().unwrap_or(0);
    let mut lines = block.split_inclusive('\n').enumerate().peekable();
    let mut text = String::with_capacity(block.len());
    while let Some((number, line)) = lines.next() {
        let is_plain =
            |number: usize, line: &str| is_text(&line) && (number == 0 || indentation(line) == least);
        let joins = is_plain(number, line) && lines.peek().is_some_and(|(next, line)| is_plain(*next, line));
        match line.strip_suffix('\n').filter(|_| joins) {
            Some(line) => {
                text.push_str(line.strip_suffix('\r').unwrap_or(line));
                text.push_str(if line.ends_with('\r') { "  " } else { " " });
            }
            None => text.push_str(line),
        }
    }
    text
}
