//! Variables that are set under a name that is nearly the one that code reads.

use std::collections::{BTreeMap, BTreeSet};

use facts::{EnvRead, Facts, Scope, SecretRef, Setting, SettingSource};
use serde::Deserialize;
use source::{Place, tokens};

use super::settings;
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Words that mean the same: `URL` and `URI`, `WS` and `WEBSOCKET`.
    same: Vec<Vec<String>>,
    /// Beginnings of variables that libraries read themselves.
    libraries: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

/// A variable that a deployed program is given.
struct Given<'f> {
    name: &'f str,
    subject: String,
    at: &'f Place,
    scope: &'f Scope,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let settings = facts.settings.iter().map(|setting| setting.key.as_str());
        let secrets = facts.secrets.iter().filter_map(|secret| secret.variable.as_deref());
        let set: BTreeSet<&str> = settings.chain(secrets).collect();
        let mut reads: BTreeMap<&str, &EnvRead> = BTreeMap::new();
        for read in &facts.env_reads {
            reads.entry(&read.name).or_insert(read);
        }
        let unset: Vec<(Vec<String>, &EnvRead)> = reads
            .values()
            .filter(|read| !set.contains(read.name.as_str()))
            .map(|read| (tokens(&read.name).collect(), *read))
            .collect();
        if unset.is_empty() {
            return Vec::new();
        }
        let given =
            facts.settings.iter().filter_map(of_setting).chain(facts.secrets.iter().filter_map(of_secret));
        let unread = given.filter(|given| {
            given.scope.deployed && !reads.contains_key(given.name) && !self.is_for_library(given.name)
        });
        unread
            .filter_map(|given| {
                let words: Vec<String> = tokens(given.name).collect();
                let (_, read) = unset.iter().find(|(other, read)| {
                    self.differ_by_synonyms(&words, other)
                        || is_needed(read) && differ_by_first_word(&words, other)
                })?;
                Some(fault(&given, read))
            })
            .collect()
    }
}

/// Whether a read has nothing of worth where its variable is not set.
fn is_needed(read: &EnvRead) -> bool {
    read.default.as_deref().is_none_or(|default| matches!(default.trim(), "" | "None"))
}

fn of_setting(setting: &Setting) -> Option<Given<'_>> {
    let is_variable = match setting.source {
        // A name with hyphens is that of a secret which a script fills.
        SettingSource::Script | SettingSource::Compose => !setting.key.contains('-'),
        SettingSource::Terraform | SettingSource::Yaml => {
            setting.within.last().is_some_and(|map| map == "env")
        }
        _ => false,
    };
    (is_variable && !setting.value.is_empty()).then(|| Given {
        name: &setting.key,
        subject: settings::subject(setting),
        at: &setting.at,
        scope: &setting.scope,
    })
}

fn of_secret(secret: &SecretRef) -> Option<Given<'_>> {
    let name = secret.variable.as_deref()?;
    Some(Given {
        name,
        subject: format!("{name} from {}", secret.name),
        at: &secret.at,
        scope: &secret.scope,
    })
}

/// One name has one word more than the other at its beginning.
fn differ_by_first_word(one: &[String], other: &[String]) -> bool {
    let longer = |long: &[String], short: &[String]| short.len() > 1 && long.get(1..) == Some(short);
    longer(one, other) || longer(other, one)
}

impl Policy {
    fn is_for_library(&self, name: &str) -> bool {
        self.libraries.iter().any(|start| name.starts_with(start.as_str()))
    }

    /// All words are the same or mean the same, and the first, which says whose variable it is, is the same.
    fn differ_by_synonyms(&self, one: &[String], other: &[String]) -> bool {
        let is_same = |(one, other): (&String, &String)| {
            one == other || self.same.iter().any(|words| words.contains(one) && words.contains(other))
        };
        one.len() > 1
            && one.len() == other.len()
            && one.first() == other.first()
            && one.iter().zip(other).all(is_same)
    }
}

fn fault(given: &Given<'_>, read: &EnvRead) -> Fault {
    let instead = match read.default.as_deref().filter(|default| !default.is_empty()) {
        Some(_) => "which nothing sets, so that its default holds everywhere",
        None => "which nothing sets",
    };
    let message = format!(
        "`{}` is set and read by no code that was found; the code reads `{}`, {instead}",
        given.name, read.name
    );
    Fault::new(given.subject.clone(), given.at.clone(), message)
        .in_environment(given.scope.environment.as_deref())
        .because(read.at.clone(), format!("`{}` is read here", read.name))
}
