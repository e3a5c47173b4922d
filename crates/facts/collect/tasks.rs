//! Task definitions of Amazon ECS, in JSON: containers of one task share a network, as those of a pod do.

use std::collections::BTreeSet;

use source::{EntryKind, FileKind, MAX_CONFIG_BYTES, file_name, has_word};
use syntax::yaml::{self, View};

use crate::inventory::Inventory;

/// The names of the env files that containers of tasks with several containers are given.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html>.
#[must_use]
pub(crate) fn env_files(inventory: &Inventory<'_>) -> BTreeSet<String> {
    const WORDS: &[&str] = &["task", "taskdef", "ecs"];
    let mut found = BTreeSet::new();
    for entry in inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File) {
        if FileKind::of(&entry.path) != FileKind::Json || !has_word(file_name(&entry.path), WORDS) {
            continue;
        }
        let bytes = inventory.tree().read(&entry.path, MAX_CONFIG_BYTES).unwrap_or_default();
        let text = source::decode(bytes).unwrap_or_default();
        if text.contains("environmentFiles") {
            found.extend(files_of(&text));
        }
    }
    found
}

fn files_of(text: &str) -> Vec<String> {
    let stream = yaml::parse(text).tree;
    let budget = yaml::Budget::default();
    let roots = stream.documents.iter().map(|document| document.view(&budget));
    let tasks = roots.filter_map(|root| root.get("containerDefinitions")).map(|list| list.items());
    let shared = tasks.filter(|containers| containers.len() > 1).flatten();
    let files = shared.filter_map(|container: View<'_>| container.get("environmentFiles"));
    let values = files.flat_map(|files| files.items()).filter_map(|file| file.get("value")?.as_str());
    values.map(|value| file_name(value).to_owned()).collect()
}
