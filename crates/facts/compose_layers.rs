//! Compose files that are started together: what an earlier file gives a service, a later one may replace.
//! Source: <https://docs.docker.com/reference/compose-file/merge/>.

use std::collections::{BTreeMap, BTreeSet};

use source::{FileKind, MAX_CONFIG_BYTES, file_name};

use crate::environment::named_by_path;
use crate::inventory::Inventory;
use crate::record::{Use, UseKind};
use crate::{Setting, SettingSource};

/// Takes settings for not deployed whose value a later file replaces wherever their file is started. A file that names an
/// environment itself may be started alone.
pub(crate) fn set_replaced_aside(inventory: &Inventory<'_>, uses: &[Use], settings: &mut [Setting]) {
    let groups = groups(inventory, uses);
    if groups.is_empty() {
        return;
    }
    let composed = settings.iter().filter(|setting| setting.source == SettingSource::Compose);
    let given: BTreeSet<Key> = composed.map(|setting| key_of(&setting.at.path, setting)).collect();
    let replaced = |setting: &Setting| {
        let own = &*setting.at.path;
        let mut with = groups.iter().filter(|group| group.files.contains(&own)).peekable();
        with.peek().is_some()
            && with.all(|group| group.behind(own).any(|later| given.contains(&key_of(later, setting))))
    };
    for setting in settings.iter_mut().filter(|setting| setting.source == SettingSource::Compose) {
        if named_by_path(&setting.at.path).is_empty() && replaced(setting) {
            setting.scope.deployed = false;
        }
    }
}

/// A setting by its file, the names around it and its own.
type Key = (String, Vec<String>, String);

fn key_of(path: &str, setting: &Setting) -> Key {
    (path.to_owned(), setting.within.clone(), setting.key.clone())
}

/// Files that one command starts together, in their order.
struct Group<'u> {
    files: Vec<&'u str>,
    /// The lines of the script that starts them, which may start one of them alone elsewhere.
    lines: Vec<String>,
}

impl Group<'_> {
    /// The files behind `path` that no line leaves out which names it.
    fn behind<'g>(&'g self, path: &'g str) -> impl Iterator<Item = &'g str> {
        let at = self.files.iter().position(|file| *file == path).map_or(self.files.len(), |at| at + 1);
        let names = |line: &String, path: &str| line.contains(file_name(path));
        let is_always_with =
            move |later: &&str| self.lines.iter().all(|line| !names(line, path) || names(line, later));
        self.files.get(at..).unwrap_or(&[]).iter().copied().filter(is_always_with)
    }
}

/// The file that starts others, and the command or the line in it that does.
type Start<'u> = (&'u str, Option<usize>, u32);

/// The files that stand before `path` wherever a command starts it, each list once; empty where nothing starts it.
pub(crate) fn files_before<'u>(uses: &'u [Use], path: &str) -> BTreeSet<Vec<&'u str>> {
    let groups = started_together(uses).into_values();
    let before = groups.filter_map(|files| {
        let files: Vec<&str> = files.into_iter().map(|(_, file)| file).collect();
        let at = files.iter().position(|file| *file == path)?;
        files.get(..at).map(<[&str]>::to_vec)
    });
    before.collect()
}

/// The files that each command starts, in their order. A script names them on one line.
fn started_together(uses: &[Use]) -> BTreeMap<Start<'_>, Vec<(usize, &str)>> {
    let mut groups: BTreeMap<Start<'_>, Vec<(usize, &str)>> = BTreeMap::new();
    for used in uses {
        let (command, line) = match &used.what {
            UseKind::Started { command, .. } => (Some(*command), 0),
            UseKind::NamedFile if FileKind::of(&used.path) == FileKind::Compose => (None, used.at.line),
            _ => continue,
        };
        let group = groups.entry((&used.at.path, command, line)).or_default();
        group.push((used.at.span.start, &used.path));
    }
    // Those of the default names stand at one place, in the order in which they are read.
    groups.values_mut().for_each(|files| files.sort_by_key(|(start, _)| *start));
    groups
}

/// The groups of all commands.
fn groups<'u>(inventory: &Inventory<'_>, uses: &'u [Use]) -> Vec<Group<'u>> {
    let group = |(start, files): (Start<'u>, Vec<(usize, &'u str)>)| {
        let (by, command, _) = start;
        let lines = if command.is_none() { lines_of(inventory, by) } else { Vec::new() };
        Group { files: files.into_iter().map(|(_, path)| path).collect(), lines }
    };
    started_together(uses).into_iter().map(group).collect()
}

/// The lines of a script, those that go on behind a backslash as one.
fn lines_of(inventory: &Inventory<'_>, path: &str) -> Vec<String> {
    let text = inventory.tree().read(path, MAX_CONFIG_BYTES).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).replace("\\\n", " ");
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use crate::{Declared, collect};

    const BASE: &str = "services:\n  web:\n    image: web\n    environment:\n      API_URL: http://localhost\n      LEVEL: debug\n";
    const OVER: &str = "services:\n  web:\n    environment:\n      API_URL: https://api.example.com\n";
    const UP: &str =
        "#!/bin/sh\ndocker compose -f docker-compose.yml -f docker-compose.production.yml up -d\n";

    /// The keys of the first file that count as deployed.
    fn deployed(script: &str) -> Vec<String> {
        let files = [
            ("docker-compose.yml", BASE),
            ("docker-compose.production.yml", OVER),
            ("deploy-production.sh", script),
        ];
        let facts = collect(&files.into_iter().collect::<Memory>(), &Declared::default());
        let own = facts.settings_in("docker-compose.yml").iter().filter(|setting| setting.scope.deployed);
        own.map(|setting| setting.key.clone()).collect()
    }

    #[test]
    fn what_a_later_file_replaces_wherever_they_are_started_is_not_deployed() {
        assert_eq!(deployed(UP), ["LEVEL"]);
        let alone = format!("{UP}docker compose -f docker-compose.yml up -d\n");
        assert_eq!(deployed(&alone), ["API_URL", "LEVEL"]);
        let before = UP.replace(
            "-f docker-compose.yml -f docker-compose.production.yml",
            "-f docker-compose.production.yml -f docker-compose.yml",
        );
        assert_eq!(deployed(&before), ["API_URL", "LEVEL"]);
    }
}
