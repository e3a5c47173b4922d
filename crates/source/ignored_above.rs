//! The `.gitignore` files above a directory of a repository.

use std::path::Path;

use crate::MAX_CONFIG_BYTES;

/// A `.gitignore` file of a directory above the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredAbove {
    /// The root as seen from there: `services/api`.
    pub root: String,
    /// The text of the file.
    pub patterns: String,
}

/// The `.gitignore` files above `root`, the nearest first, as far up as the repository goes; none where `root` lies in no
/// repository. What cannot be read says nothing.
#[must_use]
pub fn ignored_above(root: &Path) -> Vec<IgnoredAbove> {
    let Ok(real) = root.canonicalize() else { return Vec::new() };
    let is_top = |directory: &Path| directory.join(".git").exists();
    let Some(top) = real.ancestors().find(|directory| is_top(directory)) else { return Vec::new() };
    let above = real.ancestors().skip(1).take_while(|directory| directory.starts_with(top));
    above
        .filter_map(|directory| {
            let root = real.strip_prefix(directory).ok()?.to_str()?.replace('\\', "/");
            Some(IgnoredAbove { root, patterns: patterns(&directory.join(".gitignore"))? })
        })
        .collect()
}

fn patterns(file: &Path) -> Option<String> {
    let size = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    #[expect(clippy::disallowed_methods, reason = "this belongs to the Tree of a disk")]
    let text = (size <= MAX_CONFIG_BYTES).then(|| std::fs::read_to_string(file)).and_then(Result::ok);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_comes_first_and_nothing_above_the_repository() {
        let scratch = tempfile::tempdir().unwrap();
        let api = scratch.path().join("repository/services/api");
        std::fs::create_dir_all(&api).unwrap();
        std::fs::create_dir(scratch.path().join("repository/.git")).unwrap();
        for (path, text) in [
            (".gitignore", "outside"),
            ("repository/.gitignore", "dist/"),
            ("repository/services/.gitignore", "out/"),
        ] {
            std::fs::write(scratch.path().join(path), text).unwrap();
        }
        let found = ignored_above(&api);
        let found: Vec<_> = found.iter().map(|one| (one.root.as_str(), one.patterns.as_str())).collect();
        assert_eq!(found, [("api", "out/"), ("services/api", "dist/")]);
        assert_eq!(ignored_above(&scratch.path().join("repository")), []);
    }
}
