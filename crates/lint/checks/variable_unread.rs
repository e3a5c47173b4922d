//! Variables that are set under a name that is nearly the one that code reads.

use std::collections::{BTreeMap, BTreeSet};

use facts::{EnvRead, Facts, Setting, SettingSource};
use serde::Deserialize;
use source::tokens;

use super::settings;
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Last words of names that mean the same: `URL`, `URI`.
    same: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let set: BTreeSet<&str> = facts
            .settings
            .iter()
            .map(|setting| setting.key.as_str())
            .chain(facts.secrets.iter().filter_map(|secret| secret.variable.as_deref()))
            .collect();
        let mut reads: BTreeMap<&str, &EnvRead> = BTreeMap::new();
        for read in &facts.env_reads {
            reads.entry(&read.name).or_insert(read);
        }
        let unset: Vec<(Vec<String>, &EnvRead)> = reads
            .values()
            .filter(|read| !set.contains(read.name.as_str()) && is_needed(read))
            .map(|read| (tokens(&read.name).collect(), *read))
            .collect();
        let judged = facts.settings.iter().filter(|setting| is_variable(setting));
        judged
            .filter(|setting| !reads.contains_key(setting.key.as_str()))
            .filter_map(|setting| {
                let words: Vec<String> = tokens(&setting.key).collect();
                let (_, read) = unset.iter().find(|(other, _)| self.means_the_same(&words, other))?;
                Some(fault(setting, read))
            })
            .collect()
    }
}

/// Whether a read has nothing of worth where its variable is not set.
fn is_needed(read: &EnvRead) -> bool {
    read.default.as_deref().is_none_or(|default| matches!(default.trim(), "" | "None"))
}

/// Whether a setting is a variable of a deployed program, given by name.
fn is_variable(setting: &Setting) -> bool {
    let given = match setting.source {
        SettingSource::Script | SettingSource::Compose => true,
        SettingSource::Terraform | SettingSource::Yaml => {
            setting.within.last().is_some_and(|map| map == "env")
        }
        _ => false,
    };
    given && setting.scope.deployed && !setting.value.is_empty()
}

impl Policy {
    /// One name has one word more than the other at its beginning, or they end in words that mean the same.
    fn means_the_same(&self, one: &[String], other: &[String]) -> bool {
        let longer_by_first = |long: &[String], short: &[String]| {
            long.len() == short.len() + 1 && short.len() > 1 && long.get(1..) == Some(short)
        };
        let is_synonym = |word: &String| self.same.contains(word);
        let synonyms = match (one.split_last(), other.split_last()) {
            (Some((last, front)), Some((other_last, other_front))) => {
                !front.is_empty() && front == other_front && is_synonym(last) && is_synonym(other_last)
            }
            _ => false,
        };
        synonyms || longer_by_first(one, other) || longer_by_first(other, one)
    }
}

fn fault(setting: &Setting, read: &EnvRead) -> Fault {
    let message = format!(
        "`{}` is set and read by no code that was found; the code reads `{}`, which nothing sets",
        setting.key, read.name
    );
    Fault::new(settings::subject(setting), setting.at.clone(), message)
        .in_environment(setting.scope.environment.as_deref())
        .because(read.at.clone(), format!("`{}` is read here", read.name))
}
