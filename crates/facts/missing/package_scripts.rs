//! Scripts of package.json that are run and not there.

use source::{MAX_CONFIG_BYTES, directory_of, join};
use syntax::node::{self, Package};

use crate::inventory::Inventory;
use crate::similar::is_like;

/// A script that the nearest package.json does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MissingScript {
    /// A script of it with a name like that.
    pub(crate) similar: Option<String>,
}

/// Whether the package that holds a folder of the tree lacks a script; `None` too where no package.json can be read.
pub(crate) fn missing_script(inventory: &Inventory<'_>, folder: &str, name: &str) -> Option<MissingScript> {
    let package = nearest_package(inventory, folder)?;
    if package.script(name).is_some() {
        return None;
    }
    let names = package.scripts.iter().map(|(known, _)| known);
    let similar =
        names.filter(|known| is_like(known, name)).min_by_key(|known| known.len().abs_diff(name.len()));
    Some(MissingScript { similar: similar.cloned() })
}

/// The package.json of a folder, or of the nearest one above it.
fn nearest_package(inventory: &Inventory<'_>, folder: &str) -> Option<Package> {
    let mut at = folder;
    loop {
        if let Some(path) = join(at, "package.json").filter(|path| inventory.is_file(path)) {
            let bytes = inventory.tree().read(&path, MAX_CONFIG_BYTES).ok()?;
            return node::package(&String::from_utf8_lossy(&bytes));
        }
        if at.is_empty() {
            return None;
        }
        at = directory_of(at);
    }
}
