//! Workflows that lie where the platform does not look for them.

use facts::{Facts, WorkflowFile};
use source::{directory_of, is_backup, is_illustration};

use super::{NoPolicy, policy};
use crate::Fault;
use crate::check::{Check, CheckContext};

struct NeverLoaded;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(NeverLoaded))
}

impl Check for NeverLoaded {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        facts.workflow_files.iter().filter(|file| lies_too_deep(&file.at.path)).map(fault).collect()
    }
}

/// Whether a path stands in a folder below that of the workflows, and is meant for use.
fn lies_too_deep(path: &str) -> bool {
    let folder = directory_of(path);
    folder.starts_with(".github/workflows/") && !is_illustration(path) && !is_backup(path)
}

fn fault(file: &WorkflowFile) -> Fault {
    let message = "the platform loads no workflow from a folder below `.github/workflows`, so this one is never started: \
                   move it up, or delete it";
    Fault::new(source::file_name(&file.at.path), file.at.clone(), message)
}
