//! The ignore files of a repository: whether a build reads them, and lines of theirs that do nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use source::{EntryKind, FileKind, directory_of, file_name, is_backup, is_illustration, join};

use crate::context::Context;
use crate::image::Image;
use crate::images::root_only::root_only;
use crate::inventory::Inventory;
use crate::record::Document;
use crate::{IgnoreFileFact, NotBroughtBack, RootOnlyLine, UnreadIgnoreFile};

/// The ignore files in path order.
pub(super) fn ignore_files<'c, 'i: 'c>(
    inventory: &Inventory<'_>,
    images: &[Image],
    contexts: impl Iterator<Item = &'c Context<'i>>,
) -> Vec<IgnoreFileFact> {
    let mut idle: BTreeMap<Arc<str>, Vec<NotBroughtBack>> = BTreeMap::new();
    let mut root_only_lines: BTreeMap<Arc<str>, RootOnlyLine> = BTreeMap::new();
    let contexts: Vec<&Context<'_>> = contexts.collect();
    for context in contexts.iter().copied() {
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
        let unread = Some(unread_by(inventory, images, &contexts, &entry.path)?);
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
fn unread_by(
    inventory: &Inventory<'_>,
    images: &[Image],
    contexts: &[&Context<'_>],
    path: &str,
) -> Option<UnreadIgnoreFile> {
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
    if is_context || !beside.all(elsewhere) {
        return None;
    }
    let sent =
        sent(inventory, contexts.iter().copied().find(|context| context.directory == first.context), path);
    (!sent.is_empty()).then(|| UnreadIgnoreFile::OtherContext {
        dockerfile: Arc::clone(&first.dockerfile),
        line: first.line,
        context: first.context.clone(),
        built_by: first.built_by.first().cloned(),
        sent,
    })
}

/// The patterns of an ignore file that would leave something out which the context sends.
fn sent(inventory: &Inventory<'_>, context: Option<&Context<'_>>, path: &str) -> Vec<String> {
    let Ok(document) = Document::read(inventory.tree(), path) else { return Vec::new() };
    let lines = document.text.lines().map(str::trim);
    let (back, patterns): (Vec<&str>, Vec<&str>) = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .partition(|line| line.starts_with('!'));
    let is_left_out = |pattern: &str| {
        let mut samples = samples(pattern).into_iter().filter_map(|sample| join(directory_of(path), &sample));
        context.is_some_and(|context| samples.all(|sample| context.exclusion(&sample).is_some()))
    };
    // What is brought back and by whom is not looked at.
    let sent = patterns.into_iter().filter(|pattern| !back.is_empty() || !is_left_out(pattern));
    sent.map(str::to_owned).collect()
}

/// Paths that a pattern matches, of files that need not be there.
fn samples(pattern: &str) -> Vec<String> {
    let plain = pattern.trim_matches('/').trim_start_matches("./");
    let deep = plain.replace("**/", "x/x/");
    let written = [plain.replace("**/", ""), deep];
    written
        .iter()
        .map(|path| path.replace("**", "x").replace(['*', '?', '['], "x").replace(']', ""))
        .collect()
}
