//! Targets that commands ask make for and that no rule makes.

use source::{EntryKind, MAX_CONFIG_BYTES, directory_of, join};
use syntax::make;

use super::package_scripts::MissingScript;
use crate::collect::working_directory::untold_folders;
use crate::inventory::Inventory;
use crate::record::Use;
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
    let is_made = SOURCES.iter().any(|name| join(folder, name).is_some_and(|path| inventory.is_file(&path)));
    if is_made || is_there(inventory, folder, target) {
        return None;
    }
    let mut found = Vec::new();
    let mut open = vec![path];
    let mut read = 0;
    while let Some(path) = open.pop() {
        read += 1;
        let is_followed = read <= MOST_FILES && inventory.kind(&path) == Some(EntryKind::File);
        let bytes = is_followed.then(|| inventory.tree().read(&path, MAX_CONFIG_BYTES).ok())??;
        let parsed = make::parse(&String::from_utf8_lossy(&bytes));
        if parsed.may_make(target) {
            return None;
        }
        found.extend(parsed.targets);
        for include in parsed.includes {
            open.push(join(folder, &include)?);
        }
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
