//! The paths of a tree, held for fast questions.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::similar::is_slip;
use source::{Entry, EntryKind, MAX_CONFIG_BYTES, ReadError, Tree, directory_of, file_name};

/// Directories that hold other people's code or a tool's own state. They are not walked; what an image or a
/// Compose file names inside them is still looked up.
const NOT_ENTERED: &[&str] = &[
    ".git",
    "node_modules",
    "__pycache__",
    ".venv",
    "venv",
    ".tox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".terraform",
    ".next",
    ".nuxt",
    ".svelte-kit",
    "site-packages",
];

/// Every path of a tree in byte order.
pub(crate) struct Inventory<'t> {
    tree: &'t dyn Tree,
    entries: Vec<Entry>,
    /// What stands at each path: imports ask for many that are not there.
    kinds: HashMap<String, EntryKind>,
    unreadable: Vec<(String, ReadError)>,
    submodules: OnceLock<Vec<String>>,
}

impl<'t> Inventory<'t> {
    /// Walks `tree`.
    #[must_use]
    pub(crate) fn of(tree: &'t dyn Tree) -> Self {
        let walk = tree.walk(&|path| {
            let name = file_name(path);
            // A Rust or Java build directory; a folder of that name with other content is walked.
            let built = name == "target"
                && (tree.kind(&format!("{path}/CACHEDIR.TAG")).is_some()
                    || tree.kind(&format!("{path}/maven-status")).is_some());
            !NOT_ENTERED.contains(&name) && !built
        });
        let kinds = walk.entries.iter().map(|entry| (entry.path.clone(), entry.kind)).collect();
        Self { tree, entries: walk.entries, kinds, unreadable: walk.unreadable, submodules: OnceLock::new() }
    }

    /// The tree itself, to read from.
    #[must_use]
    pub(crate) fn tree(&self) -> &'t dyn Tree {
        self.tree
    }

    /// Everything, in byte order of the paths.
    #[must_use]
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Directories that could not be listed.
    #[must_use]
    pub(crate) fn unreadable(&self) -> &[(String, ReadError)] {
        &self.unreadable
    }

    /// What stands at `path`, also inside directories that were not walked.
    #[must_use]
    pub(crate) fn kind(&self, path: &str) -> Option<EntryKind> {
        if path.is_empty() {
            return Some(EntryKind::Directory);
        }
        if let Some(kind) = self.kinds.get(path) {
            return Some(*kind);
        }
        let unwalked = path.split('/').any(|part| NOT_ENTERED.contains(&part) || part == "target");
        if unwalked { self.tree.kind(path) } else { None }
    }

    /// Whether a file or a link stands at `path`.
    #[must_use]
    pub(crate) fn is_file(&self, path: &str) -> bool {
        matches!(self.kind(path), Some(EntryKind::File | EntryKind::Symlink))
    }

    /// Whether a directory stands at `path`.
    #[must_use]
    pub(crate) fn is_directory(&self, path: &str) -> bool {
        self.kind(path) == Some(EntryKind::Directory)
    }

    /// Whether another repository fills this path in a whole checkout: `.gitmodules` names it or a folder above it.
    #[must_use]
    pub(crate) fn is_of_submodule(&self, path: &str) -> bool {
        let submodules = self.submodules.get_or_init(|| {
            let bytes = self.tree.read(".gitmodules", MAX_CONFIG_BYTES).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let named = text.lines().filter_map(|line| {
                let path = line.trim().strip_prefix("path")?.trim().strip_prefix('=')?;
                source::join("", path.trim())
            });
            named.filter(|path| !path.is_empty()).collect()
        });
        submodules.iter().any(|module| source::is_within(path, module))
    }

    /// Everything below a directory, in byte order; all for `""`.
    #[must_use]
    pub(crate) fn below(&self, directory: &str) -> &[Entry] {
        if directory.is_empty() {
            return &self.entries;
        }
        let prefix = format!("{directory}/");
        let start = self.entries.partition_point(|entry| entry.path.as_str() < prefix.as_str());
        let rest = self.entries.get(start..).unwrap_or(&[]);
        let length = rest.partition_point(|entry| entry.path.starts_with(&prefix));
        rest.get(..length).unwrap_or(&[])
    }

    /// The existing path that is most like `path`: a name in the same directory that begins alike up to its dot, or the
    /// same name elsewhere.
    #[must_use]
    pub(crate) fn similar(&self, path: &str) -> Option<&str> {
        let name = file_name(path);
        let directory = directory_of(path);
        let near = |entry: &&Entry| {
            let other = file_name(&entry.path);
            directory_of(&entry.path) == directory
                && !stem(name).is_empty()
                && (stem(other) == stem(name) || is_template_of(other, name))
        };
        let sibling = self.below(directory).iter().find(near);
        let same_name = |entry: &&Entry| file_name(&entry.path) == name && !source::is_backup(&entry.path);
        let mut elsewhere = self.entries.iter().filter(same_name);
        let unique = elsewhere.next().filter(|_| elsewhere.next().is_none());
        sibling.or(unique).map(|entry| entry.path.as_str())
    }

    /// The existing path beside `path` whose name differs by a slip in one word: `ca-bundle.pem` of `ca-bundel.pem`.
    #[must_use]
    pub(crate) fn misspelt(&self, path: &str) -> Option<&str> {
        let (name, directory) = (file_name(path), directory_of(path));
        let is_meant =
            |other: &str| directory_of(other) == directory && differs_by_a_slip(file_name(other), name);
        self.below(directory).iter().map(|entry| entry.path.as_str()).find(|other| is_meant(other))
    }
}

/// Letters from which on two words hardly are both meant.
const LONG_WORD: usize = 5;

/// Whether two names with the same ending differ in one word, and there by a slip. Those that count do not: `key1`, `key2`.
fn differs_by_a_slip(one: &str, other: &str) -> bool {
    let words = |name: &str| -> Vec<String> {
        name.split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::to_ascii_lowercase).collect()
    };
    let (one, other) = (words(one), words(other));
    let mut differing = one.iter().zip(&other).filter(|(one, other)| one != other);
    let (Some((first, second)), None) = (differing.next(), differing.next()) else { return false };
    let has_digits = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit());
    one.len() == other.len()
        && one.len() > 1
        && one.last() == other.last()
        && first.len().min(second.len()) >= LONG_WORD
        && !has_digits(first)
        && !has_digits(second)
        && is_slip(first, second)
}

/// Whether a name is that of a template of an env file, the leading dot left out: `env.nginx.template` of `.env.nginx`.
fn is_template_of(template: &str, name: &str) -> bool {
    let rest = name.strip_prefix('.').and_then(|plain| template.strip_prefix(plain));
    rest.is_some_and(|rest| rest.starts_with('.')) && source::is_illustration(template)
}

/// A file's name up to its first dot that is not its first letter.
fn stem(name: &str) -> &str {
    let end = name.char_indices().skip(1).find(|(_, letter)| *letter == '.').map_or(name.len(), |(at, _)| at);
    name.get(..end).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use source::Memory;

    #[test]
    fn questions_about_paths() {
        let tree: Memory =
            [("a/b.py", ""), ("a-b", ""), ("a/c/d.config.js", ""), ("node_modules/x/y.js", "")]
                .into_iter()
                .collect();
        let inventory = Inventory::of(&tree);
        let below: Vec<_> = inventory.below("a").iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(below, ["a/b.py", "a/c", "a/c/d.config.js"]);
        assert!(inventory.is_file("node_modules/x/y.js"));
        assert!(!inventory.is_file("a/x"));
        assert_eq!(inventory.similar("a/c/d.config.ts"), Some("a/c/d.config.js"));
        assert_eq!(inventory.similar("q/b.py"), Some("a/b.py"));
    }

    #[test]
    fn a_slip_in_a_name() {
        let tree: Memory = [("certs/ca-bundle.pem", ""), ("certs/server1.key", ""), ("client-a.pem", "")]
            .into_iter()
            .collect();
        let inventory = Inventory::of(&tree);
        assert_eq!(inventory.misspelt("certs/ca-bundel.pem"), Some("certs/ca-bundle.pem"));
        for path in ["ca-bundel.pem", "certs/ca-bundel.key", "certs/server2.key", "client-b.pem"] {
            assert_eq!(inventory.misspelt(path), None, "{path}");
        }
    }
}
