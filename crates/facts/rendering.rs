//! Which files a script renders before their consumer reads them: `envsubst < service.yaml | kubectl apply -f -`.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use source::{FileKind, MAX_CODE_BYTES, file_name};

use crate::inventory::Inventory;

/// Words that show that a script puts values into templates.
const RENDERERS: &[&str] = &[
    "envsubst",
    "sed ",
    "perl -p",
    "gomplate",
    "jinja",
    "Template(",
    "substitute(",
    "expandvars",
    ".replace(",
    "kustomize",
    "ytt ",
    "helm ",
    "skaffold",
    "esh ",
    "replace-tokens",
];

/// Of the given files, those that a script which renders templates names.
#[must_use]
pub(crate) fn rendered(inventory: &Inventory<'_>, candidates: &BTreeSet<String>) -> BTreeSet<String> {
    let names: Vec<&str> = candidates.iter().map(|path| file_name(path)).collect();
    let (Ok(named), Ok(renderers)) = (AhoCorasick::new(&names), AhoCorasick::new(RENDERERS)) else {
        return BTreeSet::new();
    };
    if candidates.is_empty() {
        return BTreeSet::new();
    }
    let scripts: Vec<&str> =
        inventory.entries().iter().map(|entry| entry.path.as_str()).filter(|path| is_script(path)).collect();
    let found: Vec<BTreeSet<usize>> = scripts
        .par_iter()
        .map(|path| {
            let text = inventory.tree().read(path, MAX_CODE_BYTES).unwrap_or_default();
            if !renderers.is_match(&text) {
                return BTreeSet::new();
            }
            named.find_iter(&text).map(|hit| hit.pattern().as_usize()).collect()
        })
        .collect();
    let hit: BTreeSet<usize> = found.into_iter().flatten().collect();
    candidates
        .iter()
        .enumerate()
        .filter(|(index, _)| hit.contains(index))
        .map(|(_, path)| path.clone())
        .collect()
}

fn is_script(path: &str) -> bool {
    let name = file_name(path);
    matches!(
        FileKind::of(path),
        FileKind::Shell | FileKind::Workflow | FileKind::Python | FileKind::TypeScript
    ) && !source::is_backup(path)
        || matches!(
            name,
            "Makefile" | "makefile" | "justfile" | "Justfile" | "Taskfile.yml" | "cloudbuild.yaml"
        )
}
