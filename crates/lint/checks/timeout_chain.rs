//! Connections that a program means to keep longer than the platform in front of it does.

use std::collections::BTreeSet;

use facts::{CloudRunDeploy, EnvRead, Facts, Setting, SettingSource};
use serde::Deserialize;
use source::{FileKind, Place, tokens};

use super::support::settings;
use crate::Fault;
use crate::check::{Check, CheckContext};
use crate::duration::for_people;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Words of a key that speak of a connection which is one request: `websocket`.
    #[serde(default)]
    connections: Vec<String>,
    /// Words of a key that speak of how long it lives: `connection`, `idle`.
    #[serde(default)]
    lifetimes: Vec<String>,
}

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(table)?))
}

/// How long the platform lets a request live: the greatest value that may hold.
struct Outer<'f> {
    seconds: f64,
    at: &'f Place,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults = Vec::new();
        let read_by_python: BTreeSet<&str> =
            facts.env_reads.iter().filter(|read| is_python(read)).map(|read| read.name.as_str()).collect();
        let inner: Vec<(&Setting, f64)> = facts
            .settings
            .iter()
            .filter(|setting| settings::is_deployed_value(setting) && self.names_a_lifetime(&setting.key))
            .filter_map(|setting| {
                // Python counts in seconds.
                let unit = read_by_python.contains(setting.key.as_str()).then_some(1.0);
                Some((setting, facts::duration::seconds(&setting.key, &setting.value, unit)?))
            })
            .collect();
        for (setting, seconds) in inner {
            if let Some(outer) = outer(setting, facts).filter(|outer| seconds > outer.seconds) {
                faults.push(fault(setting, seconds, &outer));
            }
        }
        faults
    }
}

fn is_python(read: &EnvRead) -> bool {
    FileKind::of(&read.at.path) == FileKind::Python
}

impl Policy {
    fn names_a_lifetime(&self, key: &str) -> bool {
        let words: Vec<String> = tokens(key).collect();
        let has = |wanted: &[String]| words.iter().any(|word| wanted.contains(word));
        has(&self.connections) && has(&self.lifetimes) && words.iter().any(|word| word == "timeout")
    }
}

/// The request timeout of the service that is given this setting.
fn outer<'f>(setting: &Setting, facts: &'f Facts) -> Option<Outer<'f>> {
    match setting.source {
        SettingSource::Script => {
            let service = setting.scope.service.as_deref()?;
            let here = |call: &&CloudRunDeploy| call.at.path == setting.at.path;
            let mut calls =
                facts.cloud_run_deploys.iter().filter(here).filter(|call| call.services().contains(service));
            let call = calls.next().filter(|_| calls.next().is_none())?;
            of_call(call, service)
        }
        SettingSource::Yaml => {
            let mut limits = facts.limits.iter().filter(|limit| {
                limit.field == Some("cloud-run.request-timeout") && limit.at.path == setting.at.path
            });
            // Of several services in one file it is not known which the setting belongs to.
            let limit = limits.next().filter(|_| limits.next().is_none())?;
            Some(Outer { seconds: limit.seconds?, at: &limit.at })
        }
        _ => None,
    }
}

fn of_call<'f>(call: &'f CloudRunDeploy, service: &str) -> Option<Outer<'f>> {
    let possible = call.possible("--timeout", service);
    let known: Option<Vec<Outer<'f>>> = possible
        .into_iter()
        .map(|possible| {
            let seconds = facts::duration::seconds("timeout", possible.value, Some(1.0))?;
            Some(Outer { seconds, at: possible.at })
        })
        .collect();
    known?.into_iter().max_by(|one, other| one.seconds.total_cmp(&other.seconds))
}

fn fault(setting: &Setting, seconds: f64, outer: &Outer<'_>) -> Fault {
    let message = format!(
        "`{}` means to keep a connection for {}, and the platform ends every request, a websocket too, after {}: \
         connections are cut before the program expects it; the effective limit is {}",
        setting.key,
        for_people(seconds),
        for_people(outer.seconds),
        for_people(outer.seconds)
    );
    Fault::new(settings::subject(setting), setting.at.clone(), message)
        .because(outer.at.clone(), "the request timeout of this service")
        .in_environment(setting.scope.environment.as_deref())
}
