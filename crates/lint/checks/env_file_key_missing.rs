//! Keys that the env file of one environment lacks, though those of the others have them and the code reads them.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use facts::environment::{canonical, named_by_words};
use facts::{EnvRead, Facts, Setting, SettingSource};
use serde::Deserialize;
use source::{Place, directory_of, file_name, tokens};

use super::policy;
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Words of keys that only some environments are meant to have.
    except_words: Vec<String>,
}

struct SiblingKeys {
    policy: Policy,
    /// What the configuration says that every deployment of an environment sets, by variable and environment.
    declared: BTreeSet<(String, String)>,
}

pub(super) fn build(table: &toml::Table, context: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let environments = context.config.environments.iter();
    let declared = environments.flat_map(|(name, environment)| {
        environment.variables.keys().map(move |variable| (variable.clone(), name.clone()))
    });
    Ok(Box::new(SiblingKeys { policy: policy(table)?, declared: declared.collect() }))
}

/// Env files that differ in their environment alone: the folder, and the other words of the name.
type Family<'f> = (&'f str, Vec<String>);

/// The deployed env file of one environment, with what it sets.
struct EnvFile<'f> {
    path: &'f str,
    environment: &'f str,
    keys: BTreeMap<&'f str, &'f Setting>,
}

impl Check for SiblingKeys {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let families = families(facts);
        if families.values().all(|files| files.len() < 2) {
            return Vec::new();
        }
        let needed = LazyCell::new(|| needed(facts));
        let set = LazyCell::new(|| Set::of(facts, &self.declared));
        let mut faults = Vec::new();
        for ((folder, _), files) in families {
            for file in &files {
                let lacked = lacked(file, &files).into_iter();
                for (key, sibling) in lacked.filter(|(key, _)| self.is_for(key, file.environment)) {
                    let is_left_out = facts.mentioned.contains(&(Arc::from(file.path), key.to_owned()));
                    let read = needed
                        .get(key)
                        .filter(|_| !is_left_out && !set.reaches(key, file.environment, folder));
                    faults.extend(read.map(|read| fault(file, key, sibling, read)));
                }
            }
        }
        faults
    }
}

impl SiblingKeys {
    /// Whether a key may be meant for an environment: `JWT_SECRET_STAGING` is for no other, `E2E_KEY` for tests.
    fn is_for(&self, key: &str, environment: &str) -> bool {
        named_by_words(key).is_none_or(|named| named == environment)
            && !tokens(key).any(|word| self.policy.except_words.contains(&word))
    }
}

/// The keys that all other files of the family give a value, and this one does not have.
fn lacked<'f>(file: &EnvFile<'f>, family: &[EnvFile<'f>]) -> Vec<(&'f str, &'f Setting)> {
    let mut others = family.iter().filter(|other| other.path != file.path);
    let Some(first) = others.next() else { return Vec::new() };
    let others: Vec<&EnvFile<'_>> = others.chain([first]).collect();
    let keys = first.keys.iter().filter(|(key, _)| !file.keys.contains_key(*key));
    keys.filter(|(key, _)| others.iter().all(|other| has_value(other.keys.get(*key).copied())))
        .map(|(key, setting)| (*key, *setting))
        .collect()
}

fn has_value(setting: Option<&Setting>) -> bool {
    setting.is_some_and(|setting| !setting.value.trim().is_empty())
}

fn families(facts: &Facts) -> BTreeMap<Family<'_>, Vec<EnvFile<'_>>> {
    let mut files: Vec<EnvFile<'_>> = Vec::new();
    let deployed = facts.settings.iter().filter(|setting| setting.scope.deployed);
    for setting in deployed.filter(|setting| setting.source == SettingSource::EnvFile) {
        let (Some(environment), path) = (setting.scope.environment.as_deref(), &*setting.at.path) else {
            continue;
        };
        // The settings stand in the order of their files.
        if files.last().is_none_or(|file| file.path != path) {
            files.push(EnvFile { path, environment, keys: BTreeMap::new() });
        }
        if let Some(file) = files.last_mut() {
            file.keys.insert(&setting.key, setting);
        }
    }
    let mut families: BTreeMap<Family<'_>, Vec<EnvFile<'_>>> = BTreeMap::new();
    for file in files {
        let words = tokens(file_name(file.path)).filter(|word| canonical(word).is_none()).collect();
        families.entry((directory_of(file.path), words)).or_default().push(file);
    }
    families
}

/// The variables without which code has nothing to go by, with the first read of each.
fn needed(facts: &Facts) -> BTreeMap<&str, &EnvRead> {
    let mut reads: BTreeMap<&str, Option<&EnvRead>> = BTreeMap::new();
    for read in &facts.env_reads {
        let known = reads.entry(&read.name).or_insert(Some(read));
        // One read with a default shows that the code can do without.
        if read.default.as_deref().is_some_and(|default| !default.is_empty() && default != "None") {
            *known = None;
        }
    }
    reads.into_iter().filter_map(|(name, read)| Some((name, read?))).collect()
}

/// Where variables are set, besides the env files of environments.
struct Set<'f> {
    /// By variable and environment; `""` where none is known.
    by_environment: BTreeSet<(&'f str, &'f str)>,
    /// By variable and folder, in files that every environment loads: `.env`.
    for_all: BTreeSet<(&'f str, &'f str)>,
}

impl<'f> Set<'f> {
    fn of(facts: &'f Facts, declared: &'f BTreeSet<(String, String)>) -> Self {
        let mut set = Self { by_environment: BTreeSet::new(), for_all: BTreeSet::new() };
        set.by_environment.extend(declared.iter().map(|(key, name)| (key.as_str(), name.as_str())));
        for setting in &facts.settings {
            let environment = setting.scope.environment.as_deref().unwrap_or("");
            if setting.source == SettingSource::EnvFile && environment.is_empty() {
                set.for_all.insert((&setting.key, directory_of(&setting.at.path)));
            } else {
                set.by_environment.insert((&setting.key, environment));
            }
        }
        for secret in &facts.secrets {
            let environment = secret.scope.environment.as_deref().unwrap_or("");
            set.by_environment.extend(secret.variable.as_deref().map(|variable| (variable, environment)));
        }
        set
    }

    fn reaches(&self, key: &str, environment: &str, folder: &str) -> bool {
        self.by_environment.contains(&(key, environment))
            || self.by_environment.contains(&(key, ""))
            || self.for_all.contains(&(key, folder))
    }
}

fn fault(file: &EnvFile<'_>, key: &str, sibling: &Setting, read: &EnvRead) -> Fault {
    let message = format!(
        "`{key}` is set for every other environment and not for {}: no file of {} has it, and the code that reads it has \
         nothing to go by",
        file.environment, file.environment
    );
    Fault::new(format!("{key} (absent)"), Place::file(file.path), message)
        .in_environment(Some(file.environment))
        .because(sibling.at.clone(), format!("`{key}` is set here"))
        .because(read.at.clone(), format!("`{key}` is read here"))
}
