//! Targets that commands ask make for and that no rule makes.

use std::collections::BTreeSet;

use source::{EntryKind, MAX_CONFIG_BYTES, Place, directory_of, join};
use syntax::make::{self, Makefile, Need};

use super::package_scripts::MissingScript;
use crate::collect::working_directory::untold_folders;
use crate::git_ignore;
use crate::inventory::Inventory;
use crate::output_folders::is_output;
use crate::record::{Document, Use};
use crate::similar::is_like;

/// The names under which make looks for its file, the first that there is.
const DEFAULTS: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];
/// Files beside it from which a build makes it.
const SOURCES: [&str; 5] = ["CMakeLists.txt", "Makefile.am", "Makefile.in", "configure", "configure.ac"];
/// The most files that are followed from one Makefile.
const MOST_FILES: usize = 50;

/// Whether make has no rule for a target in the folder that the use names; `None` too where no Makefile can be read.
pub(super) fn missing_target(
    inventory: &Inventory<'_>,
    used: &Use,
    file: Option<&str>,
    target: &str,
) -> Option<MissingScript> {
    let mut folders = vec![used.path.as_str()];
    folders.extend(untold_folders(&used.at.path));
    let mut similar = None;
    let mut is_judged = false;
    for folder in folders {
        let Some(path) = makefile(inventory, folder, file) else { continue };
        let targets = targets(inventory, folder, path, target)?;
        is_judged = true;
        similar = similar.or_else(|| targets.into_iter().find(|known| is_like(known, target)));
    }
    is_judged.then_some(MissingScript { similar })
}

fn makefile(inventory: &Inventory<'_>, folder: &str, file: Option<&str>) -> Option<String> {
    let at = |name: &str| join(folder, name).filter(|path| inventory.is_file(path));
    match file {
        Some(name) => at(name),
        None => DEFAULTS.iter().find_map(|name| at(name)),
    }
}

/// The targets that a Makefile and what it includes have; `None` where one of them, or a rule of make's own, may make this.
fn targets(inventory: &Inventory<'_>, folder: &str, path: String, target: &str) -> Option<Vec<String>> {
    if is_there(inventory, folder, target) {
        return None;
    }
    let files = files(inventory, folder, path)?;
    let is_made = files.iter().any(|(_, file)| file.may_make(target));
    (!is_made).then(|| files.into_iter().flat_map(|(_, file)| file.targets).collect())
}

/// What a target needs before it, itself or by way of others, and no rule makes: with the target and its rule.
pub(super) fn missing_prerequisite(
    inventory: &Inventory<'_>,
    used: &Use,
    file: Option<&str>,
    target: &str,
) -> Option<(Need, Place)> {
    let folder = used.path.as_str();
    let files = files(inventory, folder, makefile(inventory, folder, file)?)?;
    let mut open = vec![target];
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while let Some(next) = open.pop() {
        let needs =
            files.iter().flat_map(|(document, file)| file.needs.iter().map(move |need| (document, need)));
        for (document, need) in needs.filter(|(_, need)| need.target == next) {
            let needed = &need.needed;
            let is_made = || {
                files.iter().any(|(_, file)| file.may_make(needed)) || may_be_built(inventory, folder, needed)
            };
            if !is_made() && !is_there(inventory, folder, needed) {
                return Some((need.clone(), document.place(need.at)));
            }
            if seen.insert(needed) {
                open.push(needed);
            }
        }
    }
    None
}

/// Whether a name is that of a folder or file that a step before may build.
fn may_be_built(inventory: &Inventory<'_>, folder: &str, name: &str) -> bool {
    let path = join(folder, name).unwrap_or_default();
    let is_installed = matches!(name, "node_modules" | "vendor" | "venv");
    is_output(name) || is_installed || git_ignore::is_ignored(inventory, &path)
}

/// A Makefile with those that it includes; `None` where one of them cannot be read, or a build makes it.
fn files(inventory: &Inventory<'_>, folder: &str, path: String) -> Option<Vec<(Document, Makefile)>> {
    if SOURCES.iter().any(|name| join(folder, name).is_some_and(|path| inventory.is_file(&path))) {
        return None;
    }
    let (mut found, mut open) = (Vec::new(), vec![path]);
    while let Some(path) = open.pop() {
        let is_followed = found.len() < MOST_FILES && inventory.kind(&path) == Some(EntryKind::File);
        let bytes = is_followed.then(|| inventory.tree().read(&path, MAX_CONFIG_BYTES).ok())??;
        let document = Document::new(path.as_str(), String::from_utf8_lossy(&bytes).into_owned());
        let parsed = make::parse(&document.text);
        for include in &parsed.includes {
            open.push(join(folder, include)?);
        }
        found.push((document, parsed));
    }
    Some(found)
}

/// Whether a file or folder of this name is there, or one that make has a rule of its own for: `tool` from `tool.c`.
fn is_there(inventory: &Inventory<'_>, folder: &str, target: &str) -> bool {
    let Some(path) = join(folder, target) else { return true };
    let start = format!("{}.", path.rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem));
    let beside = inventory.below(folder).iter();
    inventory.kind(&path).is_some()
        || beside
            .into_iter()
            .any(|entry| entry.path.starts_with(&start) && directory_of(&entry.path) == directory_of(&path))
}
