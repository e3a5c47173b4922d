//! A build context: a directory, and what its ignore file leaves out of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use source::{EntryKind, Place, directory_of};
use syntax::dockerignore::{self, Builder, Choice, Decision, IgnoreFile, Matcher, NotReincluded};

use crate::Problem;
use crate::inventory::Inventory;
use crate::record::Document;

/// What one builder sees of one directory.
pub(crate) struct Context<'i> {
    inventory: &'i Inventory<'i>,
    /// The directory relative to the root; `""` is the root.
    pub directory: String,
    /// The builder.
    pub builder: Builder,
    /// The ignore file that it reads.
    pub ignore_file: Option<Arc<str>>,
    document: Option<Document>,
    file: IgnoreFile,
    matcher: Matcher,
    /// What was decided of directories: each is asked for once, however many files it holds.
    directories: Mutex<HashMap<String, Decision>>,
    /// What is wrong with the ignore file; not blocking yet.
    pub problems: Vec<Problem>,
}

/// The line of an ignore file that leaves a path out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exclusion {
    /// The line.
    pub by: Place,
    /// The pattern as written.
    pub pattern: String,
}

impl<'i> Context<'i> {
    /// What tells one context from another: its directory, its builder, and the ignore file that the builder picks.
    #[must_use]
    pub(crate) fn key(
        inventory: &Inventory<'_>,
        directory: &str,
        dockerfile: &str,
        builder: Builder,
    ) -> (String, Builder, Option<String>) {
        let chosen = match choose(inventory, directory, dockerfile, builder) {
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
        let mut problems = Vec::new();
        let chosen = match choose(inventory, directory, dockerfile, builder) {
            Choice::File(path) => Some(path),
            Choice::Nothing => None,
            Choice::Stops(path) => {
                let message =
                    format!("this is a directory; {builder} stops, since it wants an ignore file here");
                problems.push(crate::record::problem(&path, 1, message));
                None
            }
        };
        let document = chosen.as_deref().and_then(|path| match Document::read(inventory.tree(), path) {
            Ok(document) => Some(document),
            Err(problem) => {
                problems.push(problem);
                None
            }
        });
        let file = document.as_ref().map_or_else(IgnoreFile::default, |document| {
            let parsed = dockerignore::parse_as(&document.text, builder);
            problems.extend(document.problems(&parsed.errors));
            parsed.tree
        });
        let compiled = Matcher::new(&file, builder);
        if let Some(document) = &document {
            problems.extend(document.problems(&compiled.errors));
        }
        Self {
            inventory,
            directory: directory.to_owned(),
            builder,
            ignore_file: document.as_ref().map(|document| Arc::clone(&document.path)),
            document,
            file,
            matcher: compiled.tree,
            directories: Mutex::default(),
            problems,
        }
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
        let above = directory_of(inside);
        if above.is_empty() {
            return self.matcher.decide(&self.matcher.root(), inside, is_directory);
        }
        let parent = self.directory(above);
        if parent.excluded && !self.matcher.may_reinclude_below(above, &parent) {
            return parent;
        }
        self.matcher.decide(&parent.state, inside, is_directory)
    }

    fn directory(&self, inside: &str) -> Decision {
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
        if decision.excluded { self.reason(&decision) } else { None }
    }

    /// The later lines that look as if they brought `path` back, with the reason why they do not.
    #[must_use]
    pub(crate) fn not_brought_back_by(&self, path: &str) -> Vec<(Place, String, String)> {
        let Some(inside) = self.inside(path) else { return Vec::new() };
        let lines = self.matcher.overridden_by(inside, self.inventory.is_directory(path));
        let told = |(index, reason): (usize, NotReincluded)| {
            let pattern = self.file.patterns.get(index)?;
            let place = self.document.as_ref()?.place(pattern.span);
            Some((place, pattern.text.clone(), reason.sentence(&self.file, index, inside)))
        };
        lines.into_iter().filter_map(told).collect()
    }

    /// The first file at or below `path` that is sent; `Err` with the line that leaves out the first of those that
    /// are not, where none is. `Ok(None)` where there is no file at all.
    pub(crate) fn first_sent(&self, path: &str) -> Result<Option<&'i str>, Exclusion> {
        let mut first_reason = None;
        if !self.inventory.is_directory(path) {
            return match self.exclusion(path) {
                None => Ok(None),
                Some(reason) => Err(reason),
            };
        }
        let mut pruned: Option<String> = None;
        for entry in self.inventory.below(path) {
            if pruned.as_ref().is_some_and(|directory| entry.path.starts_with(directory.as_str())) {
                continue;
            }
            let Some(inside) = self.inside(&entry.path) else { continue };
            let is_directory = entry.kind == EntryKind::Directory;
            let decision = self.decide(inside, is_directory);
            if decision.excluded && first_reason.is_none() {
                first_reason = self.reason(&decision);
            }
            if is_directory {
                if decision.excluded && !self.matcher.may_reinclude_below(inside, &decision) {
                    pruned = Some(format!("{}/", entry.path));
                }
            } else if !decision.excluded {
                return Ok(Some(&entry.path));
            }
        }
        first_reason.map_or(Ok(None), Err)
    }

    fn reason(&self, decision: &Decision) -> Option<Exclusion> {
        let pattern = self.file.patterns.get(decision.by?)?;
        let by = match &pattern.file {
            Some(included) => Place { path: Arc::clone(included), line: pattern.line, span: pattern.span },
            None => self.document.as_ref()?.place(pattern.span),
        };
        Some(Exclusion { by, pattern: pattern.text.clone() })
    }
}

fn choose(inventory: &Inventory<'_>, directory: &str, dockerfile: &str, builder: Builder) -> Choice {
    let is_directory = |path: &str| inventory.kind(path).map(|kind| kind == EntryKind::Directory);
    dockerignore::choose_ignore_file(dockerfile, directory, builder, is_directory)
}
