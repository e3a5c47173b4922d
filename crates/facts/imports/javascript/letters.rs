//! Relative imports that name a file in other letters than it has: a Mac finds it, Linux does not.

use source::{EntryKind, directory_of, join};

use super::{Program, candidates, elsewhere, is_generated};
use crate::How;
use crate::code;
use crate::git_ignore;
use crate::image::Link;
use crate::imports::{File, Nowhere};
use crate::inventory::Inventory;

impl Program<'_> {
    /// The imports of a file that some file of the tree answers to in other letters alone.
    pub(super) fn in_other_letters(&self, inventory: &Inventory<'_>, file: File<'_>) -> Vec<Nowhere> {
        let read = self.code.script(inventory, file.path);
        let mut found = Vec::new();
        for (import, at) in &read.imports {
            let specifier = import.specifier.value.as_str();
            let is_judged = code::how(import.how) == How::TopLevel
                && (specifier.starts_with("./") || specifier.starts_with("../"))
                && !specifier.contains(['?', '*']);
            if !is_judged
                || self.resolve(inventory, file.container, specifier).is_some()
                || elsewhere(inventory, file.path, specifier).is_some()
            {
                continue;
            }
            let Some(target) = join(directory_of(file.path), specifier) else { continue };
            let Some(similar) = in_any_letters(inventory, &target) else { continue };
            let is_other = git_ignore::is_ignored(inventory, &target) || is_generated(&target);
            // Compilers drop the import of a module that holds types alone.
            let is_dropped = import.takes_names && !self.code.script(inventory, &similar).exports_values;
            if is_other || is_dropped || inventory.is_directory(&target) {
                continue;
            }
            let link = Link { at: at.clone(), module: specifier.to_owned() };
            found.push(Nowhere { path: target, similar: Some(similar), link, namespace: None });
        }
        found
    }
}

/// The file that a path without its ending means where letters are not told apart by their case.
fn in_any_letters(inventory: &Inventory<'_>, target: &str) -> Option<String> {
    let wanted: Vec<String> = candidates(target).map(|path| path.to_lowercase()).collect();
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let mut like = files.filter(|entry| {
        // Letters keep their number, but for a few outside of ASCII.
        let length = entry.path.len();
        wanted.iter().any(|wanted| wanted.len() == length && wanted.eq_ignore_ascii_case(&entry.path))
    });
    like.next().map(|entry| entry.path.clone())
}
