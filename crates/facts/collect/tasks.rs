//! Task definitions of Amazon ECS, in JSON: containers of one task share a network, as those of a pod do.

use std::collections::BTreeSet;

use source::{EntryKind, FileKind, MAX_CONFIG_BYTES, file_name, has_word, is_backup, is_illustration};
use syntax::yaml::{self, View};

use crate::collect::given_twice;
use crate::inventory::Inventory;
use crate::record::Document;
use crate::{GivenTwice, Scope};

/// The names of the env files that containers of tasks with several containers are given.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html>.
#[must_use]
pub(crate) fn env_files(inventory: &Inventory<'_>) -> BTreeSet<String> {
    let texts = definitions(inventory).map(|(_, text)| text);
    texts.filter(|text| text.contains("environmentFiles")).flat_map(|text| files_of(&text)).collect()
}

/// Variables that a container of a task is given twice.
#[must_use]
pub(crate) fn given_twice(inventory: &Inventory<'_>) -> Vec<GivenTwice> {
    let judged = definitions(inventory)
        .filter(|(path, text)| text.contains("\"secrets\"") && !is_illustration(path) && !is_backup(path));
    let found = judged.flat_map(|(path, text)| {
        let document = Document::new(path, text);
        let stream = yaml::parse(&document.text).tree;
        let budget = yaml::Budget::default();
        let roots = stream.documents.iter().map(|root| root.view(&budget));
        roots.flat_map(|root| given_twice::of_task(&document, root)).collect::<Vec<_>>()
    });
    found.map(|given| GivenTwice { scope: Scope { deployed: true, ..given.scope }, ..given }).collect()
}

/// The files that may define tasks, by their names, with their texts.
fn definitions<'i>(inventory: &'i Inventory<'_>) -> impl Iterator<Item = (&'i str, String)> {
    const WORDS: &[&str] = &["task", "taskdef", "ecs"];
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let named = files
        .map(|entry| entry.path.as_str())
        .filter(|path| FileKind::of(path) == FileKind::Json && has_word(file_name(path), WORDS));
    named.map(|path| {
        let bytes = inventory.tree().read(path, MAX_CONFIG_BYTES).unwrap_or_default();
        (path, source::decode(bytes).unwrap_or_default())
    })
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
