//! Templates of Helm charts that Helm cannot read.
//!
//! Source: <https://pkg.go.dev/text/template#hdr-Text_and_spaces>: a dash trims only where it follows the braces at once, and an
//! action ends with two braces.

use source::{EntryKind, MAX_CONFIG_BYTES, Span, directory_of, file_name, is_illustration};

use syntax::go_template::{ActionEnd, actions};

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

/// The first action that cannot be read.
fn fault(text: &str) -> Option<(Span, &'static str)> {
    actions(text).into_iter().find_map(|action| {
        if action.span.of(text).starts_with("{{ - ") {
            let why = "`{{ -` has a blank before its dash, which then stands where a value is expected; write `{{-`";
            return Some((action.span, why));
        }
        let why = "this action ends with one brace, and needs two: `}}`";
        (action.end == ActionEnd::OneBrace).then_some((action.span, why))
    })
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
            "{{- /*\n  {{ - x }\n  {{ x }\n*/ -}}\n",
            "a: |\n  {{`\n  a: {{ - $labels.x }\n  `}}\n",
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
