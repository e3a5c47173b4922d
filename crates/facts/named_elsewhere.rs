//! Which configuration and scripts speak of a variable.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use memchr::memmem;
use source::{EntryKind, FileKind, MAX_CONFIG_BYTES};

use crate::inventory::Inventory;
use crate::record::is_code;

/// The answers so far: for each variable two files that name it, which tells whether there is another one than any that asks.
#[derive(Default)]
pub(crate) struct NamedElsewhere {
    known: Mutex<HashMap<String, Vec<String>>>,
}

impl NamedElsewhere {
    /// Whether any configuration or script but `own` speaks of this variable.
    pub(crate) fn has(&self, inventory: &Inventory<'_>, name: &str, own: Option<&str>) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let paths = known.entry(name.to_owned()).or_insert_with(|| naming(inventory, name));
        paths.iter().any(|path| own != Some(path))
    }
}

fn naming(inventory: &Inventory<'_>, name: &str) -> Vec<String> {
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let names = |path: &&str| {
        let bytes = inventory.tree().read(path, MAX_CONFIG_BYTES).unwrap_or_default();
        holds_word(&bytes, name)
    };
    let paths = files.map(|entry| entry.path.as_str()).filter(|path| may_set(path));
    paths.filter(names).take(2).map(str::to_owned).collect()
}

fn may_set(path: &str) -> bool {
    let kind = FileKind::of(path);
    !is_code(kind) && !matches!(kind, FileKind::Json | FileKind::Toml | FileKind::Other)
}

/// Whether a text holds a name that is no part of a longer one.
fn holds_word(text: &[u8], name: &str) -> bool {
    let is_of_name =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    memmem::find_iter(text, name.as_bytes()).any(|at| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        !is_of_name(before) && !is_of_name(text.get(at + name.len()))
    })
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
        let named = NamedElsewhere::default();
        assert!(named.has(&inventory, "MODE", Some("b.sh")));
        assert!(!named.has(&inventory, "OTHER", Some("b.sh")));
        assert!(named.has(&inventory, "OTHER", None));
        assert!(!named.has(&inventory, "KIND", None) && !named.has(&inventory, "MOD", None));
    }
}
