//! Which configuration and scripts speak of variables.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aho_corasick::AhoCorasick;
use source::{EntryKind, FileKind, MAX_CONFIG_BYTES};

use crate::inventory::Inventory;
use crate::record::is_code;

/// For each variable two files that name it, which tells whether there is another one than any that asks.
type Naming = HashMap<String, Vec<String>>;

/// The answers so far.
#[derive(Default)]
pub(crate) struct NamedElsewhere {
    known: Mutex<Naming>,
}

impl NamedElsewhere {
    /// Looks for many variables in one reading of the files.
    pub(crate) fn of(inventory: &Inventory<'_>, names: &[&str]) -> Self {
        Self { known: Mutex::new(if names.is_empty() { Naming::new() } else { naming(inventory, names) }) }
    }

    /// Whether any configuration or script but `own` speaks of this variable.
    pub(crate) fn has(&self, inventory: &Inventory<'_>, name: &str, own: Option<&str>) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.contains_key(name) {
            known.extend(naming(inventory, &[name]));
        }
        known.get(name).is_some_and(|paths| paths.iter().any(|path| own != Some(path)))
    }
}

fn naming(inventory: &Inventory<'_>, names: &[&str]) -> Naming {
    let mut found: Naming = names.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
    let Ok(search) = AhoCorasick::new(names) else { return found };
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    for path in files.map(|entry| entry.path.as_str()).filter(|path| may_set(path)) {
        let text = inventory.tree().read(path, MAX_CONFIG_BYTES).unwrap_or_default();
        let whole = search.find_overlapping_iter(&text).filter(|hit| is_whole(&text, hit.start(), hit.end()));
        for name in whole.filter_map(|hit| names.get(hit.pattern().as_usize())) {
            let Some(paths) = found.get_mut(*name) else { continue };
            if paths.len() < 2 && paths.last().is_none_or(|last| last != path) {
                paths.push(path.to_owned());
            }
        }
    }
    found
}

fn may_set(path: &str) -> bool {
    let kind = FileKind::of(path);
    !is_code(kind) && !matches!(kind, FileKind::Json | FileKind::Toml | FileKind::Other)
}

/// Whether what stands between two bytes of a text is no part of a longer name.
fn is_whole(text: &[u8], start: usize, end: usize) -> bool {
    let is_of_name =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    !is_of_name(start.checked_sub(1).and_then(|before| text.get(before))) && !is_of_name(text.get(end))
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use super::*;

    #[test]
    fn each_name_has_an_answer_of_its_own() {
        let tree: Memory =
            [("a.sh", "export MODE=x\n"), ("b.sh", "echo $MODE $OTHER\n"), ("c.py", "KIND = 1\n")]
                .into_iter()
                .collect();
        let inventory = Inventory::of(&tree);
        for named in [NamedElsewhere::default(), NamedElsewhere::of(&inventory, &["MODE", "OTHER"])] {
            assert!(named.has(&inventory, "MODE", Some("b.sh")));
            assert!(!named.has(&inventory, "OTHER", Some("b.sh")));
            assert!(named.has(&inventory, "OTHER", None));
            assert!(!named.has(&inventory, "KIND", None) && !named.has(&inventory, "MOD", None));
        }
    }
}
