//! Files that others name and that are not there.

use source::{directory_of, is_backup, is_illustration, join};

use crate::inventory::Inventory;
use crate::record::{Use, UseKind};
use crate::{MissingFile, MissingKind, Scope, git_ignore};

/// Those of the uses whose file is not there. A script or a build configuration may be run from another folder than
/// the root, so its path is also looked up from the folders above it.
#[must_use]
pub(crate) fn missing(inventory: &Inventory<'_>, uses: &[Use]) -> Vec<MissingFile> {
    let judged = uses.iter().filter(|used| !is_backup(&used.at.path) && !is_illustration(&used.at.path));
    judged.filter_map(|used| missing_file(inventory, used)).collect()
}

fn missing_file(inventory: &Inventory<'_>, used: &Use) -> Option<MissingFile> {
    let service = match &used.what {
        UseKind::Build(build) => build.service.clone(),
        UseKind::Dockerfile { .. } => None,
        UseKind::EnvFile { .. } => return None,
    };
    if inventory.is_file(&used.path) || (service.is_none() && is_there_from_above(inventory, used)) {
        return None;
    }
    Some(MissingFile {
        path: used.path.clone(),
        at: used.at.clone(),
        kind: MissingKind::Dockerfile,
        generated: git_ignore::is_ignored(inventory, &used.path),
        similar: inventory.similar(&used.path).map(str::to_owned),
        scope: Scope { service, ..Scope::default() },
    })
}

fn is_there_from_above(inventory: &Inventory<'_>, used: &Use) -> bool {
    let mut directory = directory_of(&used.at.path);
    loop {
        if join(directory, &used.path).is_some_and(|path| inventory.is_file(&path)) {
            return true;
        }
        if directory.is_empty() {
            return false;
        }
        directory = directory_of(directory);
    }
}
