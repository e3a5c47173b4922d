//! The folder of migrations that `alembic.ini` names.

use source::{EntryKind, directory_of, join};
use syntax::shell::Command;

use super::commands::{Step, written};
use super::entry::in_container;
use crate::How;
use crate::context::Context;
use crate::image::{Language, Link, NotCopied};
use crate::inventory::Inventory;
use crate::record::Document;

/// The file that every folder of migrations has.
const ENVIRONMENT: &str = "env.py";

/// What a file of alembic says of the place of its migrations.
struct Location {
    /// The folder as written, `%(here)s/` left out.
    path: String,
    /// Whether it is one beside the file, and not one of the folder in which alembic is started.
    is_beside: bool,
    at: source::Place,
}

/// The folders of migrations that the tree has and an image has not where its command looks for them.
///
/// Source: `script_location` in <https://alembic.sqlalchemy.org/en/latest/tutorial.html#editing-the-ini-file>.
pub(super) fn not_copied(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    steps: &[Step<'_>],
    is_certain: bool,
) -> Vec<NotCopied> {
    let commands = steps.iter().flat_map(|step| step.commands.iter().map(move |one| (step, one)));
    let found = commands.filter_map(|(step, (command, directory))| {
        let file = in_container(configuration(command)?, directory);
        let path = step.layout.find(inventory, &file).filter(|path| inventory.is_file(path))?;
        let location = location(inventory, &path)?;
        let (wanted, own) = if location.is_beside {
            (in_container(&location.path, directory_of(&file)), join(directory_of(&path), &location.path)?)
        } else {
            (in_container(&location.path, directory), join(&context.directory, &location.path)?)
        };
        let is_there = step.layout.find(inventory, &in_container(ENVIRONMENT, &wanted)).is_some();
        let is_in_tree = inventory.kind(&own) == Some(EntryKind::Directory)
            && inventory.is_file(&join(&own, ENVIRONMENT)?);
        (!is_there && is_in_tree).then(|| NotCopied {
            path: own.as_str().into(),
            language: Language::Python,
            phase: step.phase,
            command: written(command),
            how: How::TopLevel,
            chain: vec![
                Link { at: step.at.clone(), module: written(command) },
                Link { at: location.at, module: format!("script_location = {}", location.path) },
            ],
            is_certain,
        })
    });
    found.collect()
}

/// The file that `alembic upgrade` reads.
fn configuration(command: &Command) -> Option<&str> {
    if command.name() != Some("alembic") || !command.words.iter().any(|word| word.text == "upgrade") {
        return None;
    }
    let mut words = command.words.iter().map(|word| word.text.as_str());
    while let Some(word) = words.next() {
        match word {
            "-c" | "--config" => return words.next().filter(|file| !file.contains('$')),
            _ => {
                if let Some(file) = word.strip_prefix("--config=") {
                    return Some(file).filter(|file| !file.contains('$'));
                }
            }
        }
    }
    Some("alembic.ini")
}

/// `script_location` of the section `[alembic]`; `None` where a package or a variable tells it.
fn location(inventory: &Inventory<'_>, path: &str) -> Option<Location> {
    let document = Document::read(inventory.tree(), path).ok()?;
    let mut start = 0;
    let mut in_section = false;
    for line in document.text.split_inclusive('\n') {
        let text = line.trim();
        if text.starts_with('[') {
            in_section = text == "[alembic]";
        }
        if let Some((key, value)) = text.split_once(['=', ':']).filter(|_| in_section)
            && key.trim() == "script_location"
        {
            let value = value.trim();
            let (path, is_beside) = value
                .strip_prefix("%(here)s")
                .map_or((value, false), |rest| (rest.trim_start_matches('/'), true));
            let is_plain = !path.contains(['%', ':', '$']) && !path.starts_with('/');
            let offset = start + line.find(value).unwrap_or(0);
            let at = document.place(source::Span::new(offset, offset + value.len()));
            return is_plain.then(|| Location { path: path.to_owned(), is_beside, at });
        }
        start += line.len();
    }
    None
}
