//! What `.gitignore` files say of a path that is not there: it is made by a build, not forgotten.

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use source::{MAX_CONFIG_BYTES, directory_of, join};

use crate::inventory::Inventory;

/// Whether a `.gitignore` of the tree matches `path` or a directory above it. An unreadable one says nothing.
#[must_use]
pub(crate) fn is_ignored(inventory: &Inventory<'_>, path: &str) -> bool {
    let mut directory = directory_of(path).to_owned();
    loop {
        let file = join(&directory, ".gitignore").unwrap_or_default();
        if inventory.is_file(&file)
            && let Some(rules) = rules(inventory, &directory, &file)
        {
            // The nearest file that says anything decides.
            // Nothing stands there, so it may become a file or a directory; `dist/` matches only the latter.
            match rules.matched_path_or_any_parents(path, true) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        if directory.is_empty() {
            return false;
        }
        directory = directory_of(&directory).to_owned();
    }
}

fn rules(inventory: &Inventory<'_>, directory: &str, file: &str) -> Option<Gitignore> {
    let bytes = inventory.tree().read(file, MAX_CONFIG_BYTES).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let mut builder = GitignoreBuilder::new(directory);
    for line in text.lines() {
        // A line that is no pattern says nothing, as in git.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use source::Memory;

    #[test]
    fn the_nearest_file_decides() {
        let tree: Memory = [(".gitignore", "dist/\n*.d.ts\n"), ("web/.gitignore", "!keep.d.ts\n/out\n")]
            .into_iter()
            .collect();
        let inventory = Inventory::of(&tree);
        assert!(is_ignored(&inventory, "web/dist/app.js"));
        assert!(is_ignored(&inventory, "web/next-env.d.ts"));
        assert!(!is_ignored(&inventory, "web/keep.d.ts"));
        assert!(is_ignored(&inventory, "web/out/x"));
        assert!(!is_ignored(&inventory, "src/main.ts"));
    }
}
