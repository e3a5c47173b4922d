//! The marks that git leaves where two versions of a file could not be merged.

use source::{Place, Span};

use crate::record::Document;

/// Where a conflict begins that nobody has settled: its three marks stand in order, each at the start of a line. Source:
/// <https://git-scm.com/docs/git-merge#_how_conflicts_are_presented>.
#[must_use]
pub(crate) fn conflict(document: &Document) -> Option<Place> {
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
    fn all_three_marks_make_a_conflict() {
        let line = |text: &str| conflict(&Document::new("deploy.sh", text.to_owned())).map(|at| at.line);
        assert_eq!(line("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> main\n"), Some(2));
        assert_eq!(line("cat <<<<<<< HEAD\n=======\n>>>>>>> main\n"), None);
        assert_eq!(line("<<<<<<< HEAD\n>>>>>>> main\n=======\n"), None);
        assert_eq!(line("Title\n=======\n"), None);
    }
}
