//! What a report needs beside the outcome.

use std::borrow::Cow;

use lint::{Registry, Severity};
use source::Tree;

/// What a report needs beside the outcome.
#[derive(Clone, Copy)]
pub struct Surroundings<'r> {
    /// The tree that was judged: lines and columns are read from it again.
    pub tree: &'r dyn Tree,
    /// The rules that took part.
    pub registry: &'r Registry,
    /// The root as seen from the top level of the git repository, without a slash at its end; `""` where the root is
    /// the top level, or there is no repository. What a code host reads names files from there.
    pub prefix: &'r str,
    /// The mildest severity that holds the deployment back.
    pub fail_on: Severity,
    /// The command that judges the same again and can be given `--fix`, as a shell takes it.
    pub check: Option<&'r str>,
}

impl Surroundings<'_> {
    /// A path of the tree as seen from the top level of the git repository.
    pub(crate) fn below_top<'p>(&self, path: &'p str) -> Cow<'p, str> {
        match self.prefix {
            "" => Cow::Borrowed(path),
            prefix => Cow::Owned(format!("{prefix}/{path}")),
        }
    }
}
