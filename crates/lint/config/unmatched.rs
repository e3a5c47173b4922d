//! Entries of the configuration that match nothing: most often a slip of the pen, or a file that moved.

use std::collections::BTreeSet;

use facts::environment::canonical;
use facts::{Facts, Setting, SettingSource};
use source::{EntryKind, Tree, Walk};

use super::{Config, Note, TimeoutDemand, Written};
use crate::nearest::did_you_mean;
use crate::pattern::Matcher;
use crate::{Fault, Pattern};

/// A note for every pattern, path and name of the configuration that matches nothing in the repository.
pub(crate) fn notes(config: &Config, tree: &dyn Tree, facts: &Facts) -> Vec<Note> {
    let patterns: Vec<(String, &Pattern)> = patterns(config).collect();
    let mut unmatched = unmatched_patterns(&patterns, tree);
    unmatched.extend(missing_paths(config, tree));
    unmatched.extend(missing_scopes(config, tree));
    unmatched.extend(unknown_environments(config, facts));
    unmatched.extend(unset_timeouts(config, facts));
    unmatched
}

/// Names of environments that are no usual ones and that nothing else speaks of.
fn unknown_environments(config: &Config, facts: &Facts) -> Vec<Note> {
    let deployed = config.services.values().flat_map(|service| service.deploy.keys());
    let of_files = facts.files.iter().flat_map(|file| &file.environments);
    let known: BTreeSet<&str> = config
        .environments
        .keys()
        .chain(deployed)
        .chain(&facts.environments)
        .chain(of_files)
        .map(String::as_str)
        .collect();
    let is_known = |name: &str| canonical(name).is_some() || known.contains(name);
    let unknown = config.named_environments.iter().filter(|written| !is_known(&written.text));
    unknown
        .map(|written| {
            let name = &written.text;
            let hint = did_you_mean(name, known.iter().copied());
            let message =
                format!("no environment is called `{name}`, so what is said of it has no effect.{hint}");
            let fault = Fault::new(format!("environments: {name}"), written.at.clone(), message);
            Note { rule: "config-unmatched", fault }
        })
        .collect()
}

/// Demanded timeouts that no file sets. Beside a file of values that sets another one, `timeout-policy` tells it.
fn unset_timeouts<'c>(config: &'c Config, facts: &'c Facts) -> Vec<Note> {
    let names = |demand: &TimeoutDemand, setting: &Setting| {
        // The default of a variable is known by the variable's name.
        let variable = setting.within.split_last().filter(|_| setting.key == "default");
        demand.names(&setting.key, &setting.within)
            || variable.is_some_and(|(name, within)| demand.names(name, within))
    };
    let is_set = |demand: &TimeoutDemand| {
        facts.settings.iter().any(|setting| names(demand, setting))
            || facts.limits.iter().any(|limit| demand.names(&limit.key, &[]))
    };
    let of_values = facts.settings.iter().filter(|setting| setting.source != SettingSource::Terraform);
    if of_values.into_iter().any(|setting| config.timeouts.iter().any(|demand| names(demand, setting))) {
        return Vec::new();
    }
    let unset = config.timeouts.iter().filter(|demand| !is_set(demand));
    unset.map(|demand| note("timeouts", &demand.key, &demand.at, "is set nowhere")).collect()
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
    let mut matched = BTreeSet::new();
    let each = Matcher::new(patterns.iter().map(|(_, pattern)| *pattern));
    for entry in &entries {
        matched.extend(each.matching(&entry.path));
    }
    let unmatched = patterns.iter().enumerate().filter(|(index, _)| !matched.contains(index));
    unmatched
        .map(|(_, known)| known)
        .map(|(key, pattern)| note(key, &pattern.text, &pattern.at, "matches no file"))
        .collect()
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
