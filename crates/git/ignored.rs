//! Which files git ignores.

use std::collections::BTreeSet;
use std::path::Path;

use crate::command::{GitError, git};

/// What stands before a path when git is asked for it.
const HERE: &str = "./";

/// Those of `paths` that git ignores: an ignore rule matches them and they are not tracked. Paths are relative to
/// `root`, with `/`.
///
/// # Errors
/// git is not there, or `root` lies in no work tree.
pub fn ignored<'p>(
    root: &Path,
    paths: impl IntoIterator<Item = &'p str>,
) -> Result<BTreeSet<String>, GitError> {
    let mut paths: Vec<&str> = paths.into_iter().collect();
    match asked(root, &paths) {
        Ok(ignored) => Ok(ignored),
        // git refuses to speak of any where one lies in a submodule, which has rules of its own, or behind a link.
        Err(error) => {
            let count = paths.len();
            let submodules = submodules(root)?;
            paths.retain(|path| {
                !submodules.iter().any(|folder| source::is_within(path, folder))
                    && !is_behind_link(root, path)
            });
            if paths.len() == count { Err(error) } else { asked(root, &paths) }
        }
    }
}

fn asked(root: &Path, paths: &[&str]) -> Result<BTreeSet<String>, GitError> {
    let mut input = Vec::new();
    for path in paths {
        // A name that begins with `:` would be a pattern.
        input.extend_from_slice(HERE.as_bytes());
        input.extend_from_slice(path.as_bytes());
        input.push(0);
    }
    // Status 1 says that none is ignored.
    let output = git(root, &["check-ignore", "-z", "--stdin"], &input, &[0, 1])?;
    Ok(names(&output).filter_map(|name| Some(name.strip_prefix(HERE)?.to_owned())).collect())
}

fn is_behind_link(root: &Path, path: &str) -> bool {
    Path::new(path)
        .ancestors()
        .skip(1)
        .any(|folder| root.join(folder).is_symlink() && folder != Path::new(""))
}

/// The folders of submodules, relative to `root`.
fn submodules(root: &Path) -> Result<Vec<String>, GitError> {
    let output = git(root, &["ls-files", "--stage", "-z"], b"", &[0])?;
    let entries: Vec<String> = names(&output).filter(|entry| entry.starts_with("160000 ")).collect();
    Ok(entries.iter().filter_map(|entry| Some(entry.split_once('\t')?.1.to_owned())).collect())
}

fn names(output: &[u8]) -> impl Iterator<Item = String> {
    let names = output.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.map(|name| String::from_utf8_lossy(name).into_owned())
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
    fn a_path_in_a_submodule_hides_nothing_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let run = |at: &str, arguments: &[&str]| git(&folder.path().join(at), arguments, b"", &[0]).unwrap();
        run("", &["init", "-q"]);
        for (path, text) in [(".gitignore", "*.env\n"), ("mine.env", "A=1\n"), ("sub/x.env", "A=1\n")] {
            std::fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
            std::fs::write(folder.path().join(path), text).unwrap();
        }
        run("sub", &["init", "-q"]);
        let commit = ["-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "-m", "x"];
        run("sub", &["add", "-f", "x.env"]);
        run("sub", &commit);
        run("", &["add", "sub"]);
        let found = ignored(folder.path(), ["mine.env", "sub/x.env"]).unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["mine.env"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_git_does_not_take_hides_nothing_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q"], b"", &[0]).unwrap();
        for (path, text) in [(".gitignore", "*.env\n"), (":(glob)x/a.env", ""), ("real/b.env", "")] {
            std::fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
            std::fs::write(folder.path().join(path), text).unwrap();
        }
        std::os::unix::fs::symlink("real", folder.path().join("link")).unwrap();
        let found = ignored(folder.path(), [":(glob)x/a.env", "real/b.env"]).unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [":(glob)x/a.env", "real/b.env"]);
        let found = ignored(folder.path(), ["link/b.env", "real/b.env", "no.txt"]).unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["real/b.env"]);
    }

    #[test]
    fn a_folder_without_git_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(ignored(folder.path(), ["a"]).is_err());
    }
}
