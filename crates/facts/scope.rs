//! Which environment a file belongs to, and whether it is deployed.

use source::{FileKind, is_backup, is_illustration};

use crate::environment::{canonical, is_deployed, is_marker, named_by_path, only};
use crate::record::Record;
use crate::{Declared, Scope};

/// What is known of a file besides its own text.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Evidence<'e> {
    /// Whether its kind is deployed by itself: Terraform, Kubernetes, Cloud Run.
    pub by_kind: bool,
    /// The environments of the places that use it.
    pub used_in: &'e [String],
    /// Whether anything uses it.
    pub is_used: bool,
}

/// The environment of a file as a whole, and whether it is deployed.
#[must_use]
pub(crate) fn of_file(
    path: &str,
    kind: FileKind,
    record: &Record,
    declared: &Declared,
    evidence: Evidence<'_>,
) -> Scope {
    if let Some((name, environment)) =
        declared.environments.iter().find(|(_, environment)| environment.files.is_match(path))
    {
        let deployed = environment.deployed.unwrap_or_else(|| is_deployed(name));
        // `config/staging/**` means the files that are deployed, not the example beside them.
        let is_example = is_backup(path) || is_illustration(source::file_name(path));
        let is_meant =
            !is_example || evidence.is_used || environment.file_patterns.iter().any(|file| file == path);
        let deployed = deployed && is_meant;
        return Scope { environment: Some(name.clone()), service: None, deployed };
    }
    let named = named_by_path(path);
    let environment = match named.as_slice() {
        [] => marker(kind, record)
            .or_else(|| only(evidence.used_in.iter().map(String::as_str)).map(str::to_owned)),
        [name] => Some((*name).to_owned()),
        // A name with two environments says neither.
        _ => None,
    };
    let set_aside = (is_backup(path) || is_illustration(path)) && !evidence.is_used;
    let deployed = !set_aside
        && match &environment {
            Some(name) => declared
                .environments
                .get(name)
                .and_then(|known| known.deployed)
                .unwrap_or_else(|| is_deployed(name)),
            None => evidence.by_kind && named.is_empty(),
        };
    Scope { environment, service: None, deployed }
}

/// `ENVIRONMENT=staging` inside a file of settings.
fn marker(kind: FileKind, record: &Record) -> Option<String> {
    if !matches!(kind, FileKind::EnvFile | FileKind::Tfvars | FileKind::TfvarsJson | FileKind::Yaml) {
        return None;
    }
    let markers = record.settings.iter().filter(|setting| is_marker(&setting.key));
    only(markers.filter_map(|setting| canonical(setting.value.trim()))).map(str::to_owned)
}
