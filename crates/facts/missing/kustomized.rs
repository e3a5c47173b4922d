//! Kustomizations: whether anything applies them, and what is made for them.

use source::{EntryKind, FileKind, MAX_CONFIG_BYTES, directory_of, file_name};

use crate::collect::makefile;
use crate::inventory::Inventory;
use crate::record::{Use, UseKind};

/// Kustomizations that read one another are followed so far.
const MAX_STEPS: usize = 32;

/// Whether a command, an object of Flux or Argo CD, or a kustomization that one of these applies names the folder.
pub(super) fn is_applied(uses: &[Use], folder: &str) -> bool {
    let mut folders = vec![folder.to_owned()];
    for step in 0..MAX_STEPS {
        let Some(folder) = folders.get(step).cloned() else { return false };
        let names = |used: &&Use| {
            used.path == folder
                || (directory_of(&used.path) == folder && file_name(&used.path).starts_with("kustomization."))
        };
        for used in uses.iter().filter(names) {
            match used.what {
                UseKind::NamedFile | UseKind::Applied => return true,
                UseKind::Kustomize => {
                    let reader = directory_of(&used.at.path).to_owned();
                    if !folders.contains(&reader) {
                        folders.push(reader);
                    }
                }
                _ => {}
            }
        }
    }
    false
}

/// Whether a script, a workflow or a Makefile speaks of a file of this name: it may make it.
pub(super) fn is_named_by_a_program(inventory: &Inventory<'_>, path: &str) -> bool {
    let name = file_name(path).as_bytes();
    let is_program = |path: &str| {
        matches!(FileKind::of(path), FileKind::Shell | FileKind::Workflow) || makefile::is_one(path)
    };
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let mut programs = files.filter(|entry| is_program(&entry.path));
    programs.any(|entry| {
        let text = inventory.tree().read(&entry.path, MAX_CONFIG_BYTES).unwrap_or_default();
        memchr::memmem::find(&text, name).is_some()
    })
}
