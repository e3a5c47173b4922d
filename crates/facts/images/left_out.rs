//! Modules that an image's code imports and its context leaves out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use aho_corasick::MatchKind;
use rayon::prelude::*;
use source::{FileKind, directory_of, file_name, is_backup, is_test};

use super::entry::{PythonStart, in_container};
use super::needed::Needed;
use super::nowhere::{self, Started};
use crate::How;
use crate::code::Code;
use crate::context::Context;
use crate::image::{Language, LeftOut, Link, Need, NotCopied, Nowhere, Phase};
use crate::imports::python::{Program, Start};
use crate::imports::{Reached, imported_directly, reached};
use crate::inventory::Inventory;
use crate::stages::Built;

/// What the Python programs of an image need: modules that the context leaves out, and those that no COPY brings.
pub(super) fn left_out(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    built: &Built,
    starts: &[PythonStart],
    (code, looks_in_tree): (&Code, bool),
) -> Needed {
    let mut found: BTreeMap<String, LeftOut> = BTreeMap::new();
    let mut not_copied: BTreeMap<String, NotCopied> = BTreeMap::new();
    let mut reached_paths: Vec<String> = Vec::new();
    let mut at_start: BTreeSet<String> = BTreeSet::new();
    let mut nowhere: Vec<Nowhere> = Vec::new();
    for start in starts {
        let (roots, command, start) = (start.roots.clone(), &start.command, start.start.clone());
        let settings = built.settings.clone().filter(|set| !set.module.is_empty());
        let program = Program { layout: &built.layout, roots, start, code, looks_in_tree, settings };
        let reached = reached(&program, inventory);
        let started = Started {
            language: Language::Python,
            phase: Phase::Start,
            command: &command.module,
            links: std::slice::from_ref(command),
            main: program.start.is_program.then_some(program.start.container.as_str()),
        };
        nowhere.extend(nowhere::of_program(inventory, context, &program, &reached, &started));
        for reached in reached {
            if !reached.is_copied {
                not_copied.entry(reached.path.clone()).or_insert_with(|| absent(reached, command));
                continue;
            }
            if let Some(left) = missing(inventory, context, &reached, true) {
                keep_strongest(&mut found, left);
            }
            for left in opened(inventory, context, built, &reached, code) {
                keep_strongest(&mut found, left);
            }
            if reached.how == How::TopLevel {
                at_start.insert(reached.path.clone());
            }
            reached_paths.push(reached.path);
        }
    }
    for left in imported_elsewhere(inventory, context, built, starts, &reached_paths, code) {
        found.entry(left.path.to_string()).or_insert(left);
    }
    Needed {
        left_out: found.into_values().collect(),
        not_copied: not_copied.into_values().collect(),
        loaded: reached_paths,
        at_start: at_start.into_iter().collect(),
        nowhere,
    }
}

fn absent(reached: Reached, command: &Link) -> NotCopied {
    NotCopied {
        path: Arc::from(reached.path),
        language: Language::Python,
        phase: Phase::Start,
        command: command.module.clone(),
        how: reached.how,
        chain: std::iter::once(command.clone()).chain(reached.chain).collect(),
        is_certain: true,
    }
}

pub(super) fn keep_strongest(found: &mut BTreeMap<String, LeftOut>, left: LeftOut) {
    match found.get(&*left.path) {
        Some(known) if known.how <= left.how => {}
        _ => {
            found.insert(left.path.to_string(), left);
        }
    }
}

pub(super) fn missing(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    reached: &Reached,
    reachable: bool,
) -> Option<LeftOut> {
    let exclusion = if inventory.is_directory(&reached.path) {
        context.first_sent(&reached.path).err()?
    } else {
        context.exclusion(&reached.path)?
    };
    // A package without its empty __init__.py is a namespace package, and works while anything else of it is there.
    if file_name(&reached.path) == "__init__.py"
        && inventory.tree().size(&reached.path) == Some(0)
        && context.first_sent(directory_of(&reached.path)).is_ok()
    {
        return None;
    }
    let later = context.not_brought_back_by(&reached.path).into_iter().last();
    Some(LeftOut {
        path: Arc::from(reached.path.as_str()),
        need: Need::Import,
        language: Language::Python,
        phase: Phase::Start,
        command: None,
        module: reached.module.clone(),
        by: exclusion.by,
        pattern: exclusion.pattern,
        not_brought_back_by: later.map(|line| (line.at, line.pattern, line.reason)),
        how: reached.how,
        reachable,
        chain: reached.chain.clone(),
        reinclude: None,
    })
}

/// The files and folders that a module opens and the context leaves out. An env file is often left out on purpose, and
/// given in another way.
fn opened(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    built: &Built,
    reached: &Reached,
    code: &Code,
) -> Vec<LeftOut> {
    let file = code.python(inventory, &reached.path);
    let left = file.opened.iter().filter_map(|opened| {
        let base = match opened.up {
            None => built.workdir.clone(),
            Some(up) => (0..up)
                .fold(directory_of(&reached.container), |directory, _| directory_of(directory))
                .to_owned(),
        };
        let path = built.layout.find(inventory, &in_container(&opened.path, &base))?;
        let exclusion = context.first_sent(&path).err()?;
        if FileKind::of(&path) == FileKind::EnvFile || FileKind::of(&path) == FileKind::Python {
            return None;
        }
        let later = context.not_brought_back_by(&path).into_iter().last();
        let link = Link { at: opened.at.clone(), module: opened.path.clone() };
        Some(LeftOut {
            path: Arc::from(path),
            need: Need::Open,
            language: Language::Python,
            phase: Phase::Start,
            command: None,
            module: opened.path.clone(),
            by: exclusion.by,
            pattern: exclusion.pattern,
            not_brought_back_by: later.map(|line| (line.at, line.pattern, line.reason)),
            how: reached.how.max(if opened.is_lazy { How::Lazy } else { How::TopLevel }),
            reachable: true,
            chain: reached.chain.iter().cloned().chain([link]).collect(),
            reinclude: None,
        })
    });
    left.collect()
}

/// Modules left out that only code imports which no entry point reaches; all code of the image where none is known.
fn imported_elsewhere(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    built: &Built,
    starts: &[PythonStart],
    reached: &[String],
    code: &Code,
) -> Vec<LeftOut> {
    let held = code_of_image(inventory, built);
    let (sent, unsent): (Vec<_>, Vec<_>) =
        held.into_iter().partition(|(_, path)| context.exclusion(path).is_none());
    let names: Vec<String> = unsent
        .iter()
        .filter(|(_, path)| !is_of_tests(path))
        .filter_map(|(_, path)| module_word(path))
        .collect();
    if names.is_empty() {
        return Vec::new();
    }
    let search = aho_corasick::AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(&names);
    let Ok(words) = search else { return Vec::new() };
    let reached: HashSet<&str> = reached.iter().map(String::as_str).collect();
    let waiting: Vec<_> =
        sent.into_iter().filter(|(_, path)| !reached.contains(&**path) && !is_of_tests(path)).collect();
    let roots = starts.first().map_or_else(|| default_roots(built), |start| start.roots.clone());
    let per_file: Vec<Vec<LeftOut>> = waiting
        .par_iter()
        .map(|(container, path)| {
            let text = inventory.tree().read(path, source::MAX_CODE_BYTES).unwrap_or_default();
            if !words.is_match(&text) {
                return Vec::new();
            }
            let start = Start { container: container.clone(), module: String::new(), is_program: false };
            let roots = roots.clone();
            let layout = &built.layout;
            let program = Program { layout, roots, start, code, looks_in_tree: false, settings: None };
            let direct = imported_directly(&program, inventory);
            direct
                .iter()
                .filter_map(|reached| missing(inventory, context, reached, starts.is_empty()))
                .collect()
        })
        .collect();
    let mut found: BTreeMap<String, LeftOut> = BTreeMap::new();
    for left in per_file.into_iter().flatten() {
        keep_strongest(&mut found, left);
    }
    found.into_values().collect()
}

/// Container path and tree path of every Python file that the Dockerfile copies, sent or not.
fn code_of_image(inventory: &Inventory<'_>, built: &Built) -> Vec<(String, String)> {
    let mut code = BTreeMap::new();
    for (container, directory) in built.layout.directories() {
        for entry in inventory.below(directory) {
            if FileKind::of(&entry.path) == FileKind::Python {
                let rest = if directory.is_empty() {
                    entry.path.as_str()
                } else {
                    entry.path.get(directory.len() + 1..).unwrap_or("")
                };
                code.insert(entry.path.clone(), in_container(rest, container));
            }
        }
    }
    code.into_iter().map(|(path, container)| (container, path)).collect()
}

fn default_roots(built: &Built) -> Vec<String> {
    std::iter::once(built.workdir.clone()).chain(built.python_path.iter().cloned()).collect()
}

fn is_of_tests(path: &str) -> bool {
    is_test(directory_of(path)) || is_backup(path)
}

/// The word by which an import names this file.
fn module_word(path: &str) -> Option<String> {
    let name = file_name(path).trim_end_matches(".py");
    let word = if name == "__init__" { file_name(directory_of(path)) } else { name };
    (!word.is_empty()).then(|| word.to_owned())
}
