//! Which files git ignores.

use std::collections::BTreeSet;
use std::path::Path;

use crate::command::{GitError, git};

/// Those of `paths` that git ignores: an ignore rule matches them and they are not tracked. Paths are relative to
/// `root`, with `/`.
///
/// # Errors
/// git is not there, or `root` lies in no work tree.
pub fn ignored<'p>(
    root: &Path,
    paths: impl IntoIterator<Item = &'p str>,
) -> Result<BTreeSet<String>, GitError> {
    let mut input = Vec::new();
    for path in paths {
        input.extend_from_slice(path.as_bytes());
        input.push(0);
    }
    // Status 1 says that none is ignored.
    let output = git(root, &["check-ignore", "-z", "--stdin"], &input, &[0, 1])?;
    let names = output.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tracked_file_is_not_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| git(folder.path(), arguments, b"", &[0]).unwrap();
        run(&["init", "-q"]);
        for (path, text) in
            [(".gitignore", "*.env\n"), ("staging.env", "A=1\n"), ("mine.env", "A=1\n"), ("x.txt", "")]
        {
            std::fs::write(folder.path().join(path), text).unwrap();
        }
        run(&["add", "-f", "staging.env"]);
        let found = ignored(folder.path(), ["staging.env", "mine.env", "x.txt"]).unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["mine.env"]);
    }

    #[test]
    fn a_folder_without_git_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(ignored(folder.path(), ["a"]).is_err());
    }
}
