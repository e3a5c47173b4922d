//! Which files pass through a filter at checkout.

use crate::command::{GitError, git, items, text};
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
    // Paths are those of the tree, which may be that of a directory; so ask from the top of the work tree.
    let source = format!("--source={tree}");
    let arguments = ["check-attr", "-z", "--stdin", &source, "filter"];
    let output = git(repository.top(), &arguments, &input, &[0])?;
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
