//! Two lines of an env file that have run together.

use std::collections::BTreeSet;

use facts::{Facts, Setting, SettingSource};

use crate::{Fault, Severity};

/// Letters of the shortest name that is looked for inside of a value.
const SHORTEST: usize = 6;

/// Bytes of the longest one.
const LONGEST: usize = 100;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let lines = || facts.settings.iter().filter(|setting| setting.source == SettingSource::EnvFile);
    let set: BTreeSet<&str> = lines().map(|setting| setting.key.as_str()).collect();
    let read = facts.env_reads.iter().map(|read| read.name.as_str());
    let known: BTreeSet<&str> = set.into_iter().chain(read).filter(|name| name.len() >= SHORTEST).collect();
    lines().filter_map(|setting| fault(setting, swallowed(setting, &known)?, facts)).collect()
}

fn fault(setting: &Setting, name: &str, facts: &Facts) -> Option<Fault> {
    let has_own_line = facts.settings_in(&setting.at.path).iter().any(|other| other.key == name);
    let message = format!(
        "the value of `{}` goes on with `{name}` and its value: a line end is missing, so that `{}` has a value that \
         nobody wrote and `{name}` is not set",
        setting.key, setting.key
    );
    (!has_own_line).then(|| {
        Fault::new(format!("{name} in {}", setting.key), setting.at.clone(), message)
            .in_environment(setting.scope.environment.as_deref())
            .at_most(Severity::Warning)
    })
}

/// The known name that stands in a value, right behind a letter or a digit and before `=`. An option hands a variable on:
/// `-DNAME=value`.
fn swallowed<'s>(setting: &'s Setting, known: &BTreeSet<&str>) -> Option<&'s str> {
    let words = setting.value.split_whitespace().filter(|word| !word.starts_with('-'));
    words
        .into_iter()
        .find_map(|word| word.match_indices('=').find_map(|(end, _)| known_before(word.get(..end)?, known)))
}

/// What values end in that are no part of a name: numbers, and words in capitals.
const VALUES: &[&str] = &[
    "CRITICAL",
    "DEBUG",
    "DEVELOPMENT",
    "DISABLED",
    "ENABLED",
    "ERROR",
    "FALSE",
    "INFO",
    "NO",
    "NONE",
    "NULL",
    "OFF",
    "ON",
    "PRODUCTION",
    "STAGING",
    "TRUE",
    "WARNING",
    "YES",
];

/// The known name with which a text ends, behind another letter or digit that belongs to a value: what stands in one row of
/// letters of a name is one name, as `PGPASSWORD`.
fn known_before<'t>(text: &'t str, known: &BTreeSet<&str>) -> Option<&'t str> {
    let is_of_name = |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'_';
    let length = text.as_bytes().iter().rev().take(LONGEST).take_while(is_of_name).count();
    let starts = text.len() - length..text.len();
    let run = text.len() - length;
    let is_behind_letter = |start: &usize| {
        let before = text.get(run..*start).unwrap_or("");
        let is_value =
            before.is_empty() || before.bytes().all(|byte| byte.is_ascii_digit()) || VALUES.contains(&before);
        is_value && *start > 0 && text.as_bytes().get(start - 1).is_some_and(u8::is_ascii_alphanumeric)
    };
    let names = starts.filter(is_behind_letter).filter_map(|start| text.get(start..));
    names.into_iter().find(|name| known.contains(name))
}
