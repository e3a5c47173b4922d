//! Which files pass through a filter at checkout.

use crate::command::{GitError, git, git_with_index, items, text};
use crate::repository::Repository;

/// Paths and the filters that `.gitattributes` of the tree, or of the machine, give them.
pub(crate) fn filtered(
    repository: &Repository,
    tree: &str,
    paths: &[String],
) -> Result<Vec<(String, String)>, GitError> {
    let mut input = Vec::new();
    for path in paths {
        input.extend_from_slice(path.as_bytes());
        input.push(0);
    }
    let output = answer(repository, tree, &input)?;
    let words: Vec<String> = items(&output).map(text).collect();
    let triples = words.chunks_exact(3);
    let filters = triples.filter_map(|triple| match triple {
        [path, _, filter] if filter != "unspecified" && filter != "unset" => {
            Some((path.clone(), filter.clone()))
        }
        _ => None,
    });
    Ok(filters.collect())
}

/// What git says of the paths, which are those of the tree; that may be one of a directory, so that git is asked from the
/// top of the work tree.
fn answer(repository: &Repository, tree: &str, paths: &[u8]) -> Result<Vec<u8>, GitError> {
    let source = format!("--source={tree}");
    let asked = git(repository.top(), &["check-attr", "-z", "--stdin", &source, "filter"], paths, &[0]);
    match asked {
        // git has `--source` since 2.40.
        Err(GitError::Failed { why, .. }) if why.contains("unknown option") => {
            by_index(repository, tree, paths)
        }
        answer => answer,
    }
}

/// The same from an index of the tree, as older versions of git have it.
fn by_index(repository: &Repository, tree: &str, paths: &[u8]) -> Result<Vec<u8>, GitError> {
    let folder =
        tempfile::tempdir().map_err(|error| GitError::Io { what: "make a temporary folder", error })?;
    let index = folder.path().join("index");
    git_with_index(repository.top(), &index, &["read-tree", tree], b"")?;
    let arguments = ["check-attr", "--cached", "-z", "--stdin", "filter"];
    git_with_index(repository.top(), &index, &arguments, paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::Trial;

    #[test]
    fn older_versions_of_git_are_asked_otherwise_and_say_the_same() {
        let attributes = "*.bin filter=lfs\nsub/*.txt filter=crypt\n";
        let trial =
            Trial::with(&[(".gitattributes", attributes), ("a.bin", "1"), ("sub/b.txt", "2"), ("c", "3")]);
        let repository = trial.repository();
        let paths = b"a.bin\0sub/b.txt\0c\0";
        let tree = repository.commit_id("HEAD").unwrap();
        let expected = b"a.bin\0filter\0lfs\0sub/b.txt\0filter\0crypt\0c\0filter\0unspecified\0";
        assert_eq!(by_index(&repository, &tree, paths).unwrap(), expected);
        assert_eq!(answer(&repository, &tree, paths).unwrap(), expected);
    }
}
