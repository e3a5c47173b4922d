//! The names of a file system, and COPY from one to another as `BuildKit` does it.

use std::collections::BTreeMap;

use source::{EntryKind, directory_of, file_name, join};
use syntax::dockerignore::{Matcher, Presence, select};

use crate::wildcard::{is_wildcard, literal_directory, matches};

/// As many names as one file system may hold; a COPY in many lines multiplies them.
const MAX_NAMES: usize = 1_000_000;

/// As many links are followed in one path.
const MAX_LINKS: usize = 40;

/// What stands at each path, relative to the root.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileSystem {
    nodes: BTreeMap<String, Node>,
}

/// What can stand at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// A directory.
    Directory,
    /// A file.
    File,
    /// A symbolic link, and where it leads, as written.
    Link(String),
}

/// One COPY or ADD: its sources go to one place.
pub(crate) struct Copy<'c> {
    /// As they are looked up: relative to the root of the other file system.
    pub(crate) sources: &'c [String],
    /// Absolute, without the first `/`; ends in `/` where it must be a directory.
    pub(crate) destination: &'c str,
    /// `--exclude`: below a directory that is copied, paths that are left out.
    pub(crate) excluded: Option<&'c Matcher>,
    /// `--parents`: the directories above a source are kept.
    pub(crate) keeps_parents: bool,
    /// Whether it fails where its wildcards match nothing at all.
    pub(crate) needs_match: bool,
}

impl FileSystem {
    /// Adds what stands at a path.
    pub(crate) fn insert(&mut self, path: &str, node: Node) {
        self.nodes.insert(path.to_owned(), node);
    }

    /// Makes a directory and those above it.
    ///
    /// # Errors
    /// A file stands in its way.
    pub(crate) fn make_directory(&mut self, path: &str) -> Result<(), String> {
        let path = self.followed(path);
        let above: Vec<&str> = path.match_indices('/').filter_map(|(at, _)| path.get(..at)).collect();
        for directory in above.into_iter().chain([path.as_str()]).filter(|path| !path.is_empty()) {
            match self.nodes.get(directory) {
                None => self.insert(directory, Node::Directory),
                Some(Node::Directory) => {}
                Some(_) => return Err(format!("`/{directory}` is no directory")),
            }
        }
        Ok(())
    }

    /// Files and links, in byte order.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().filter(|(_, node)| **node != Node::Directory).map(|(path, _)| path.as_str())
    }

    /// Whether a directory stands there.
    pub(crate) fn is_directory(&self, path: &str) -> bool {
        path.is_empty() || self.nodes.get(path) == Some(&Node::Directory)
    }

    /// The path after all links in it are followed. They stay below the root, as those of a container do; where a link
    /// leads to nothing, so does the path.
    pub(crate) fn followed(&self, path: &str) -> String {
        let mut done = String::new();
        let mut rest: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut links = 0;
        while let Some(part) = rest.pop() {
            let at = join(&done, &part).unwrap_or_default();
            match self.nodes.get(&at) {
                Some(Node::Link(target)) if links < MAX_LINKS => {
                    links += 1;
                    rest.extend(target.split('/').rev().map(str::to_owned));
                    if target.starts_with('/') {
                        done.clear();
                    }
                }
                _ => done = at,
            }
        }
        done
    }

    /// Everything below a directory, with its path from there.
    fn below<'f>(&'f self, directory: &str) -> impl Iterator<Item = (&'f str, &'f Node)> {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let from = self.nodes.range(prefix.clone()..);
        from.map_while(move |(path, node)| Some((path.strip_prefix(prefix.as_str())?, node)))
    }

    /// Copies from another file system.
    ///
    /// # Errors
    /// A source that is not there, a file in the place of a directory or the other way round: the build fails.
    pub(crate) fn copy(&mut self, other: &Self, copy: &Copy<'_>) -> Result<(), String> {
        let mut is_found = false;
        for source in copy.sources {
            let found = if is_wildcard(source) { other.matching(source) } else { vec![source.clone()] };
            is_found |= !found.is_empty();
            found.iter().try_for_each(|path| self.copy_one(other, path, copy))?;
        }
        if is_found || !copy.needs_match || copy.sources.is_empty() {
            Ok(())
        } else {
            Err(format!("nothing matches `{}`", copy.sources.join(" ")))
        }
    }

    /// The paths that a wildcard matches; nothing inside of one that matches.
    fn matching(&self, pattern: &str) -> Vec<String> {
        let above = literal_directory(pattern);
        let pattern = pattern.strip_prefix(above).unwrap_or(pattern).trim_start_matches('/');
        let directory = self.followed(above);
        let matching = self.below(&directory).filter(|(path, _)| matches(pattern, path));
        matching.filter_map(|(path, _)| join(&directory, path)).collect()
    }

    fn copy_one(&mut self, other: &Self, source: &str, copy: &Copy<'_>) -> Result<(), String> {
        let real = other.followed(source);
        let is_directory = other.is_directory(&real);
        let node = other.nodes.get(&real);
        if !is_directory && !matches!(node, Some(Node::File)) {
            return Err(format!("`{source}` is not there"));
        }
        let trimmed = copy.destination.trim_end_matches('/');
        let written =
            if copy.keeps_parents { join(trimmed, source).unwrap_or_default() } else { trimmed.to_owned() };
        let named = copy.destination.ends_with('/') && !copy.keeps_parents;
        self.make_directory(if named { &written } else { directory_of(&written) })?;
        let into = self.followed(&written);
        if is_directory {
            return self.copy_directory(other, &real, &into, copy.excluded);
        }
        let into =
            if self.is_directory(&into) { join(&into, file_name(source)).unwrap_or_default() } else { into };
        self.copy_node(&into, Node::File)
    }

    /// Writes a file whose text stands in the Dockerfile: into the destination where that is a directory, else as it.
    ///
    /// # Errors
    /// As for [`FileSystem::copy`].
    pub(crate) fn write(&mut self, name: &str, destination: &str) -> Result<(), String> {
        let path = destination.trim_end_matches('/');
        self.make_directory(if destination.ends_with('/') { path } else { directory_of(path) })?;
        let into = self.followed(path);
        let into = if self.is_directory(&into) { join(&into, name).unwrap_or_default() } else { into };
        self.copy_node(&into, Node::File)
    }

    /// Copies what a directory holds; links in it stay links.
    fn copy_directory(
        &mut self,
        other: &Self,
        directory: &str,
        into: &str,
        excluded: Option<&Matcher>,
    ) -> Result<(), String> {
        self.make_directory(into)?;
        let entries = || other.below(directory).map(|(path, node)| (path, *node == Node::Directory));
        let kept: Vec<&str> = match excluded {
            None => entries().map(|(path, _)| path).collect(),
            Some(matcher) => {
                let rows = select(matcher, entries()).into_iter();
                let kept =
                    rows.filter(|row| matches!(row.presence, Presence::Included | Presence::OnlyParent));
                kept.map(|row| row.path).collect()
            }
        };
        for path in kept {
            let from = join(directory, path).unwrap_or_default();
            let Some(node) = other.nodes.get(&from) else { continue };
            self.copy_node(&join(into, path).unwrap_or_default(), node.clone())?;
        }
        Ok(())
    }

    fn copy_node(&mut self, path: &str, node: Node) -> Result<(), String> {
        if self.nodes.len() >= MAX_NAMES {
            return Err(format!("more than {MAX_NAMES} files are copied"));
        }
        match (self.nodes.get(path), &node) {
            (Some(Node::Directory), Node::Directory) => {}
            (Some(Node::Directory), _) => return Err(format!("`/{path}` is a directory already")),
            (Some(_), Node::Directory) => return Err(format!("`/{path}` is no directory")),
            _ => self.insert(path, node),
        }
        Ok(())
    }
}

impl Node {
    /// What an entry of a tree is; `None` for sockets and the like.
    pub(crate) fn of(kind: EntryKind, target: impl FnOnce() -> Option<String>) -> Option<Self> {
        match kind {
            EntryKind::Directory => Some(Self::Directory),
            EntryKind::File => Some(Self::File),
            EntryKind::Symlink => target().map(Self::Link),
            EntryKind::Other => None,
        }
    }
}
