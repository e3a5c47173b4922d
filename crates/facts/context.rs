//! A build context: a directory, and what its ignore file leaves out of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use source::{EntryKind, directory_of};
use syntax::dockerignore::{Builder, Choice, Decision};

use crate::Problem;
use crate::ignore_rules::{Exclusion, IgnoreRules, NotBroughtBack, choose};
use crate::inventory::Inventory;

/// What tells one context from another: its directory, its builder, and the ignore file that the builder picks.
pub(crate) type ContextKey = (String, Builder, Option<String>);

/// What one builder sees of one directory.
pub(crate) struct Context<'i> {
    inventory: &'i Inventory<'i>,
    /// The directory relative to the root; `""` is the root.
    pub(crate) directory: String,
    /// The builder.
    pub(crate) builder: Builder,
    rules: IgnoreRules,
    /// What was decided of directories: each is asked for once, however many files it holds.
    directories: Mutex<HashMap<String, Decision>>,
}

impl<'i> Context<'i> {
    /// The key of the context `directory`, built with `dockerfile` by `builder`.
    #[must_use]
    pub(crate) fn key(
        inventory: &Inventory<'_>,
        directory: &str,
        dockerfile: &str,
        builder: Builder,
    ) -> ContextKey {
        let chosen = match choose(inventory.tree(), directory, dockerfile, builder) {
            Choice::File(path) | Choice::Stops(path) => Some(path),
            Choice::Nothing => None,
        };
        (directory.to_owned(), builder, chosen)
    }

    /// The context `directory`, built with `dockerfile` by `builder`.
    #[must_use]
    pub(crate) fn new(
        inventory: &'i Inventory<'i>,
        directory: &str,
        dockerfile: &str,
        builder: Builder,
    ) -> Self {
        let rules = IgnoreRules::load(inventory.tree(), directory, dockerfile, builder);
        Self { inventory, directory: directory.to_owned(), builder, rules, directories: Mutex::default() }
    }

    /// The ignore file that the builder reads.
    #[must_use]
    pub(crate) fn ignore_file(&self) -> Option<Arc<str>> {
        self.rules.path.clone()
    }

    /// What is wrong with the ignore file; not blocking yet.
    #[must_use]
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.rules.problems
    }

    /// A path of the tree as the builder sees it; `None` outside the context.
    fn inside<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.directory.is_empty() {
            return Some(path);
        }
        path.strip_prefix(self.directory.as_str())?.strip_prefix('/')
    }

    /// Decides a path of the context, given what was decided of the directories above it.
    fn decide(&self, inside: &str, is_directory: bool) -> Decision {
        let matcher = &self.rules.matcher;
        let above = directory_of(inside);
        if above.is_empty() {
            return matcher.decide(&matcher.root(), inside, is_directory);
        }
        let parent = self.directory_decision(above);
        if parent.excluded && !matcher.may_reinclude_below(above, &parent) {
            return parent;
        }
        matcher.decide(&parent.state, inside, is_directory)
    }

    fn directory_decision(&self, inside: &str) -> Decision {
        if let Some(known) = self.known().get(inside) {
            return known.clone();
        }
        let decision = self.decide(inside, true);
        self.known().insert(inside.to_owned(), decision.clone());
        decision
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Decision>> {
        self.directories.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line that leaves out the file or directory at `path`, relative to the tree's root.
    #[must_use]
    pub(crate) fn exclusion(&self, path: &str) -> Option<Exclusion> {
        let inside = self.inside(path)?;
        if inside.is_empty() {
            return None;
        }
        let decision = self.decide(inside, self.inventory.is_directory(path));
        if decision.excluded { self.rules.reason(&decision) } else { None }
    }

    /// The `!` lines that bring nothing back, though they match something that is left out.
    pub(crate) fn idle_lines(&self) -> Vec<NotBroughtBack> {
        let entries = self.inventory.below(&self.directory).iter();
        let entries =
            entries.filter_map(|entry| Some((self.inside(&entry.path)?, entry.kind == EntryKind::Directory)));
        self.rules.idle_lines(entries)
    }

    /// The later lines that look as if they brought `path` back.
    #[must_use]
    pub(crate) fn not_brought_back_by(&self, path: &str) -> Vec<NotBroughtBack> {
        let Some(inside) = self.inside(path) else { return Vec::new() };
        self.rules.not_brought_back_by(inside, self.inventory.is_directory(path))
    }

    /// The first file at or below `path` that is sent; `Err` with the line that leaves out the first of those that
    /// are not, where none is. `Ok(None)` where there is no file at all, and for a file that is sent.
    pub(crate) fn first_sent(&self, path: &str) -> Result<Option<&'i str>, Exclusion> {
        if !self.inventory.is_directory(path) {
            return self.exclusion(path).map_or(Ok(None), Err);
        }
        let mut first_reason = None;
        let mut pruned: Option<String> = None;
        for entry in self.inventory.below(path) {
            if pruned.as_ref().is_some_and(|directory| entry.path.starts_with(directory.as_str())) {
                continue;
            }
            let Some(inside) = self.inside(&entry.path) else { continue };
            let is_directory = entry.kind == EntryKind::Directory;
            let decision = self.decide(inside, is_directory);
            if decision.excluded && first_reason.is_none() {
                first_reason = self.rules.reason(&decision);
            }
            if is_directory {
                if decision.excluded && !self.rules.matcher.may_reinclude_below(inside, &decision) {
                    pruned = Some(format!("{}/", entry.path));
                }
            } else if !decision.excluded {
                return Ok(Some(&entry.path));
            }
        }
        first_reason.map_or(Ok(None), Err)
    }
}
