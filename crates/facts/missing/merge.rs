//! Compose files that are merged over another: Compose takes every relative path from the folder of the first.

use source::{FileKind, directory_of, file_name, join};

use crate::MissingFile;
use crate::inventory::Inventory;

/// Names of files that Compose finds by itself; one of another name is named by a command, alone or after others.
const DEFAULT_NAMES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Whether Compose finds the file by itself.
pub(crate) fn stands_alone(path: &str) -> bool {
    DEFAULT_NAMES.contains(&file_name(path))
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
