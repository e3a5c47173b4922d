//! What Compose refuses of a project whose files are well written each: names of volumes, networks, secrets and configs
//! that nothing defines, services without an image, services that wait for each other.

use source::{FileKind, MAX_CONFIG_BYTES, directory_of, file_name, is_backup, is_illustration, is_templated};
use syntax::compose::project::{OVERRIDE_NAMES, ProjectError, Request, Stage};
use syntax::compose::{self, ComposeFile};
use syntax::yaml::Stream;
use syntax::{Parsed, SyntaxError};

use crate::inventory::Inventory;
use crate::missing::merge;
use crate::record::Document;
use crate::refused::{Refusal, RefusedBy, RefusedFile};

/// Why Compose refuses the project of this file. Source: compose-go 2.14, `loader/validate.go`; `loader/loader.go` takes the
/// services out whose profile is off before it looks.
#[must_use]
pub(crate) fn refusals(
    document: &Document,
    stream: &Parsed<Stream>,
    file: &Parsed<ComposeFile>,
    inventory: &Inventory<'_>,
) -> Vec<RefusedFile> {
    let path = &*document.path;
    let is_whole = stream.errors.is_empty() && file.errors.is_empty() && !stream.tree.is_template;
    if !is_whole || is_templated(path) || is_illustration(path) || is_backup(path) {
        return Vec::new();
    }
    let services = &file.tree.services;
    // A service that is waited for and not there is a fact of its own.
    let exists = |name: &str| services.iter().any(|service| service.name.value == name);
    let is_told_elsewhere = |error: &SyntaxError| {
        let mut waited = services.iter().flat_map(|service| &service.depends_on);
        waited.any(|other| other.service.span == error.span && !exists(&other.service.value))
    };
    // A file that waits for a service which it does not have is read together with one that has it, wherever that lies.
    let is_addition = project_files(path, inventory).len() == 1
        && services.iter().flat_map(|service| &service.depends_on).any(|other| !exists(&other.service.value));
    // What has neither an image nor a build may change what any other file describes.
    let is_bare = |error: &SyntaxError| services.iter().any(|service| service.name.span == error.span);
    let told = errors(document, inventory).into_iter().filter(|(found, is_on)| {
        let word = document.slice(found.error.span);
        let reach = if is_addition {
            Reach::AnyName
        } else if is_bare(&found.error) {
            Reach::Tree
        } else {
            Reach::Folder
        };
        *found.path == *path
            && !word.contains('$')
            // A service that is never on may be there for others to extend it.
            && (*is_on || !is_bare(&found.error))
            && !is_told_elsewhere(&found.error)
            && !may_be_said_elsewhere(word, path, reach, inventory)
    });
    told.map(|(found, is_on)| RefusedFile {
        reader: RefusedBy::ComposeProject,
        why: Refusal::Inconsistent { message: found.error.message, needs_profile: !is_on },
        at: document.place(found.error.span),
    })
    .collect()
}

/// What does not fit together with every profile on, and whether it does not without any either. Variables that nobody sets
/// are empty, and where Compose cannot read the project then, they are a number, which is a name, a size and a port too.
fn errors(document: &Document, inventory: &Inventory<'_>) -> Vec<(ProjectError, bool)> {
    let files = project_files(&document.path, inventory);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let read = |path: &str| {
        let bytes = inventory.tree().read(path, MAX_CONFIG_BYTES).ok()?;
        String::from_utf8(bytes).ok()
    };
    let load = |profiles: &[&str], value: Option<&str>| {
        let (directory, variables) = (directory_of(&document.path), |_: &str| value.map(str::to_owned));
        let request = Request { files: &files, directory, read: &read, variables: &variables, profiles };
        compose::project::load(&request).1
    };
    let is_unread = |errors: &[ProjectError]| errors.iter().any(|found| found.stage == Stage::Load);
    let mut value = None;
    let mut found = load(&["*"], value);
    if is_unread(&found) {
        value = Some("1");
        found = load(&["*"], value);
    }
    if is_unread(&found) {
        return Vec::new();
    }
    found.retain(|found| found.stage == Stage::Consistency);
    if found.is_empty() {
        return Vec::new();
    }
    let without_profiles = load(&[], value);
    found.into_iter().map(|error| (error.clone(), without_profiles.contains(&error))).collect()
}

/// The files that Compose reads together: those of the default names with the one that overrides them.
fn project_files(path: &str, inventory: &Inventory<'_>) -> Vec<String> {
    let found = compose::project::default_files(directory_of(path), &|path| inventory.is_file(path));
    if found.iter().any(|file| file == path) { found } else { vec![path.to_owned()] }
}

/// Which Compose files may be merged with one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Those of its folder and of the folders above.
    Folder,
    /// All of the repository.
    Tree,
    /// Those as well whose names do not say that they are for Compose: a script names each.
    AnyName,
}

/// Whether a Compose file that may be merged with the one at `path` speaks of this word: one of its folder, also one that is
/// only an example there, or one of the folders above.
fn may_be_said_elsewhere(word: &str, path: &str, reach: Reach, inventory: &Inventory<'_>) -> bool {
    let directory = directory_of(path);
    let own = project_files(path, inventory);
    let is_merged = OVERRIDE_NAMES.contains(&file_name(path)) && own.len() < 2;
    if is_merged || !merge::stands_alone(path) && has_default_above(directory, inventory) {
        return true;
    }
    let is_near = |other: &str| {
        let folder = directory_of(other);
        folder == directory || folder.is_empty() || directory.starts_with(&format!("{folder}/"))
    };
    let others = inventory.entries().iter().map(|entry| entry.path.as_str()).filter(|other| {
        let is_compose = FileKind::of(other) == FileKind::Compose;
        let is_example = || directory_of(other) == directory && file_name(other).contains("compose");
        let is_named = || reach == Reach::AnyName && FileKind::of(other) == FileKind::Yaml;
        (is_compose && (reach != Reach::Folder || is_near(other)) || is_example() || is_named())
            && own.iter().all(|own| own != other)
    });
    let has = |text: &[u8], word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    let speaks = |other: &str| {
        let text = inventory.tree().read(other, MAX_CONFIG_BYTES).unwrap_or_default();
        let is_project = FileKind::of(other) != FileKind::Yaml || has(&text, "services:");
        is_project && has(&text, word)
    };
    others.into_iter().any(speaks)
}

/// Whether a folder above has a project of its own, over which a file of another name may be laid.
fn has_default_above(directory: &str, inventory: &Inventory<'_>) -> bool {
    let mut above = directory;
    while !above.is_empty() {
        above = directory_of(above);
        if !compose::project::default_files(above, &|path| inventory.is_file(path)).is_empty() {
            return true;
        }
    }
    false
}
