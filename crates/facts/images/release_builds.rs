//! Dockerfiles that a release tool builds, in a folder of its own making.

use source::{EntryKind, MAX_CONFIG_BYTES, directory_of, file_name};
use syntax::yaml::{self, Budget, View};

use crate::inventory::Inventory;

/// `GoReleaser` puts its binaries and `extra_files` into an empty folder and builds there: what its Dockerfiles copy is
/// nothing of the repository. Source: <https://goreleaser.com/customization/docker/>.
fn is_configuration(path: &str) -> bool {
    let name = file_name(path);
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
    let is_named = stem.is_some_and(|stem| {
        let stem = stem.strip_prefix('.').unwrap_or(stem);
        stem.strip_prefix("goreleaser")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
    });
    is_named && matches!(directory_of(path), "" | ".github")
}

/// The Dockerfiles that are built so, relative to the root.
pub(super) fn released(inventory: &Inventory<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    for path in files.map(|entry| entry.path.as_str()).filter(|path| is_configuration(path)) {
        let bytes = inventory.tree().read(path, MAX_CONFIG_BYTES).unwrap_or_default();
        let parsed = yaml::parse(&String::from_utf8_lossy(&bytes));
        let budget = Budget::default();
        for document in &parsed.tree.documents {
            found.extend(named(document.view(&budget)));
        }
    }
    found
}

fn named(root: View<'_>) -> Vec<String> {
    let lists = ["dockers", "dockers_v2"].into_iter().filter_map(|key| root.get(key));
    let images = lists.flat_map(|list| list.items());
    let dockerfile = |image: View<'_>| {
        let named = image.get("dockerfile").and_then(|named| named.as_str());
        source::join("", named.unwrap_or("Dockerfile"))
    };
    images.filter_map(dockerfile).collect()
}
