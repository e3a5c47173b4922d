//! The folder that was meant as the context of a build.

use source::{directory_of, join};

use crate::image::{Copied, CopyStatus};
use crate::inventory::Inventory;

/// The nearest folder above a context in which all the sources lie that the context lacks, where those are several.
pub(super) fn whole_from(inventory: &Inventory<'_>, context: &str, copies: &[Copied]) -> Option<String> {
    let is_lacking = |copied: &&Copied| {
        copied.from.is_none() && matches!(copied.status, CopyStatus::Missing { generated: false, .. })
    };
    let mut lacking: Vec<&str> =
        copies.iter().filter(is_lacking).map(|copied| copied.source.as_str()).collect();
    lacking.sort_unstable();
    lacking.dedup();
    if lacking.len() < 2 {
        return None;
    }
    let exists =
        |folder: &str, source: &str| join(folder, source).is_some_and(|path| inventory.kind(&path).is_some());
    let mut folder = context;
    while !folder.is_empty() {
        folder = directory_of(folder);
        if lacking.iter().all(|source| exists(folder, source)) {
            return Some(folder.to_owned());
        }
    }
    None
}
