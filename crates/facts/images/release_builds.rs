//! Dockerfiles that a release tool builds, in a folder of its own making.

use source::MAX_CONFIG_BYTES;
use syntax::yaml::{self, Budget, View};

use crate::inventory::Inventory;

/// `GoReleaser` puts its binaries and `extra_files` into an empty folder and builds there: what its Dockerfiles copy is
/// nothing of the repository. Source: <https://goreleaser.com/customization/docker/>.
const FILES: &[&str] = &[".goreleaser.yaml", ".goreleaser.yml", "goreleaser.yaml", "goreleaser.yml"];

/// The Dockerfiles that are built so, relative to the root.
pub(super) fn released(inventory: &Inventory<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for path in FILES.iter().filter(|path| inventory.is_file(path)) {
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
