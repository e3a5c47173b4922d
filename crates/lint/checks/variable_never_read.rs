//! Variables that are set under a name that is nearly the one that code reads.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use facts::{EnvRead, Facts, Scope, SecretRef, Setting, SettingSource};
use serde::Deserialize;
use source::{Place, directory_of, tokens};

use super::support::settings;
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
    /// A name for it that stays the same when lines move.
    subject: String,
    at: &'f Place,
    scope: &'f Scope,
    /// The directory of the Terraform module that gives it.
    module: Option<&'f str>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let read_names: HashSet<&str> = facts.env_reads.iter().map(|read| read.name.as_str()).collect();
        let given =
            facts.settings.iter().filter_map(of_setting).chain(facts.secrets.iter().filter_map(of_secret));
        let unread: Vec<Given<'_>> = given
            .filter(|given| {
                // Of an environment that is not deployed nobody minds; where none is said, a slip of the pen tells.
                (given.scope.deployed || given.scope.environment.is_none())
                    && !read_names.contains(given.name)
                    && !self.is_for_library(given.name)
            })
            .collect();
        if unread.is_empty() {
            return Vec::new();
        }
        let mut reads: BTreeMap<&str, &EnvRead> = BTreeMap::new();
        for read in &facts.env_reads {
            reads.entry(&read.name).or_insert(read);
        }
        let names = LazyCell::new(|| Names::of(reads.values().copied(), self));
        let set = LazyCell::new(|| Set::of(facts));
        let mut misspelt: BTreeMap<&str, Vec<&EnvRead>> = BTreeMap::new();
        for given in &unread {
            misspelt.entry(given.name).or_insert_with(|| {
                reads.values().copied().filter(|read| is_slip(given.name, &read.name)).collect()
            });
        }
        let fault = |given: &Given<'_>| {
            let alike = if given.scope.deployed && has_several_words(given.name) {
                names.like(given.name, self)
            } else {
                Vec::new()
            };
            let mut meant = alike.into_iter().chain(misspelt.get(given.name).into_iter().flatten().copied());
            Some(fault(given, meant.find(|read| !set.reaches(&read.name, given))?))
        };
        unread.iter().filter_map(fault).collect()
    }
}

/// Whether a name is made of several words; one alone says too little to be like another.
fn has_several_words(name: &str) -> bool {
    tokens(name).nth(1).is_some()
}

/// The names that code reads, by their words.
struct Names<'f> {
    /// By all words, of which those that mean the same are one.
    meanings: BTreeMap<Vec<String>, Vec<&'f EnvRead>>,
    words: BTreeMap<Vec<String>, Vec<&'f EnvRead>>,
    /// By all words but the first.
    rests: BTreeMap<Vec<String>, Vec<&'f EnvRead>>,
}

impl<'f> Names<'f> {
    fn of(reads: impl Iterator<Item = &'f EnvRead>, policy: &Policy) -> Self {
        let mut names = Self { meanings: BTreeMap::new(), words: BTreeMap::new(), rests: BTreeMap::new() };
        for read in reads {
            let words: Vec<String> = tokens(&read.name).collect();
            names.meanings.entry(policy.meaning(&words)).or_default().push(read);
            if is_needed(read) && words.len() > 1 {
                names.rests.entry(words.get(1..).unwrap_or(&[]).to_vec()).or_default().push(read);
                names.words.entry(words).or_default().push(read);
            }
        }
        names
    }

    /// The reads of names that mean the same as this one of several words, or have one word more or less at their beginning.
    fn like(&self, name: &str, policy: &Policy) -> Vec<&'f EnvRead> {
        let words: Vec<String> = tokens(name).collect();
        let rest = words.get(1..).unwrap_or(&[]);
        let found =
            [self.meanings.get(&policy.meaning(&words)), self.words.get(rest), self.rests.get(&words)];
        found.into_iter().flatten().flatten().copied().collect()
    }
}

/// Where each variable is set.
struct Set<'f> {
    /// Outside of Terraform; the code of a program may be given them whatever starts it. Whether for a deployment.
    anywhere: BTreeMap<&'f str, bool>,
    /// By Terraform, with the directory of its module: another module deploys another program, or another way.
    by_modules: BTreeSet<(&'f str, &'f str)>,
}

impl<'f> Set<'f> {
    fn of(facts: &'f Facts) -> Self {
        let mut set = Self { anywhere: BTreeMap::new(), by_modules: BTreeSet::new() };
        // What a job of a workflow reads, its tests above all, says nothing of what the program is given.
        let settings = facts.settings.iter().filter(|setting| setting.source != SettingSource::Workflow);
        let settings = settings.map(|one| (one.key.as_str(), one.source, &one.at, one.scope.deployed));
        let secrets = facts.secrets.iter();
        let secrets = secrets
            .filter_map(|one| Some((one.variable.as_deref()?, one.source, &one.at, one.scope.deployed)));
        for (name, source, at, deployed) in settings.chain(secrets) {
            match source {
                SettingSource::Terraform => {
                    set.by_modules.insert((name, directory_of(&at.path)));
                }
                _ => {
                    *set.anywhere.entry(name).or_default() |= deployed;
                }
            }
        }
        set
    }

    /// Whether a variable is set for the program that is given another one.
    fn reaches(&self, name: &str, given: &Given<'_>) -> bool {
        let elsewhere = self.anywhere.get(name);
        match given.module {
            Some(directory) => {
                elsewhere.is_some_and(|deployed| *deployed) || self.by_modules.contains(&(name, directory))
            }
            None => {
                let mut of_modules = self.by_modules.range((name, "")..);
                elsewhere.is_some() || of_modules.next().is_some_and(|(known, _)| *known == name)
            }
        }
    }
}

/// Whether a map is by its name what a container is given; others than `env` may be given to several, so that only a slip
/// tells.
fn is_map_of_variables(name: &str) -> bool {
    matches!(name, "env_vars" | "environment" | "environment_variables")
}

/// Whether two long names differ by one slip of the pen: a letter too many, too few, another, or two of them turned round.
/// Numbers are no slips: `SHARD_1_URL` is not `SHARD_2_URL`.
fn is_slip(one: &str, other: &str) -> bool {
    const LONG: usize = 8;
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len().min(other.len()) < LONG || one.len().abs_diff(other.len()) > 1 || one == other {
        return false;
    }
    let shared = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let (rest, other_rest) = (one.get(shared..).unwrap_or(&[]), other.get(shared..).unwrap_or(&[]));
    let letters = |bytes: &[u8]| bytes.iter().take(2).all(|byte| !byte.is_ascii_digit());
    if !letters(rest) || !letters(other_rest) {
        return false;
    }
    match (rest, other_rest) {
        ([_, rest @ ..], others) if rest == others => true,
        (rest, [_, others @ ..]) if rest == others => true,
        ([a, rest @ ..], [b, others @ ..]) if rest == others => {
            a.is_ascii_alphabetic() && b.is_ascii_alphabetic()
        }
        ([a, b, rest @ ..], [c, d, others @ ..]) => a == d && b == c && rest == others,
        _ => false,
    }
}

/// Whether a read has nothing of worth where its variable is not set.
fn is_needed(read: &EnvRead) -> bool {
    read.default.as_deref().is_none_or(|default| matches!(default.trim(), "" | "None"))
}

fn module_of(source: SettingSource, at: &Place) -> Option<&str> {
    (source == SettingSource::Terraform).then(|| directory_of(&at.path))
}

fn of_setting(setting: &Setting) -> Option<Given<'_>> {
    let is_variable = match setting.source {
        // A name with hyphens is that of a secret which a script fills.
        SettingSource::Script | SettingSource::Compose => !setting.key.contains('-'),
        // Several programs may share a file, so that only a slip tells.
        SettingSource::EnvFile => !setting.scope.deployed && !source::is_illustration(&setting.at.path),
        SettingSource::Terraform | SettingSource::Yaml => setting
            .within
            .last()
            .is_some_and(|map| map == "env" || is_map_of_variables(map) && !setting.scope.deployed),
        _ => false,
    };
    (is_variable && !setting.value.is_empty()).then(|| Given {
        name: &setting.key,
        subject: settings::subject(setting),
        at: &setting.at,
        scope: &setting.scope,
        module: module_of(setting.source, &setting.at),
    })
}

fn of_secret(secret: &SecretRef) -> Option<Given<'_>> {
    let name = secret.variable.as_deref()?;
    Some(Given {
        name,
        subject: format!("{name} from {}", secret.name),
        at: &secret.at,
        scope: &secret.scope,
        module: module_of(secret.source, &secret.at),
    })
}

impl Policy {
    fn is_for_library(&self, name: &str) -> bool {
        self.libraries.iter().any(|start| name.starts_with(start.as_str()))
    }

    /// The words of a name with one word for all that mean the same; the first, which says whose variable it is, stays.
    fn meaning(&self, words: &[String]) -> Vec<String> {
        let meant = |(index, word): (usize, &String)| {
            let same = self.same.iter().find(|same| index > 0 && same.contains(word));
            same.and_then(|same| same.first()).unwrap_or(word).clone()
        };
        words.iter().enumerate().map(meant).collect()
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

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn one_letter_is_a_slip_and_a_number_is_none() {
        for (one, other) in [
            ("USERS_DB_ADDR", "USER_DB_ADDR"),
            ("LOGIN_LOGOOUT_ENDPOINT", "LOGIN_LOGOUT_ENDPOINT"),
            ("WALLET_API_KET", "WALLET_API_KEY"),
            ("SECRETS_postgrse_password", "SECRETS_postgres_password"),
        ] {
            assert!(is_slip(one, other) && is_slip(other, one), "{one} {other}");
        }
        for (one, other) in
            [("SHARD_1_URL", "SHARD_2_URL"), ("HOST", "PORT"), ("DATABASE_URL", "DATABASE_URL")]
        {
            assert!(!is_slip(one, other), "{one} {other}");
        }
    }
}
