//! Files that lie in the tree and take no part in a deployment.

use std::collections::BTreeSet;

use source::{FileKind, file_name, is_backup, is_illustration};

use super::Part;
use crate::{Declared, Scope};

/// Whether a path is that of a backup or of an example.
pub(super) fn set_aside(path: &str) -> bool {
    is_backup(path) || is_illustration(path)
}

/// The files among backups that are in use all the same.
pub(super) fn backups_in_use<'p>(
    files: impl Iterator<Item = &'p String>,
    declared: &Declared,
    named: &dyn Fn(&str) -> bool,
) -> BTreeSet<String> {
    let is_declared =
        |path: &str| declared.environments.values().any(|environment| environment.files.is_match(path));
    files.filter(|path| is_backup(path) && (named(path) || is_declared(path))).cloned().collect()
}

/// Whether a file with the name of an env file is of tests, or of no environment and written for another reader. `.env` is
/// what programs look for themselves.
pub(super) fn is_stray_env_file(path: &str, part: &Part, scope: &Scope) -> bool {
    let is_stray = match &scope.environment {
        Some(_) => !scope.deployed,
        None => part.record.is_foreign && file_name(path) != ".env",
    };
    part.kind == FileKind::EnvFile && is_stray
}
