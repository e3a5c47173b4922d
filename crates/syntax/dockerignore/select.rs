//! A whole listing, decided.

use super::{Decision, Matcher, ParentState};

/// What becomes of one entry of a directory tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// It is sent.
    Included,
    /// A directory that is left out itself, and sent because something below it is.
    OnlyParent,
    /// It is left out.
    Excluded,
    /// A directory that is left out with all it holds; what stands below it has no row.
    Pruned,
}

/// One entry and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'p> {
    /// Relative to the context.
    pub path: &'p str,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// What becomes of it.
    pub presence: Presence,
    /// The index in [`super::IgnoreFile::patterns`] of the pattern that decided.
    pub by: Option<usize>,
}

/// Decides every entry `(path, is a directory)` of a tree. The entries come in byte order of their paths, as
/// `source::Tree::walk` gives them, and rows come in that order. A directory without an entry of its own is
/// decided all the same, but has no row.
pub fn select<'p>(matcher: &Matcher, entries: impl IntoIterator<Item = (&'p str, bool)>) -> Vec<Row<'p>> {
    let mut listing = Listing { matcher, rows: Vec::new(), open: Vec::new() };
    for (path, is_dir) in entries {
        listing.add(path, is_dir);
    }
    listing.rows
}

struct Listing<'m, 'p> {
    matcher: &'m Matcher,
    rows: Vec<Row<'p>>,
    /// Directories whose content may still come. Those of one chain lie above each other, with others between
    /// that sort before a `/`, as `a-b` does after `a`.
    open: Vec<Directory<'p>>,
}

struct Directory<'p> {
    path: &'p str,
    state: ParentState,
    row: Option<usize>,
    pruned: bool,
}

impl<'p> Listing<'_, 'p> {
    fn add(&mut self, path: &'p str, is_dir: bool) {
        while self.open.last().is_some_and(|last| is_past(path, last.path)) {
            self.open.pop();
        }
        if self.open_directories_above(path) {
            return;
        }
        let decision = self.decide(path, is_dir);
        let pruned = is_dir && decision.excluded && !self.matcher.may_reinclude_below(path, &decision);
        let presence = match decision.excluded {
            false => Presence::Included,
            true if pruned => Presence::Pruned,
            true => Presence::Excluded,
        };
        self.rows.push(Row { path, is_dir, presence, by: decision.by });
        if !decision.excluded {
            self.keep_parents(path);
        }
        if is_dir {
            let row = Some(self.rows.len() - 1);
            self.open.push(Directory { path, state: decision.state, row, pruned });
        }
    }

    /// Opens directories above `path` that had no entry. True where one of all above is pruned.
    fn open_directories_above(&mut self, path: &'p str) -> bool {
        let known = self.parent(path).map_or(0, |parent| parent.path.len() + 1);
        let rest = path.get(known..).unwrap_or("");
        for (at, _) in rest.match_indices('/') {
            let Some(directory) = path.get(..known + at) else { continue };
            if self.parent(directory).is_some_and(|parent| parent.pruned) {
                return true;
            }
            let decision = self.decide(directory, true);
            let pruned = decision.excluded && !self.matcher.may_reinclude_below(directory, &decision);
            self.open.push(Directory { path: directory, state: decision.state, row: None, pruned });
        }
        self.parent(path).is_some_and(|parent| parent.pruned)
    }

    fn decide(&self, path: &str, is_dir: bool) -> Decision {
        match self.parent(path) {
            Some(parent) => self.matcher.decide(&parent.state, path, is_dir),
            None => self.matcher.decide(&self.matcher.root(), path, is_dir),
        }
    }

    /// The deepest open directory that `path` stands in.
    fn parent(&self, path: &str) -> Option<&Directory<'p>> {
        self.open.iter().rev().find(|directory| is_below(path, directory.path))
    }

    /// Marks the directories above an included path that are left out themselves.
    fn keep_parents(&mut self, path: &str) {
        for directory in self.open.iter().rev().filter(|directory| is_below(path, directory.path)) {
            let Some(row) = directory.row.and_then(|row| self.rows.get_mut(row)) else { continue };
            if row.presence != Presence::Excluded {
                break;
            }
            row.presence = Presence::OnlyParent;
        }
    }
}

fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether `path` sorts after all that stands in `directory`.
fn is_past(path: &str, directory: &str) -> bool {
    match path.strip_prefix(directory) {
        Some(rest) => rest.bytes().next().is_some_and(|byte| byte > b'/'),
        None => true,
    }
}
