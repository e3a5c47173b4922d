//! Folders whose YAML Flux fills variables in, before it is applied.
//!
//! Source: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>.

use std::collections::{BTreeMap, BTreeSet};

use source::{directory_of, is_within, join};

use super::Part;

/// The folders that Flux Kustomizations with `postBuild` apply, and those that these take resources from.
pub(super) fn substituted(files: &BTreeMap<String, Part>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<String> =
        files.values().flat_map(|part| part.record.substituted_folders.iter().cloned()).collect();
    if open.is_empty() {
        return found;
    }
    let taken: Vec<(&str, &[String])> = files
        .iter()
        .filter(|(_, part)| !part.record.kustomize_resources.is_empty())
        .map(|(path, part)| (directory_of(path), part.record.kustomize_resources.as_slice()))
        .collect();
    while let Some(folder) = open.pop() {
        if found.contains(&folder) {
            continue;
        }
        let inside = taken.iter().filter(|(directory, _)| is_within(directory, &folder));
        let resources = inside.flat_map(|(directory, resources)| {
            resources.iter().filter_map(|resource| join(directory, resource))
        });
        open.extend(resources.filter(|path| !found.contains(path)));
        found.insert(folder);
    }
    found
}

/// Whether a file is one of these, or stands below one of these folders.
pub(super) fn is_below(path: &str, folders: &BTreeSet<String>) -> bool {
    folders.iter().any(|folder| is_within(path, folder))
}
