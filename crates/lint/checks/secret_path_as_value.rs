//! Names and paths of secrets where the secret itself is meant.

use std::collections::BTreeMap;

use facts::{Facts, SecretRef, Setting, SettingSource};
use serde::Deserialize;
use source::{redact, tokens};

use super::support::settings;
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Last words of a variable that is meant to hold a secret's name or path.
    names: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut known: BTreeMap<&str, Vec<&SecretRef>> = BTreeMap::new();
        for secret in facts.secrets.iter().filter(|secret| secret.variable.is_some()) {
            known.entry(&secret.name).or_default().push(secret);
        }
        let judged = facts.settings.iter().filter(|setting| self.is_judged(setting));
        judged.filter_map(|setting| of_path(setting).or_else(|| of_name(setting, &known))).collect()
    }
}

impl Policy {
    fn is_judged(&self, setting: &Setting) -> bool {
        let is_value = match setting.source {
            SettingSource::EnvFile | SettingSource::Compose | SettingSource::Script => true,
            // The other maps of these files name secrets where they are meant.
            SettingSource::Yaml | SettingSource::Terraform => {
                setting.within.last().is_some_and(|map| map == "env") && redact::is_secret_name(&setting.key)
            }
            _ => false,
        };
        let words: Vec<String> = tokens(&setting.key).collect();
        let last = words.last().map_or("", String::as_str);
        let holds_a_name = self.names.iter().any(|name| name == last)
            || last == "id" && words.iter().any(|word| word == "secret");
        is_value && !holds_a_name && settings::is_deployed_value(setting)
    }
}

/// `projects/p/secrets/x/versions/latest`. What reads such a path itself says so in the variable's name.
fn of_path(setting: &Setting) -> Option<Fault> {
    let mut parts = setting.value.split('/');
    let is_path =
        parts.next() == Some("projects") && parts.nth(1) == Some("secrets") && parts.next().is_some();
    is_path.then(|| fault(setting, "the path of a secret"))
}

/// A value that is the name of a secret which some service is bound to.
fn of_name(setting: &Setting, known: &BTreeMap<&str, Vec<&SecretRef>>) -> Option<Fault> {
    let secrets = known.get(setting.value.as_str())?;
    let is_manifest = matches!(setting.source, SettingSource::Yaml | SettingSource::Terraform);
    if is_manifest || tokens(&setting.value).count() < 2 {
        return None;
    }
    let same = secrets.iter().find(|secret| secret.variable.as_deref() == Some(&setting.key));
    let shown = same.or_else(|| secrets.first())?;
    let mut found = fault(setting, "the name of a secret");
    if same.is_none() {
        found = found.at_most(Severity::Warning);
    }
    Some(found.because(shown.at.clone(), format!("`{}` is bound as a secret here", shown.name)))
}

fn fault(setting: &Setting, what: &str) -> Fault {
    let message = format!(
        "`{}` is given {what} as its value: nothing looks the secret up, and the program takes the name for the value",
        setting.key
    );
    Fault::new(settings::subject(setting), setting.at.clone(), message)
        .in_environment(setting.scope.environment.as_deref())
}
