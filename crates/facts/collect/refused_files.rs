//! What makes readers of YAML refuse a whole file.

use source::{is_backup, is_illustration, is_templated};
use syntax::Parsed;
use syntax::yaml::Stream;

use crate::record::Document;
use crate::refused::{Refusal, RefusedBy, RefusedFile};

/// What this tool's reader refuses and others take: quoted texts whose next line is not indented deeper.
const TAKEN_BY_OTHERS: &[&str] = &["multiline quoted scalar"];

/// Why GitHub refuses a workflow in the folder where it looks; empty for files elsewhere.
#[must_use]
pub(crate) fn of_workflow(document: &Document, read: &Parsed<Stream>) -> Vec<RefusedFile> {
    let is_loaded = document.path.strip_prefix(".github/workflows/").is_some_and(|name| !name.contains('/'));
    if !is_loaded || !is_certain(document, read) {
        return Vec::new();
    }
    let mut found = repeated(document, &read.tree, RefusedBy::Workflows);
    let is_invalid = |message: &str| {
        message.starts_with("is not YAML") && !TAKEN_BY_OTHERS.iter().any(|taken| message.contains(taken))
    };
    let first = read.errors.first().filter(|error| is_invalid(&error.message));
    found.extend(first.map(|error| RefusedFile {
        reader: RefusedBy::Workflows,
        why: Refusal::NotYaml(error.message.clone()),
        at: document.place(error.span),
    }));
    found
}

/// Why Compose refuses a file: keys that it states twice.
#[must_use]
pub(crate) fn of_compose(document: &Document, read: &Parsed<Stream>) -> Vec<RefusedFile> {
    if !is_certain(document, read) || !read.errors.is_empty() {
        return Vec::new();
    }
    repeated(document, &read.tree, RefusedBy::Compose)
}

/// Whether the file is read as it stands.
fn is_certain(document: &Document, read: &Parsed<Stream>) -> bool {
    let path = &document.path;
    !read.tree.is_template && !is_templated(path) && !is_illustration(path) && !is_backup(path)
}

fn repeated(document: &Document, stream: &Stream, reader: RefusedBy) -> Vec<RefusedFile> {
    // Several merges are an error to some readers and none to others.
    let twice = stream.duplicates.iter().filter(|duplicate| duplicate.key.value != "<<");
    let refused = twice.map(|duplicate| RefusedFile {
        reader,
        why: Refusal::KeyTwice { key: duplicate.key.value.clone(), first: document.place(duplicate.first) },
        at: document.place(duplicate.key.span),
    });
    refused.collect()
}
