//! Everything that a builder is sent of a directory, and why the rest is not.

use std::collections::BTreeMap;

use source::{EntryKind, Tree};
use syntax::dockerignore::{Builder, Presence, select};

use crate::Problem;
use crate::ignore_rules::{Exclusion, IgnoreRules, NotBroughtBack};

/// What a builder is sent of a tree whose root is the context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Files and symbolic links, in byte order.
    pub included: Vec<String>,
    /// What is left out, in byte order. A directory that is left out with all it holds is one row and ends in `/`.
    pub excluded: Vec<Excluded>,
    /// Why the builder stops, or why the answer may be wrong.
    pub problems: Vec<Problem>,
}

/// A path that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// The path.
    pub path: String,
    /// The line that decided.
    pub by: Option<Exclusion>,
}

/// What a builder does with one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The line that leaves it out; `None` where it is sent.
    pub excluded_by: Option<Exclusion>,
    /// Lines that look as if they brought it back.
    pub not_brought_back: Vec<NotBroughtBack>,
    /// Why the builder stops.
    pub problems: Vec<Problem>,
}

/// Bytes and files that are sent of one directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weight {
    /// Bytes, those of the directories below included.
    pub bytes: u64,
    /// Files, likewise.
    pub files: u64,
}

/// What `builder` is sent of the whole tree. Directories that no `!` line can reach are not walked.
#[must_use]
pub fn list(tree: &dyn Tree, dockerfile: &str, builder: Builder) -> Listing {
    let rules = IgnoreRules::load(tree, "", dockerfile, builder);
    let matcher = &rules.matcher;
    let walk = tree.walk(&|directory| {
        let decision = matcher.explain(directory, true);
        matcher.may_reinclude_below(directory, &decision)
    });
    let mut listing = Listing { problems: rules.problems.clone(), ..Listing::default() };
    let entries = walk.entries.iter().map(|entry| (entry.path.as_str(), entry.kind == EntryKind::Directory));
    for row in select(matcher, entries) {
        let by = || row.by.and_then(|_| rules.reason(&matcher.explain(row.path, row.is_dir)));
        match row.presence {
            Presence::Included if !row.is_dir => listing.included.push(row.path.to_owned()),
            Presence::Included | Presence::OnlyParent => {}
            Presence::Excluded if row.is_dir => {}
            Presence::Excluded => listing.excluded.push(Excluded { path: row.path.to_owned(), by: by() }),
            Presence::Pruned => listing.excluded.push(Excluded { path: format!("{}/", row.path), by: by() }),
        }
    }
    listing.excluded.sort_by(|one, other| one.path.cmp(&other.path));
    listing
}

/// What one builder does with the paths of one context.
pub struct Decider<'t> {
    tree: &'t dyn Tree,
    directory: String,
    rules: IgnoreRules,
}

impl<'t> Decider<'t> {
    /// For the context `directory`, built with `dockerfile`; both relative to the tree's root.
    #[must_use]
    pub fn new(tree: &'t dyn Tree, directory: &str, dockerfile: &str, builder: Builder) -> Self {
        Self {
            tree,
            directory: directory.to_owned(),
            rules: IgnoreRules::load(tree, directory, dockerfile, builder),
        }
    }

    /// Whether the file at `path`, relative to the tree's root, is sent.
    #[must_use]
    pub fn is_sent(&self, path: &str) -> bool {
        self.inside(path)
            .is_some_and(|inside| !self.rules.matcher.explain(inside, self.is_directory(path)).excluded)
    }

    /// What becomes of `path`, and why.
    #[must_use]
    pub fn answer(&self, path: &str) -> Answer {
        let decision =
            self.inside(path).map(|inside| self.rules.matcher.explain(inside, self.is_directory(path)));
        let excluded_by =
            decision.filter(|decision| decision.excluded).and_then(|decision| self.rules.reason(&decision));
        let not_brought_back = match (&excluded_by, self.inside(path)) {
            (Some(_), Some(inside)) => self.rules.not_brought_back_by(inside, self.is_directory(path)),
            _ => Vec::new(),
        };
        Answer { excluded_by, not_brought_back, problems: self.rules.problems.clone() }
    }

    fn inside<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.directory.is_empty() {
            Some(path)
        } else {
            path.strip_prefix(self.directory.as_str())?.strip_prefix('/')
        }
    }

    fn is_directory(&self, path: &str) -> bool {
        self.tree.kind(path) == Some(EntryKind::Directory)
    }
}

/// How much is sent of each directory; `""` is the whole context.
#[must_use]
pub fn weights(tree: &dyn Tree, listing: &Listing) -> BTreeMap<String, Weight> {
    let mut weights: BTreeMap<String, Weight> = BTreeMap::new();
    for path in &listing.included {
        let bytes = tree.size(path).unwrap_or(0);
        let mut directory = source::directory_of(path);
        loop {
            let weight = weights.entry(directory.to_owned()).or_default();
            weight.bytes += bytes;
            weight.files += 1;
            if directory.is_empty() {
                break;
            }
            directory = source::directory_of(directory);
        }
    }
    weights
}
