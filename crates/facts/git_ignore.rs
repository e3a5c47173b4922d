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
            if let Some(says) = says(&rules, path) {
                return says;
            }
        }
        if directory.is_empty() {
            return is_ignored_above(inventory, path);
        }
        directory = directory_of(&directory).to_owned();
    }
}

/// The same for the files of the repository above the directory that is judged.
fn is_ignored_above(inventory: &Inventory<'_>, path: &str) -> bool {
    let files = inventory.tree().ignored_above();
    let mut said =
        files.iter().filter_map(|above| says(&rules_of("", &above.patterns)?, &join(&above.root, path)?));
    said.next().unwrap_or(false)
}

/// What patterns say of a path, if anything. Nothing stands there, so it may become a file or a directory, which `dist/`
/// matches alone; of a directory `dist/*` leaves nothing.
fn says(rules: &Gitignore, path: &str) -> Option<bool> {
    match rules.matched_path_or_any_parents(path, true) {
        Match::Ignore(_) => Some(true),
        Match::Whitelist(_) => Some(false),
        Match::None => rules.matched(format!("{path}/0"), false).is_ignore().then_some(true),
    }
}

fn rules(inventory: &Inventory<'_>, directory: &str, file: &str) -> Option<Gitignore> {
    let bytes = inventory.tree().read(file, MAX_CONFIG_BYTES).ok()?;
    rules_of(directory, &String::from_utf8(bytes).ok()?)
}

fn rules_of(directory: &str, text: &str) -> Option<Gitignore> {
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

    #[test]
    fn a_directory_of_which_nothing_is_kept_is_ignored() {
        let tree: Memory = [(".gitignore", "dist/*\nlogs/*.log\n")].into_iter().collect();
        let inventory = Inventory::of(&tree);
        assert!(is_ignored(&inventory, "dist"));
        assert!(!is_ignored(&inventory, "logs"));
    }
}
