//! The identity of what a tree was judged by.

use sha2::{Digest, Sha256};
use source::{MAX_CONFIG_BYTES, Tree};

use crate::{Config, Registry};

/// SHA-256 in hexadecimal over the program's version, every rule, every configuration file and the baseline, each
/// with its length in front.
pub(super) fn of(tree: &dyn Tree, config: &Config, registry: &Registry, baseline: Option<&str>) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    add(env!("CARGO_PKG_VERSION").as_bytes());
    for rule in registry.rules() {
        add(rule.path.as_bytes());
        add(rule.text.as_bytes());
    }
    for path in config.files.iter().map(String::as_str).chain(baseline) {
        add(path.as_bytes());
        add(&tree.read(path, MAX_CONFIG_BYTES).unwrap_or_default());
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        for digit in [byte >> 4, byte & 15] {
            hex.extend(char::from_digit(u32::from(digit), 16));
        }
        hex
    })
}
