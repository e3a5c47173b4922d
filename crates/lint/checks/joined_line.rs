//! Two lines of an env file that have run together.

use std::collections::BTreeSet;

use facts::{Facts, Setting, SettingSource};

use super::{NoPolicy, policy};
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

struct JoinedLine;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(JoinedLine))
}

/// Letters of the shortest name that is looked for inside of a value.
const SHORTEST: usize = 6;

impl Check for JoinedLine {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let lines = || facts.settings.iter().filter(|setting| setting.source == SettingSource::EnvFile);
        let set: BTreeSet<&str> = lines().map(|setting| setting.key.as_str()).collect();
        let read = facts.env_reads.iter().map(|read| read.name.as_str());
        let known: BTreeSet<&str> =
            set.into_iter().chain(read).filter(|name| name.len() >= SHORTEST).collect();
        lines().filter_map(|setting| fault(setting, swallowed(setting, &known)?, facts)).collect()
    }
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

/// The known name that stands in a value, right behind a letter or a digit and before `=`.
fn swallowed<'s>(setting: &'s Setting, known: &BTreeSet<&str>) -> Option<&'s str> {
    let is_of_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    setting.value.match_indices('=').find_map(|(end, _)| {
        let before = setting.value.get(..end)?;
        // An option hands a variable on: `-DNAME=value`.
        let word = before.rsplit(char::is_whitespace).next().unwrap_or(before);
        let is_option = word.starts_with('-');
        let run = before.trim_end_matches(is_of_name).len();
        let starts = (run..end).filter(|start| {
            before.get(..*start).is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_alphanumeric()))
        });
        let mut names = starts.filter_map(|start| before.get(start..)).filter(|name| known.contains(name));
        names.next().filter(|_| !is_option)
    })
}
