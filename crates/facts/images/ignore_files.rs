//! The ignore files of a repository: whether a build reads them, and lines of theirs that do nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use source::{EntryKind, FileKind, directory_of, file_name, is_backup, is_illustration};

use crate::context::Context;
use crate::image::Image;
use crate::images::root_only::root_only;
use crate::inventory::Inventory;
use crate::{IgnoreFileFact, NotBroughtBack, RootOnlyLine, UnreadIgnoreFile};

/// The ignore files in path order.
pub(super) fn ignore_files<'c, 'i: 'c>(
    inventory: &Inventory<'_>,
    images: &[Image],
    contexts: impl Iterator<Item = &'c Context<'i>>,
) -> Vec<IgnoreFileFact> {
    let mut idle: BTreeMap<Arc<str>, Vec<NotBroughtBack>> = BTreeMap::new();
    let mut root_only_lines: BTreeMap<Arc<str>, RootOnlyLine> = BTreeMap::new();
    for context in contexts {
        let Some(path) = context.ignore_file() else { continue };
        let with_it = images
            .iter()
            .filter(|image| image.context == context.directory && image.ignore_file.as_ref() == Some(&path));
        if let Some(line) = root_only(inventory, context, with_it) {
            root_only_lines.entry(Arc::clone(&path)).or_insert(line);
        }
        let lines = context.idle_lines();
        // What helps one builder is not idle.
        idle.entry(path)
            .and_modify(|known| known.retain(|line| lines.iter().any(|other| other.at == line.at)))
            .or_insert(lines);
    }
    let read = |path: &str| idle.contains_key(path);
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let unread = files.filter(|entry| FileKind::of(&entry.path) == FileKind::DockerIgnore);
    let unread =
        unread.filter(|entry| !read(&entry.path) && !is_backup(&entry.path) && !is_illustration(&entry.path));
    let unread = unread.filter_map(|entry| {
        let unread = Some(unread_by(inventory, images, &entry.path)?);
        Some(IgnoreFileFact {
            path: Arc::from(entry.path.as_str()),
            unread,
            idle: Vec::new(),
            root_only: None,
        })
    });
    let mut facts: Vec<IgnoreFileFact> = unread.collect();
    facts.extend(idle.into_iter().map(|(path, idle)| {
        let root_only = root_only_lines.remove(&path);
        IgnoreFileFact { path, unread: None, idle, root_only }
    }));
    facts.sort_by(|one, other| one.path.cmp(&other.path));
    facts
}

/// Why no build reads the file; `None` where one may that is not known here.
fn unread_by(inventory: &Inventory<'_>, images: &[Image], path: &str) -> Option<UnreadIgnoreFile> {
    let name = file_name(path);
    if let Some(dockerfile) = path.strip_suffix(".dockerignore").filter(|_| name != ".dockerignore") {
        return (!inventory.is_file(dockerfile))
            .then(|| UnreadIgnoreFile::NoDockerfile { dockerfile: dockerfile.to_owned() });
    }
    if name != ".dockerignore" {
        return None;
    }
    let directory = directory_of(path);
    let mut beside = images.iter().filter(|image| directory_of(&image.dockerfile) == directory).peekable();
    let first = *beside.peek()?;
    let elsewhere = |image: &Image| image.context_is_certain && image.context != directory;
    let is_context = images.iter().any(|image| image.context == directory);
    (!is_context && beside.all(elsewhere)).then(|| UnreadIgnoreFile::OtherContext {
        dockerfile: Arc::clone(&first.dockerfile),
        line: first.line,
        context: first.context.clone(),
        built_by: first.built_by.first().cloned(),
    })
}
