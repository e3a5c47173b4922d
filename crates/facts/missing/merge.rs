//! Compose files that are merged over another: Compose takes every relative path from the folder of the first.

use source::{FileKind, directory_of, file_name, join, relative};

use crate::compose_additions::project_folders;
use crate::inventory::Inventory;
use crate::{MissingFile, MissingKind};

/// Names of files that Compose finds by itself; one of another name is named by a command, alone or after others.
const DEFAULT_NAMES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Whether Compose finds the file by itself.
pub(crate) fn stands_alone(path: &str) -> bool {
    DEFAULT_NAMES.contains(&file_name(path))
}

/// Marks what exists as seen from the folder of another Compose file, where that is none of those above: a script may add
/// this file to that one.
pub(super) fn mark_additions(inventory: &Inventory<'_>, missing: &mut [MissingFile]) {
    let of_compose = |file: &&mut MissingFile| {
        FileKind::of(&file.at.path) == FileKind::Compose
            && matches!(
                file.kind,
                MissingKind::BuildContext
                    | MissingKind::EnvFile
                    | MissingKind::BindFile
                    | MissingKind::BindDirectory
                    | MissingKind::ConfigFile
            )
    };
    let mut judged = missing.iter_mut().filter(of_compose).peekable();
    if judged.peek().is_none() {
        return;
    }
    let folders = project_folders(inventory);
    for file in judged {
        let own = directory_of(&file.at.path);
        let written = relative(own, &file.path);
        let is_beside = |folder: &&String| {
            let is_above = folder.is_empty() || own == *folder || own.starts_with(&format!("{folder}/"));
            !is_above && join(folder, &written).is_some_and(|path| inventory.kind(&path).is_some())
        };
        file.seen_from = folders.iter().find(is_beside).cloned();
    }
}

/// Whether a Compose file that may be merged over one of a folder above names what is there, seen from that folder.
pub(super) fn is_there(inventory: &Inventory<'_>, file: &MissingFile) -> bool {
    let naming = &*file.at.path;
    if FileKind::of(naming) != FileKind::Compose {
        return false;
    }
    let own = directory_of(naming);
    let below = file.path.strip_prefix(own).map(|rest| rest.trim_start_matches('/'));
    let Some(below) = below.filter(|below| !below.is_empty()) else { return false };
    let mut above = own;
    while !above.is_empty() {
        above = directory_of(above);
        let has_first =
            DEFAULT_NAMES.iter().any(|name| join(above, name).is_some_and(|path| inventory.is_file(&path)));
        if has_first && join(above, below).is_some_and(|path| inventory.kind(&path).is_some()) {
            return true;
        }
    }
    false
}
