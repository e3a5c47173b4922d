//! Entries of the configuration that match nothing: most often a slip of the pen, or a file that moved.

use source::{EntryKind, Tree, Walk};

use super::{Config, Note, Written};
use crate::{Fault, Pattern};

/// A note for every pattern and path of the configuration that matches nothing in the tree.
pub(crate) fn notes(config: &Config, tree: &dyn Tree) -> Vec<Note> {
    let patterns: Vec<(String, &Pattern)> = patterns(config).collect();
    let mut unmatched = unmatched_patterns(&patterns, tree);
    unmatched.extend(missing_paths(config, tree));
    unmatched.extend(missing_scopes(config, tree));
    unmatched
}

fn missing_scopes<'c>(config: &'c Config, tree: &'c dyn Tree) -> impl Iterator<Item = Note> + 'c {
    let missing =
        config.scopes.iter().filter(|scope| tree.kind(&scope.path.text) != Some(EntryKind::Directory));
    missing.map(|scope| note("scope.path", &scope.path.text, &scope.path.at, "is no directory"))
}

/// Every pattern with the key that holds it.
fn patterns(config: &Config) -> impl Iterator<Item = (String, &Pattern)> {
    let exclude = config.exclude.iter().map(|pattern| ("exclude".to_owned(), pattern));
    let environments = config.environments.iter().flat_map(|(name, environment)| {
        environment.files.iter().map(move |pattern| (format!("environment.{name}.files"), pattern))
    });
    let services = config.services.iter().flat_map(|(name, service)| {
        service.paths.iter().map(move |pattern| (format!("service.{name}.paths"), pattern))
    });
    exclude.chain(environments).chain(services)
}

fn unmatched_patterns(patterns: &[(String, &Pattern)], tree: &dyn Tree) -> Vec<Note> {
    if patterns.is_empty() {
        return Vec::new();
    }
    let Walk { entries, .. } = tree.walk(&|path| !matches!(source::file_name(path), ".git" | "node_modules"));
    let matches_nothing = |pattern: &Pattern| !entries.iter().any(|entry| pattern.matches(&entry.path));
    let unmatched = patterns.iter().filter(|(_, pattern)| matches_nothing(pattern));
    unmatched.map(|(key, pattern)| note(key, &pattern.text, &pattern.at, "matches no file")).collect()
}

fn missing_paths<'c>(config: &'c Config, tree: &'c dyn Tree) -> impl Iterator<Item = Note> + 'c {
    config.services.iter().flat_map(move |(name, service)| {
        let written: [(&str, &Option<Written>); 2] =
            [("dockerfile", &service.dockerfile), ("context", &service.context)];
        written.into_iter().filter_map(move |(key, written)| {
            let written = written.as_ref()?;
            let path = source::join("", &written.text);
            let exists = path.is_some_and(|path| path.is_empty() || tree.kind(&path).is_some());
            let key = format!("service.{name}.{key}");
            (!exists).then(|| note(&key, &written.text, &written.at, "does not exist"))
        })
    })
}

fn note(key: &str, text: &str, at: &source::Place, what: &str) -> Note {
    let fault = Fault::new(
        format!("{key}: {text}"),
        at.clone(),
        format!("`{text}` in `{key}` {what}, so the entry has no effect"),
    );
    Note { rule: "config-unmatched", fault }
}
