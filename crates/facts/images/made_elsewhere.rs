//! Sources of COPY that are no part of a repository and are there when the image is built.

use source::{MAX_CONFIG_BYTES, directory_of, is_within, join};

use crate::inventory::Inventory;

/// Files by which a build tool knows a project, whose output is built before an image takes it.
const MANIFESTS: &[&str] = &[
    "CMakeLists.txt",
    "Cargo.toml",
    "Makefile",
    "build.gradle",
    "build.gradle.kts",
    "go.mod",
    "package.json",
    "pom.xml",
];

/// Whether a build tool has a project in a directory or one above it.
pub(super) fn is_project(inventory: &Inventory<'_>, directory: &str) -> bool {
    let mut at = directory;
    loop {
        if MANIFESTS.iter().any(|name| join(at, name).is_some_and(|path| inventory.is_file(&path))) {
            return true;
        }
        if at.is_empty() {
            return false;
        }
        at = directory_of(at);
    }
}

/// Whether the manifest of a hardened image lists a file, which is fetched into the context before the build:
/// <https://docs-ironbank.dso.mil/hardening/hardening-manifest/>.
pub(super) fn is_fetched(inventory: &Inventory<'_>, directory: &str, source: &str) -> bool {
    let Some(path) = join(directory, "hardening_manifest.yaml").filter(|path| inventory.is_file(path)) else {
        return false;
    };
    let text = inventory.tree().read(&path, MAX_CONFIG_BYTES).unwrap_or_default();
    let names = String::from_utf8_lossy(&text);
    names
        .lines()
        .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("filename:"))
        .any(|name| name.trim().trim_matches(['"', '\'']) == source)
}

/// Whether one of two paths holds the other; the root is neither.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let is_root = one.is_empty() || other.is_empty();
    !is_root && (is_within(one, other) || is_within(other, one))
}
