//! Suppressions in comments.

use std::ops::RangeInclusive;

use memchr::memmem;
use source::{FileKind, Place, Span};

use crate::document::Document;
use crate::finding::Finding;

/// What every suppression holds.
const MARK: &str = "shipworthy: allow(";

/// One rule that a comment allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    /// The rule.
    pub(crate) rule: String,
    /// Why; empty where nothing is said.
    pub(crate) reason: String,
    /// Where the rule is named.
    pub(crate) at: Place,
    /// The 1-based lines that it speaks of.
    pub(crate) lines: RangeInclusive<u32>,
}

impl Comment {
    /// Whether it stands where the finding does.
    pub(crate) fn covers(&self, finding: &Finding) -> bool {
        finding.at.place.path == self.at.path && self.lines.contains(&finding.at.start.line)
    }

    /// Whether it names the finding's rule, where the finding stands.
    pub(crate) fn is_about(&self, finding: &Finding) -> bool {
        self.rule == finding.rule && self.covers(finding)
    }
}

/// Whether files of this kind can hold suppressions at all.
pub(crate) fn can_hold(kind: FileKind) -> bool {
    !markers(kind).is_empty()
}

/// What begins a comment in files of this kind.
fn markers(kind: FileKind) -> &'static [&'static str] {
    match kind {
        FileKind::Json | FileKind::TfvarsJson => &[],
        FileKind::TypeScript | FileKind::Rust => &["//"],
        FileKind::Terraform | FileKind::Tfvars => &["#", "//"],
        _ => &["#"],
    }
}

/// Whether a comment in files of this kind takes its whole line: what follows a value is part of the value.
fn whole_lines_only(kind: FileKind) -> bool {
    matches!(kind, FileKind::EnvFile | FileKind::DockerIgnore | FileKind::GcloudIgnore | FileKind::Dockerfile)
}

/// Every suppression of a file, one for each rule that it names.
pub(crate) fn comments(document: &Document, kind: FileKind) -> Vec<Comment> {
    if memmem::find(document.text.as_bytes(), MARK.as_bytes()).is_none() {
        return Vec::new();
    }
    let mut found: Vec<Comment> = Vec::new();
    // The first of the comments that wait for the line that they speak of.
    let mut waiting = 0;
    let mut last_line = 1;
    for line in 1.. {
        let Some(span) = document.span_of_line(line) else { break };
        last_line = line;
        let allowed = in_line(document, span, kind);
        let is_comment = allowed.as_ref().is_some_and(|allowed| allowed.whole_line);
        if !is_comment {
            speak_up_to(line, found.get_mut(waiting..));
        }
        let Some(allowed) = allowed else {
            waiting = found.len();
            continue;
        };
        found.extend(allowed.rules.into_iter().map(|(rule, span)| Comment {
            rule,
            reason: allowed.reason.clone(),
            at: document.place(span),
            lines: line..=line,
        }));
        if !is_comment {
            waiting = found.len();
        }
    }
    speak_up_to(last_line, found.get_mut(waiting..));
    found
}

/// Comments that pile up speak of the line below the pile.
fn speak_up_to(line: u32, pile: Option<&mut [Comment]>) {
    for comment in pile.into_iter().flatten() {
        comment.lines = *comment.lines.start()..=line;
    }
}

/// A suppression as one line holds it.
struct Allowed {
    rules: Vec<(String, Span)>,
    reason: String,
    whole_line: bool,
}

fn in_line(document: &Document, span: Span, kind: FileKind) -> Option<Allowed> {
    let text = span.of(&document.text);
    let mark = text.find(MARK)?;
    let before = text.get(..mark)?.trim_end();
    let marker = markers(kind).iter().find(|marker| before.ends_with(*marker))?;
    let code = before.strip_suffix(marker)?;
    let whole_line = code.trim_start_matches('\u{feff}').trim().is_empty();
    // `value#comment` is no comment, and after a value of an env file nothing is.
    if !whole_line && (whole_lines_only(kind) || !code.ends_with(char::is_whitespace)) {
        return None;
    }
    let names_start = mark + MARK.len();
    let (names, reason) = text.get(names_start..)?.split_once(')')?;
    let reason = reason.trim().trim_start_matches([':', '-']).trim().to_owned();
    let mut rules = Vec::new();
    let mut start = span.start + names_start;
    for name in names.split(',') {
        let at = start + (name.len() - name.trim_start().len());
        let rule = name.trim();
        rules.push((rule.to_owned(), Span::new(at, at + rule.len())));
        start += name.len() + 1;
    }
    Some(Allowed { rules, reason, whole_line })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, text: &str) -> Vec<(String, String, RangeInclusive<u32>)> {
        let document = Document::new(path, text.to_owned());
        let found = comments(&document, FileKind::of(path));
        found.into_iter().map(|comment| (comment.rule, comment.reason, comment.lines)).collect()
    }

    fn one(rule: &str, reason: &str, lines: RangeInclusive<u32>) -> (String, String, RangeInclusive<u32>) {
        (rule.to_owned(), reason.to_owned(), lines)
    }

    #[test]
    fn a_comment_speaks_of_its_line_or_of_the_next() {
        let text = "a: 1 # shipworthy: allow(r) why not\n# shipworthy: allow(s)\nb: 2\n";
        assert_eq!(read("a.yaml", text), [one("r", "why not", 1..=1), one("s", "", 2..=3)]);
    }

    #[test]
    fn comments_pile_up() {
        let text = "# shipworthy: allow(r) a\n# shipworthy: allow(s, t) b\nA=1\nB=1\n";
        let wanted = [one("r", "a", 1..=3), one("s", "b", 2..=3), one("t", "b", 2..=3)];
        assert_eq!(read(".env", text), wanted);
    }

    #[test]
    fn what_follows_a_value_of_an_env_file_is_value() {
        assert_eq!(read(".env", "A=1 # shipworthy: allow(r) x\n"), []);
        assert_eq!(read("Dockerfile", "COPY a b # shipworthy: allow(r) x\n"), []);
        assert_eq!(read("a.py", "url = 'x#shipworthy: allow(r)'\n"), []);
    }

    #[test]
    fn each_format_has_its_own_comments() {
        assert_eq!(read("a.ts", "f() // shipworthy: allow(r) x").len(), 1);
        assert_eq!(read("a.ts", "f() # shipworthy: allow(r) x").len(), 0);
        assert_eq!(read("a.tf", "// shipworthy: allow(r) x\n# shipworthy: allow(s) x").len(), 2);
        assert_eq!(read("a.tfvars.json", "// shipworthy: allow(r) x"), []);
    }
}
