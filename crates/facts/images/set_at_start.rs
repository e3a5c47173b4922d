//! Variables that what starts a container sets for its program.

use std::collections::BTreeSet;

use source::Span;
use syntax::Spanned;
use syntax::shell::{self, Command, Script, Word};

use super::plan::Planned;
use crate::image::EntryPoint;
use crate::inventory::Inventory;
use crate::record::Document;
use crate::stages::Built;

/// Their names, in order: those of the command and of the scripts that it starts; `None` where these read others from files.
pub(super) fn set_at_start(
    inventory: &Inventory<'_>,
    plan: &Planned,
    built: &Built,
    entry: &[EntryPoint],
) -> Option<Vec<String>> {
    let spanned = |word: &String| Spanned::new(word.clone(), Span::default());
    let given = plan.build.command.iter().map(|words| words.iter().map(spanned).collect::<Vec<_>>());
    let commands = std::iter::once(built.start.clone()).chain(given);
    let commands = commands.flat_map(|words| shell::commands_of_words(&words));
    let inner = commands.flat_map(|command| shell::exec_prefix_stripped(&command)).collect();
    let own = Script { commands: inner, ..Script::default() };
    let paths = entry.iter().filter_map(|entry| Some(entry.script.as_ref()?.path.as_str()));
    let texts = paths.filter_map(|path| Document::read(inventory.tree(), path).ok());
    let scripts = texts.map(|document| shell::parse(&document.text).tree);
    let mut names = BTreeSet::new();
    for script in std::iter::once(own).chain(scripts) {
        if script.commands.iter().any(reads_others) {
            return None;
        }
        names.extend(script.assignments().map(|(assignment, _)| assignment.name.value));
        let before = script.commands.iter().flat_map(|command| &command.assignments);
        names.extend(before.map(|assignment| assignment.name.value.clone()));
    }
    Some(names.into_iter().collect())
}

/// `. ./env.sh`, `eval "$(...)"`, `export $(cat .env)`.
fn reads_others(command: &Command) -> bool {
    let is_told = |word: &Word| word.literal || word.as_assignment().is_some();
    match command.name() {
        Some("." | "source" | "eval") => true,
        Some("export") => !command.words.iter().all(is_told),
        _ => false,
    }
}
