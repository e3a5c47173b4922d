//! Compose files that may be additions to others: a script hands Compose several files, and all paths and services are those
//! of one project.

use std::collections::BTreeSet;

use memchr::memmem;
use source::{EntryKind, FileKind, MAX_CONFIG_BYTES, directory_of};
use syntax::yaml;

use crate::ComposeService;
use crate::inventory::Inventory;

/// The services that YAML files describe which have no name of Compose's: `default.yml`, which a script names. Nothing is read
/// unless some service waits for one that no Compose file has.
#[must_use]
pub(crate) fn other_services(inventory: &Inventory<'_>, services: &[ComposeService]) -> BTreeSet<String> {
    let names: BTreeSet<&str> = services.iter().map(|service| service.name.as_str()).collect();
    let mut waited_for = services.iter().flat_map(|service| &service.depends_on);
    if waited_for.all(|other| names.contains(other.service.value.as_str())) {
        return BTreeSet::new();
    }
    of_other_names(inventory).into_iter().flat_map(|(_, names)| names).collect()
}

/// The folders that hold a file of services, whatever its name.
#[must_use]
pub(crate) fn project_folders(inventory: &Inventory<'_>) -> BTreeSet<String> {
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let named = files.filter(|entry| FileKind::of(&entry.path) == FileKind::Compose);
    let named = named.map(|entry| entry.path.clone());
    let others = of_other_names(inventory).into_iter().map(|(path, _)| path);
    named.chain(others).map(|path| directory_of(&path).to_owned()).collect()
}

/// YAML files with containers below `services:`, with their services.
fn of_other_names(inventory: &Inventory<'_>) -> Vec<(String, Vec<String>)> {
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let plain = files.filter(|entry| FileKind::of(&entry.path) == FileKind::Yaml);
    let found = plain.filter_map(|entry| {
        let bytes = inventory.tree().read(&entry.path, MAX_CONFIG_BYTES).ok()?;
        memmem::find(&bytes, b"services:")?;
        let names = services(&String::from_utf8_lossy(&bytes));
        (!names.is_empty()).then(|| (entry.path.clone(), names))
    });
    found.collect()
}

/// The names below `services:` that have an image or are built.
fn services(text: &str) -> Vec<String> {
    let stream = yaml::parse(text);
    let budget = yaml::Budget::default();
    let maps = stream.tree.documents.iter().filter_map(|document| document.view(&budget).get("services"));
    let entries = maps.flat_map(|services| services.entries());
    let containers =
        entries.filter(|(_, service)| ["image", "build"].iter().any(|key| service.get(key).is_some()));
    containers.filter_map(|(name, _)| name.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::services;

    #[test]
    fn only_containers_are_services_of_compose() {
        assert_eq!(services("services:\n  web:\n    image: nginx\n  a:\n    class: B\n"), ["web"]);
        assert_eq!(services("- services: [a]\n"), Vec::<String>::new());
    }
}
