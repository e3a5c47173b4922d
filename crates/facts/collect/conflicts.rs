//! The marks that git leaves where two versions of a file could not be merged.

use source::{FileKind, Place, Span};
use syntax::{python, shell};

use crate::record::Document;

/// Where a conflict begins that nobody has settled: its three marks stand in order, each at the start of a line, and not
/// in a text that a program holds. Source: <https://git-scm.com/docs/git-merge#_how_conflicts_are_presented>.
#[must_use]
pub(crate) fn conflict(document: &Document) -> Option<Place> {
    let at = marks(document)?;
    let is_text = match FileKind::of(&document.path) {
        FileKind::Python => python::parse(&document.text).errors.is_empty(),
        FileKind::Shell => is_in_here_document(document, at.span),
        _ => false,
    };
    (!is_text).then_some(at)
}

/// Whether the body of a here-document holds a span.
fn is_in_here_document(document: &Document, span: Span) -> bool {
    let script = shell::parse(&document.text).tree;
    let redirects = script.commands.iter().flat_map(|command| &command.redirects);
    let mut bodies = redirects.filter_map(|redirect| redirect.heredoc.as_ref());
    bodies.any(|body| body.span.start <= span.start && span.end <= body.span.end)
}

fn marks(document: &Document) -> Option<Place> {
    memchr::memmem::find(document.text.as_bytes(), b"<<<<<<< ")?;
    let mut start = 0;
    let mut begin = None;
    let mut is_parted = false;
    for line in document.text.split_inclusive('\n') {
        let text = line.trim_end();
        if line.starts_with("<<<<<<< ") {
            (begin, is_parted) = (Some(Span::new(start, start + text.len())), false);
        } else if text == "=======" {
            is_parted = begin.is_some();
        } else if is_parted && line.starts_with(">>>>>>> ") {
            return begin.map(|span| document.place(span));
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_a_program_is_no_conflict() {
        let marks = "<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> main\n";
        let is_found = |path: &str, text: String| conflict(&Document::new(path, text)).is_some();
        assert!(is_found("a.py", marks.to_owned()) && is_found("a.sh", marks.to_owned()));
        assert!(!is_found("a.py", format!("DOC = \"\"\"\n{marks}\"\"\"\n")));
        assert!(!is_found("a.sh", format!("cat <<'EOF' > x\n{marks}EOF\n")));
    }

    #[test]
    fn all_three_marks_make_a_conflict() {
        let line = |text: &str| conflict(&Document::new("deploy.sh", text.to_owned())).map(|at| at.line);
        assert_eq!(line("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> main\n"), Some(2));
        assert_eq!(line("cat <<<<<<< HEAD\n=======\n>>>>>>> main\n"), None);
        assert_eq!(line("<<<<<<< HEAD\n>>>>>>> main\n=======\n"), None);
        assert_eq!(line("Title\n=======\n"), None);
    }
}
