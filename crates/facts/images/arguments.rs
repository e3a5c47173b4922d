//! Files that the command of a container names: `alembic -c alembic.ini`, `gunicorn --config gunicorn.conf.py`.

use source::{FileKind, join};
use syntax::shell::Word;

use super::commands::Step;
use super::entry::in_container;
use crate::How;
use crate::context::Context;
use crate::image::{Copied, Language, LeftOut, Link, Need, Phase};
use crate::inventory::Inventory;

/// Options whose value is a file, whatever its name says.
const FILE_OPTIONS: &[&str] = &["-c", "--config", "--log-config", "--env-file", "-f", "--file"];

/// The files that the start of the container names and the context leaves out. Code that it starts is not among them.
pub(super) fn named_files(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    copies: &[Copied],
    steps: &[Step<'_>],
) -> Vec<LeftOut> {
    // Where COPY names the file by itself, the build stops before anything starts.
    let is_named = |file: &str| {
        let mut sources = copies.iter().filter(|copied| copied.from.is_none());
        sources.any(|copied| join(&context.directory, &copied.source).as_deref() == Some(file))
    };
    let mut found: Vec<LeftOut> = Vec::new();
    for step in steps.iter().filter(|step| step.phase == Phase::Start) {
        for (command, directory) in &step.commands {
            for (path, need) in paths(&command.words) {
                let container = in_container(path, directory);
                let file = step
                    .layout
                    .find(inventory, &container)
                    .filter(|file| inventory.is_file(file) && !is_named(file));
                let Some(file) = file else { continue };
                let Some(exclusion) = context.exclusion(&file) else { continue };
                let later = context.not_brought_back_by(&file).into_iter().last();
                found.push(LeftOut {
                    path: file.as_str().into(),
                    need,
                    language: Language::Python,
                    phase: Phase::Start,
                    command: None,
                    module: path.to_owned(),
                    by: exclusion.by,
                    pattern: exclusion.pattern,
                    not_brought_back_by: later.map(|line| (line.at, line.pattern, line.reason)),
                    how: How::TopLevel,
                    reachable: true,
                    chain: vec![Link { at: step.at.clone(), module: path.to_owned() }],
                    reinclude: None,
                });
            }
        }
    }
    found
}

/// The words that are paths of files, with what each is needed for: code that a program loads is looked at elsewhere.
fn paths(words: &[Word]) -> impl Iterator<Item = (&str, Need)> {
    let before = std::iter::once("").chain(words.iter().map(|word| word.text.as_str()));
    words.iter().zip(before).filter(|(word, _)| word.literal).filter_map(|(word, before)| {
        let (option, value) = word.text.split_once('=').unwrap_or((before, &word.text));
        let is_option = FILE_OPTIONS.contains(&option);
        let is_code = matches!(FileKind::of(value), FileKind::Python | FileKind::TypeScript);
        let is_started = matches!(before, "" | "sh" | "bash" | "ash" | "dash" | "/bin/sh" | "/bin/bash");
        let need = if is_started { Need::Start } else { Need::Open };
        let is_path = !value.starts_with('-') && !is_code && (is_option || value.contains('.'));
        is_path.then_some((value, need))
    })
}
