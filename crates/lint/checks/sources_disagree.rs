//! Variables to which two descriptions of one deployment give different values.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Facts, Setting, SettingSource};
use serde::Deserialize;
use source::redact;

use super::support::settings;
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Variables that each service has its own value of.
    of_each_service: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

/// What one file sets a variable to, for one environment.
struct Stated<'f> {
    path: &'f str,
    settings: Vec<&'f Setting>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut by_variable: BTreeMap<(&str, &str), Vec<Stated<'_>>> = BTreeMap::new();
        for setting in facts.settings.iter().filter(|setting| self.is_judged(setting)) {
            let Some(environment) = setting.scope.environment.as_deref() else { continue };
            let files = by_variable.entry((environment, &setting.key)).or_default();
            let path = &*setting.at.path;
            // The settings stand in the order of their files.
            match files.last_mut().filter(|file| file.path == path) {
                Some(file) => file.settings.push(setting),
                None => files.push(Stated { path, settings: vec![setting] }),
            }
        }
        by_variable.into_values().filter(|files| files.len() > 1).flat_map(|files| faults(&files)).collect()
    }
}

impl Policy {
    fn is_judged(&self, setting: &Setting) -> bool {
        let is_variable = match setting.source {
            SettingSource::Script => true,
            SettingSource::Yaml | SettingSource::Terraform => {
                setting.within.last().is_some_and(|map| map.to_ascii_lowercase().starts_with("env"))
            }
            _ => false,
        };
        // Where a URL leads is another rule's.
        let is_literal = !setting.value.trim().is_empty() && !setting.value.contains(['$', '{', '<']);
        is_variable
            && is_literal
            && !setting.value.contains("://")
            && settings::is_deployed_value(setting)
            && is_variable_name(&setting.key)
            && !redact::is_secret_name(&setting.key)
            && !self.of_each_service.iter().any(|name| name.eq_ignore_ascii_case(&setting.key))
    }
}

/// `DB_POOL_SIZE`; lower case is for the deploying tool.
fn is_variable_name(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Each file against the one that is nearest to the deployment.
fn faults(files: &[Stated<'_>]) -> Vec<Fault> {
    let nearest = files.iter().min_by_key(|file| file.settings.first().map(|one| distance(one.source)));
    let Some(nearest) = nearest else { return Vec::new() };
    let others = files.iter().filter(|file| file.path != nearest.path);
    others.filter_map(|file| fault(file, nearest)).collect()
}

/// How far a description is from what a deployment is given: a command gives it, a file has to be read first.
const fn distance(source: SettingSource) -> u8 {
    match source {
        SettingSource::Script => 0,
        SettingSource::Terraform => 1,
        _ => 2,
    }
}

fn fault(file: &Stated<'_>, nearest: &Stated<'_>) -> Option<Fault> {
    let pair = file.settings.iter().find_map(|one| {
        let same_service = |other: &&&Setting| one.scope.service == other.scope.service;
        let own: Vec<&&Setting> = nearest.settings.iter().filter(same_service).collect();
        // A description without services is held against one that says the same for all of its services.
        let is_for_all =
            one.scope.service.is_none() || nearest.settings.iter().all(|s| s.scope.service.is_none());
        let others = if own.is_empty() && is_for_all { nearest.settings.iter().collect() } else { own };
        let values: BTreeSet<String> = others.iter().map(|other| plain(&other.value)).collect();
        let differs = values.len() == 1 && !values.contains(&plain(&one.value));
        Some((*one, **others.first()?)).filter(|_| differs)
    });
    let (one, other) = pair?;
    let environment = one.scope.environment.as_deref();
    let message = format!(
        "`{}` is `{}` here and `{}` in `{}`, for the same environment: whoever changes one of the two sees no effect, or \
         deploys the other one's value",
        one.key, one.value, other.value, nearest.path
    );
    let fault = Fault::new(settings::subject(one), one.at.clone(), message).in_environment(environment);
    Some(fault.because(other.at.clone(), format!("`{}` is `{}` here", other.key, other.value)))
}

/// A value without what makes no difference to its reader: `TRUE`, `"30.0"`.
fn plain(value: &str) -> String {
    let text = value.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    match text.parse::<f64>() {
        Ok(number) => number.to_string(),
        Err(_) => text,
    }
}
