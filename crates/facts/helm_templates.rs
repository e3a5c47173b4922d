//! Templates of Helm charts that Helm cannot read.
//!
//! Source: <https://pkg.go.dev/text/template#hdr-Text_and_spaces>: a dash trims only where it follows the braces at once, and an
//! action ends with two braces.

use source::{EntryKind, MAX_CONFIG_BYTES, Span, directory_of, file_name, is_illustration};

use crate::inventory::Inventory;
use crate::record::Document;
use crate::refused::{Refusal, RefusedBy, RefusedFile};

/// The first fault of each template.
#[must_use]
pub(crate) fn refused(inventory: &Inventory<'_>) -> Vec<RefusedFile> {
    let entries = inventory.entries().iter();
    let charts: Vec<String> = entries
        .filter(|entry| file_name(&entry.path) == "Chart.yaml" && !is_illustration(&entry.path))
        .map(|entry| source::join(directory_of(&entry.path), "templates").unwrap_or_default())
        .collect();
    let is_template = |path: &str| {
        let is_below =
            |folder: &String| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
        file_name(path).rsplit('.').next() == Some("yaml") && charts.iter().any(is_below)
    };
    let files =
        inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File && is_template(&entry.path));
    files.filter_map(|entry| of_file(inventory, &entry.path)).collect()
}

fn of_file(inventory: &Inventory<'_>, path: &str) -> Option<RefusedFile> {
    let bytes = inventory.tree().read(path, MAX_CONFIG_BYTES).ok()?;
    memchr::memmem::find(&bytes, b"{{")?;
    let document = Document::read(inventory.tree(), path).ok()?;
    let (span, message) = fault(&document.text)?;
    Some(RefusedFile {
        reader: RefusedBy::Helm,
        why: Refusal::Inconsistent { message: message.to_owned(), needs_profile: false },
        at: document.place(span),
    })
}

/// The first action that cannot be read. One with a text of its own or a comment may hold any sign.
fn fault(text: &str) -> Option<(Span, &'static str)> {
    let actions = text
        .match_indices("{{")
        .filter_map(|(start, _)| Some((start, text.get(start + 2..)?.lines().next()?)));
    for (start, line) in actions {
        let before = text.get(..start).and_then(|before| before.rsplit('\n').next()).unwrap_or("");
        // In a text of another action.
        if before.rfind("{{") > before.rfind("}}") {
            continue;
        }
        // Of three braces, as in a map of a text, it is not told which two are meant.
        if before.ends_with('{') || line.starts_with('{') {
            continue;
        }
        let end = line.find('}').unwrap_or(line.len());
        let (inside, after) = line.split_at(end);
        let span = Span::new(start, start + 2 + end);
        if inside.starts_with(" - ") {
            return Some((
                span,
                "`{{ -` has a blank before its dash, which then stands where a value is expected; write `{{-`",
            ));
        }
        if inside.contains(['"', '`', '\'', '{']) || inside.contains("/*") {
            continue;
        }
        if after.starts_with('}') && !after.starts_with("}}") && !inside.trim().is_empty() {
            return Some((span, "this action ends with one brace, and needs two: `}}`"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn actions_that_cannot_be_read() {
        for text in [
            "a: {{ - include \"x\" . }}",
            "a: {{ - .Values.a }}",
            "a: \"{{ .Values.a}\"\n",
            "a: {{ .Values.a } }\n",
        ] {
            assert!(fault(text).is_some(), "{text}");
        }
        for text in [
            "a: {{- .Values.a -}}\nb: {{ -1 }}\n",
            "a: {{ .Values.a\n  }}\n",
            "a: {{/* } */}}\n",
            "a: {{ printf \"}\" }}\n",
            "a: {{`{{ .x }`}}\n",
            "a: '{{{ .x }}}'\n",
            "a: {b: {c: d}}\n",
            "a: {{}}\n",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
    }
}
