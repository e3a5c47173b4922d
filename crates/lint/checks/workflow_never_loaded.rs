//! Workflows that lie where the platform does not look for them.

use facts::{Facts, WorkflowFile};
use source::{directory_of, is_backup, is_illustration};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.workflow_files.iter().filter(|file| lies_elsewhere(&file.at.path)).map(fault).collect()
}

/// Whether a path stands in a folder below or above that of the workflows, and is meant for use.
fn lies_elsewhere(path: &str) -> bool {
    let folder = directory_of(path);
    let is_elsewhere = folder == ".github" || folder.starts_with(".github/workflows/");
    is_elsewhere && !is_illustration(path) && !is_backup(path)
}

fn fault(file: &WorkflowFile) -> Fault {
    let is_above = directory_of(&file.at.path) == ".github";
    let message = if is_above {
        "the platform loads workflows from `.github/workflows` alone, so this one beside that folder is never started: move \
         it there, or delete it"
    } else {
        "the platform loads no workflow from a folder below `.github/workflows`, so this one is never started: move it up, \
         or delete it"
    };
    Fault::new(source::file_name(&file.at.path), file.at.clone(), message)
}
