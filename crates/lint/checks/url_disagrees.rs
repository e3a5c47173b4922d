//! One variable that leads one environment to two hosts.

use std::collections::{BTreeMap, BTreeSet};

use facts::environment::{canonical, is_deployed};
use facts::{Facts, Setting, SettingSource};
use serde::Deserialize;
use source::{FileKind, is_backup, tokens};

use super::declared_host::{same_words, site_of};
use super::support::destination::destinations;
use super::support::settings;
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Endings of hosts that a platform makes up for each service.
    generated: Vec<String>,
    /// Beginnings of names that say only that a bundler reads the variable.
    prefixes: Vec<String>,
    /// Words of a name that do not say where its value leads to.
    idle: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

/// A host that a variable leads to in one place.
struct Stated<'f> {
    setting: &'f Setting,
    host: String,
    /// Whether the value reaches a deployment; a template only tells what is meant.
    deployed: bool,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut by_variable: BTreeMap<(String, String), Vec<Stated<'_>>> = BTreeMap::new();
        for setting in facts.settings.iter().filter(|setting| setting.value.contains("://")) {
            let Some(name) = self.name_of(setting) else { continue };
            let Some((environment, one)) = stated(setting) else { continue };
            by_variable.entry((environment, name)).or_default().push(one);
        }
        by_variable.iter().flat_map(|((environment, _), stated)| self.faults(environment, stated)).collect()
    }
}

impl Policy {
    /// What the variable is about, without the bundler's prefix; `None` where its name says nothing of where it leads.
    fn name_of(&self, setting: &Setting) -> Option<String> {
        let is_variable = match setting.source {
            SettingSource::EnvFile
            | SettingSource::Compose
            | SettingSource::ComposeBuildArg
            | SettingSource::BuildArg
            | SettingSource::Script
            | SettingSource::Workflow
            | SettingSource::DockerfileEnv => true,
            SettingSource::Yaml | SettingSource::Terraform => {
                setting.within.last().is_some_and(|map| map.starts_with("env"))
            }
            SettingSource::Tfvars => false,
        };
        let key = setting.key.as_str();
        let bare = self.prefixes.iter().find_map(|prefix| key.strip_prefix(prefix.as_str())).unwrap_or(key);
        let mut words = tokens(bare);
        (is_variable && words.any(|word| !self.idle.contains(&word))).then(|| bare.to_ascii_uppercase())
    }

    fn faults(&self, environment: &str, stated: &[Stated<'_>]) -> Vec<Fault> {
        let agree = |pair: &[Stated<'_>]| matches!(pair, [one, other] if one.host == other.host);
        if stated.windows(2).all(agree) {
            return Vec::new();
        }
        let own = stated.iter().filter(|one| !self.is_generated(&one.host)).min_by_key(|one| {
            // What reaches a deployment is more telling than what a template says.
            (!one.deployed, one.setting.at.clone())
        });
        let generated = stated.iter().filter(|one| one.deployed && self.is_generated(&one.host));
        let mut faults: Vec<Fault> = own.map_or_else(Vec::new, |own| {
            generated.map(|one| generated_fault(environment, one, own)).collect()
        });
        faults.extend(two_spellings(environment, stated));
        faults
    }

    fn is_generated(&self, host: &str) -> bool {
        self.generated.iter().any(|ending| host.ends_with(ending.as_str()))
    }
}

/// Where a setting leads, and for which environment.
fn stated(setting: &Setting) -> Option<(String, Stated<'_>)> {
    let is_example = is_example(setting);
    if !(settings::is_deployed_value(setting) || is_example) || setting.value.contains(['$', '{', '<']) {
        return None;
    }
    let mut hosts = destinations(&setting.key, &setting.value)
        .filter(|found| found.scheme.as_deref().is_some_and(is_for_clients));
    let host = hosts.next()?.host;
    // A list has no one host, and a name without a dot means something inside of a network only.
    if hosts.next().is_some() || !is_public(&host) {
        return None;
    }
    let environment = match (&setting.scope.environment, is_example) {
        (Some(environment), false) => environment.clone(),
        _ => spoken_of(if is_example { &setting.at.path } else { &host })?,
    };
    Some((environment, Stated { setting, host, deployed: !is_example }))
}

fn generated_fault(environment: &str, one: &Stated<'_>, own: &Stated<'_>) -> Fault {
    let message = format!(
        "`{}` leads {environment} to `{}`, which the platform made up for one service, and elsewhere to `{}`: the \
         made-up host changes when the service is created anew, and cookies, CORS lists and redirects that were \
         made for the other do not hold for it",
        one.setting.key, one.host, own.host
    );
    fault(environment, one, own, message)
}

/// The spelling that fewer files have, where two hosts have the same words; of two that are alike the one that is
/// further from what is deployed.
fn two_spellings(environment: &str, stated: &[Stated<'_>]) -> Vec<Fault> {
    let mut files: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in stated.iter().filter(|one| one.deployed) {
        files.entry(&one.host).or_default().insert(&one.setting.at.path);
    }
    let rank = |host: &str| {
        let sources = stated.iter().filter(|one| one.deployed && one.host == host);
        let nearest = sources.map(|one| distance(one.setting.source)).min().unwrap_or(u8::MAX);
        (std::cmp::Reverse(files.get(host).map_or(0, BTreeSet::len)), nearest, host.to_owned())
    };
    let mut faults = Vec::new();
    for one in stated.iter().filter(|one| one.deployed) {
        let others = stated.iter().filter(|other| other.deployed && same_words(&one.host, &other.host));
        let better =
            others.filter(|other| rank(&other.host) < rank(&one.host)).min_by_key(|other| rank(&other.host));
        let Some(better) = better.filter(|better| site_of(&better.host) == site_of(&one.host)) else {
            continue;
        };
        let message = format!(
            "`{}` leads {environment} to `{}` here and to `{}` elsewhere, the same words joined in another way: only \
             one of the two is likely to have a certificate and a route",
            one.setting.key, one.host, better.host
        );
        faults.push(fault(environment, one, better, message));
    }
    faults
}

/// How far a source is from what a deployment is given.
const fn distance(source: SettingSource) -> u8 {
    match source {
        SettingSource::Script | SettingSource::Workflow | SettingSource::Terraform => 0,
        SettingSource::Yaml => 1,
        SettingSource::Compose | SettingSource::ComposeBuildArg | SettingSource::BuildArg => 2,
        SettingSource::DockerfileEnv => 3,
        SettingSource::EnvFile | SettingSource::Tfvars => 4,
    }
}

fn fault(environment: &str, one: &Stated<'_>, other: &Stated<'_>, message: String) -> Fault {
    let subject = format!("{} to {}", settings::subject(one.setting), one.host);
    let told = if other.deployed { "leads" } else { "is meant to lead" };
    Fault::new(subject, one.setting.at.clone(), message)
        .in_environment(Some(environment))
        .at_most(Severity::Warning)
        .because(other.setting.at.clone(), format!("`{}` {told} to `{}` here", other.setting.key, other.host))
}

fn is_for_clients(scheme: &str) -> bool {
    matches!(scheme, "http" | "https" | "ws" | "wss")
}

fn is_public(host: &str) -> bool {
    const INSIDE: &[&str] = &[".internal", ".local", ".localhost", ".svc", ".test", ".example", ".invalid"];
    let is_number = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b':');
    host.contains('.') && !is_number && !INSIDE.iter().any(|ending| host.ends_with(ending))
}

/// Whether a setting stands in a template of an env file: `.env.staging.template`.
fn is_example(setting: &Setting) -> bool {
    let words = || tokens(&setting.at.path);
    FileKind::of(&setting.at.path) == FileKind::EnvFile
        && words().any(|word| matches!(word.as_str(), "template" | "example" | "sample"))
        && !words().any(|word| matches!(word.as_str(), "test" | "tests"))
        && !is_backup(&setting.at.path)
}

/// The one deployed environment that a text names.
fn spoken_of(text: &str) -> Option<String> {
    let mut names: Vec<&str> =
        tokens(text).filter_map(|word| canonical(&word)).filter(|name| is_deployed(name)).collect();
    names.dedup();
    match names.as_slice() {
        [only] => Some((*only).to_owned()),
        _ => None,
    }
}
