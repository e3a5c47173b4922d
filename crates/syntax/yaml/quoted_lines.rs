//! Quoted text of several lines whose lines are not indented deeper than their key.
//!
//! YAML 1.2 forbids it (section 7.3, `s-flow-line-prefix`). libyaml, go-yaml, `PyYAML` and `YamlDotNet` read it, and so do
//! all tools of a deployment. Blanks at the beginning of such a line are no part of the text, so some are laid before it.

use std::borrow::Cow;

/// How many quoted texts of one file are mended; a file of more is read up to the next one.
const MAX_TEXTS: usize = 64;

/// The deepest column of a quote whose lines are mended, so that the text grows in proportion.
const MAX_COLUMN: usize = 200;

/// Blanks that the parser sees at the beginning of lines and that the file does not have.
#[derive(Debug, Default)]
pub(super) struct Indents {
    /// In the order of the text.
    lines: Vec<Line>,
    texts: usize,
}

/// A line before which blanks are laid.
#[derive(Debug)]
struct Line {
    /// Its first byte in the file.
    start: usize,
    blanks: usize,
    /// How many blanks are laid before it and all lines above.
    laid: usize,
}

impl Indents {
    /// What the parser may see of `text`.
    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.lines.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut seen = String::with_capacity(text.len());
        let mut from = 0;
        for line in &self.lines {
            seen.push_str(text.get(from..line.start).unwrap_or(""));
            seen.extend(std::iter::repeat_n(' ', line.blanks));
            from = line.start;
        }
        seen.push_str(text.get(from..).unwrap_or(""));
        Cow::Owned(seen)
    }

    /// The byte of the file that stands at this byte of what the parser sees.
    pub(super) fn in_file(&self, seen: usize) -> usize {
        let above = self.lines.partition_point(|line| line.start + line.laid <= seen);
        let laid = above.checked_sub(1).and_then(|last| self.lines.get(last)).map_or(0, |line| line.laid);
        // A place among the blanks of the next line is its first byte.
        let next = self.lines.get(above).map_or(usize::MAX, |line| line.start);
        (seen - laid).min(next)
    }

    /// Indents the lines of the quoted text that begins after `after` and holds `at`, bytes of the file; false where there is
    /// none, or nothing to indent.
    pub(super) fn add(&mut self, text: &str, after: usize, at: usize) -> bool {
        let Some(start) = quote(text, after).filter(|start| *start < at) else { return false };
        let column = start - line_start(text, start);
        if self.texts == MAX_TEXTS
            || column > MAX_COLUMN
            || self.lines.last().is_some_and(|last| last.start > start)
        {
            return false;
        }
        self.texts += 1;
        let before = self.lines.len();
        let end = closing(text, start);
        let mut from = start;
        while let Some(line) =
            text.get(from..end).and_then(|rest| rest.find('\n')).map(|found| from + found + 1)
        {
            let rest = text.get(line..).unwrap_or("");
            let own = rest.len() - rest.trim_start_matches(' ').len();
            // A line of this kind ends the document, wherever it stands.
            if own <= column && !is_document_marker(rest) {
                let blanks = column + 1 - own;
                let laid = blanks + self.lines.last().map_or(0, |last| last.laid);
                self.lines.push(Line { start: line, blanks, laid });
            }
            from = line;
        }
        self.lines.len() > before
    }
}

/// The quote that begins the scalar after the token that ended at `from`: what may stand between is a colon, dashes, tags,
/// anchors and comments.
fn quote(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        at += match rest.bytes().next()? {
            b'\'' | b'"' => return Some(at),
            b' ' | b'\t' | b'\r' | b'\n' | b':' | b'-' | b'?' => 1,
            b'#' => rest.find('\n').unwrap_or(rest.len()),
            b'!' | b'&' => rest.find(char::is_whitespace).unwrap_or(rest.len()),
            _ => return None,
        };
    }
}

/// The byte of the quote that ends the text which begins at `start`, or that of the end.
fn closing(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let quote = bytes.get(start).copied().unwrap_or(b'"');
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        let is_pair = quote == b'\'' && byte == quote && bytes.get(at + 1) == Some(&quote);
        if is_pair || quote == b'"' && byte == b'\\' {
            at += 2;
        } else if byte == quote {
            return at;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |found| found + 1)
}

fn is_document_marker(line: &str) -> bool {
    let after = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
    after.is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t', '\r', '\n']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_file() {
        let text = "a: '{\nb\n}'\nc: d\n";
        let mut indents = Indents::default();
        assert!(indents.add(text, 1, 6));
        let seen = indents.text(text).into_owned();
        assert_eq!(seen, "a: '{\n    b\n    }'\nc: d\n");
        for (at, letter) in text.char_indices().filter(|(_, letter)| letter.is_alphabetic() || *letter == '}')
        {
            let in_seen = seen.find(letter).unwrap();
            assert_eq!(indents.in_file(in_seen), at, "{letter}");
        }
        assert_eq!(indents.in_file(seen.len()), text.len());
        assert!(!indents.add(text, 1, 6), "a text that is indented already is not indented again");
    }

    #[test]
    fn what_ends_a_document_is_not_indented() {
        let text = "a: \"b\n--- \nc\"\n";
        let mut indents = Indents::default();
        assert!(indents.add(text, 1, 6));
        assert_eq!(indents.text(text), "a: \"b\n--- \n    c\"\n");
    }

    #[test]
    fn quotes_inside_do_not_end_a_text() {
        assert_eq!(closing("'it''s'", 0), 6);
        assert_eq!(closing("\"a\\\"b\"", 0), 5);
        assert_eq!(closing("'a", 0), 2);
    }
}
