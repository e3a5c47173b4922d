//! Scripts, each read once: what they build and deploy, and which files they render before those are used.

use std::collections::{BTreeSet, HashSet};

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;
use rayon::prelude::*;
use source::{
    EntryKind, FileKind, MAX_CODE_BYTES, MAX_CONFIG_BYTES, file_name, is_backup, is_illustration, is_test,
};
use syntax::typescript;

use crate::collect::conflicts::conflict;
use crate::collect::{makefile, script};
use crate::detect;
use crate::inventory::Inventory;
use crate::record::{Document, Record, is_code};
use crate::{Declared, EnvRead};

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
    "replace-tokens",
];

/// What all scripts give.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    /// The facts of each script that builds or deploys, in path order.
    pub(crate) records: Vec<(String, Record)>,
    /// Those of the templates that a script renders.
    pub(crate) rendered: BTreeSet<String>,
    /// Code that holds no detector, so that it need not be read again.
    pub(crate) without_detectors: HashSet<String>,
}

/// What one script gives.
struct Found<'p> {
    path: &'p str,
    record: Option<Record>,
    /// Indices of the templates that it renders.
    rendered: BTreeSet<usize>,
    may_hold_detectors: bool,
}

/// What scripts are searched for.
struct Signs {
    /// That they build or deploy.
    deploys: AhoCorasick,
    renderers: AhoCorasick,
    /// The names of the templates.
    templates: Option<AhoCorasick>,
}

impl Signs {
    fn new(templates: &BTreeSet<String>) -> Option<Self> {
        let names: Vec<&str> = templates.iter().map(|path| file_name(path)).collect();
        let named = AhoCorasick::new(&names).ok()?;
        Some(Self {
            deploys: any_of(script::SIGNS)?,
            renderers: any_of(RENDERERS)?,
            templates: (!names.is_empty()).then_some(named),
        })
    }

    fn read<'p>(&self, inventory: &Inventory<'_>, path: &'p str) -> Option<Found<'p>> {
        let limit = if is_code(FileKind::of(path)) { MAX_CODE_BYTES } else { MAX_CONFIG_BYTES };
        let bytes = inventory.tree().read(path, limit).ok()?;
        let named = self.templates.as_ref();
        let rendered =
            named.map_or_else(BTreeSet::new, |named| rendered(path, &bytes, &self.renderers, named));
        if FileKind::of(path) == FileKind::TypeScript {
            let may_hold_detectors = detect::may_hold(FileKind::TypeScript, &bytes);
            let record = typescript_record(path, bytes);
            return Some(Found { path, record, rendered, may_hold_detectors });
        }
        let deploys = may_deploy(path) && self.deploys.is_match(&bytes);
        let record = deploys.then(|| match Document::of_bytes(path, bytes) {
            Ok(document) => {
                Record { conflicts: conflict(&document).into_iter().collect(), ..script::record(&document) }
            }
            Err(problem) => Record { problems: vec![problem], ..Record::default() },
        });
        let record = record.filter(|record| !record.is_empty());
        Some(Found { path, record, rendered, may_hold_detectors: true })
    }
}

/// A search for any of some words. Where the leftmost match is asked for, the library searches with vectors.
fn any_of(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(words).ok()
}

/// Reads the scripts of a tree. `templates` are the files with values that a script might fill in.
#[must_use]
pub(crate) fn read(inventory: &Inventory<'_>, declared: &Declared, templates: &BTreeSet<String>) -> Scripts {
    let Some(signs) = Signs::new(templates) else { return Scripts::default() };
    let paths: Vec<&str> = inventory
        .entries()
        .par_iter()
        .filter(|entry| entry.kind == EntryKind::File && is_script(&entry.path))
        .map(|entry| entry.path.as_str())
        .filter(|path| !declared.exclude.is_match(path))
        .collect();
    let found: Vec<_> = paths.par_iter().filter_map(|path| signs.read(inventory, path)).collect();
    let mut scripts = Scripts::default();
    let mut hit = BTreeSet::new();
    for one in found {
        scripts.records.extend(one.record.map(|record| (one.path.to_owned(), record)));
        hit.extend(one.rendered);
        if !one.may_hold_detectors {
            scripts.without_detectors.insert(one.path.to_owned());
        }
    }
    scripts.rendered = templates
        .iter()
        .enumerate()
        .filter(|(index, _)| hit.contains(index))
        .map(|(_, path)| path.clone())
        .collect();
    scripts
}

/// What code in TypeScript reads of the environment, where it is no declaration and no bundle.
fn typescript_record(path: &str, bytes: Vec<u8>) -> Option<Record> {
    let reads = ["process.env", "import.meta.env"];
    let reads = reads.iter().any(|name| memmem::find(&bytes, name.as_bytes()).is_some());
    if !reads || is_illustration(path) || path.ends_with(".d.ts") || path.ends_with(".min.js") {
        return None;
    }
    let document = Document::of_bytes(path, bytes).ok()?;
    let env_reads = typescript::env_reads(&document.text).into_iter().map(|read| EnvRead {
        at: document.place(read.name.span),
        name: read.name.value,
        required: read.required,
        is_conditional: read.conditional,
        default: read.default,
        is_truth_test: read.is_truth_test,
        function: None,
        within: None,
    });
    let record = Record { env_reads: env_reads.collect(), ..Record::default() };
    (!record.is_empty()).then_some(record)
}

/// The templates that a script renders: in a program those that it names, in a shell script or workflow those on the
/// line of the command that renders.
fn rendered(path: &str, bytes: &[u8], renderers: &AhoCorasick, named: &AhoCorasick) -> BTreeSet<usize> {
    if !renderers.is_match(bytes) {
        return BTreeSet::new();
    }
    let names_in =
        |text: &[u8]| named.find_iter(text).map(|hit| hit.pattern().as_usize()).collect::<Vec<_>>();
    if matches!(FileKind::of(path), FileKind::Python | FileKind::TypeScript) {
        return names_in(bytes).into_iter().collect();
    }
    let mut found = BTreeSet::new();
    let mut command: Vec<u8> = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        command.extend_from_slice(line);
        if line.ends_with(b"\\") {
            continue;
        }
        if renderers.is_match(&command) {
            found.extend(names_in(&command));
        }
        command.clear();
    }
    found
}

/// Whether a file may be a script that builds or deploys.
fn may_deploy(path: &str) -> bool {
    let is_script = matches!(FileKind::of(path), FileKind::Shell | FileKind::Python);
    (is_script || makefile::is_one(path)) && !is_illustration(path)
}

/// Whether a file is a script, and not a test or a backup of one.
fn is_script(path: &str) -> bool {
    let named = matches!(
        file_name(path),
        "GNUmakefile"
            | "Makefile"
            | "makefile"
            | "justfile"
            | "Justfile"
            | "Taskfile.yml"
            | "cloudbuild.yaml"
    );
    let kind = matches!(
        FileKind::of(path),
        FileKind::Shell | FileKind::Workflow | FileKind::Python | FileKind::TypeScript
    );
    (kind || named) && !is_backup(path) && !is_test(path)
}
