//! One database, cache or bucket that two environments use.

use std::collections::BTreeMap;

use facts::{Facts, Setting, SettingSource};
use serde::Deserialize;
use source::{has_word, tokens};

use super::support::destination::destinations;
use super::support::settings;
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Schemes of the addresses of stores.
    schemes: Vec<String>,
    /// Words of a variable that names a store by a host or a name.
    words: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut stores: BTreeMap<(&str, String), BTreeMap<&str, &Setting>> = BTreeMap::new();
        for setting in facts.settings.iter().filter(|setting| is_judged(setting)) {
            let Some(environment) = setting.scope.environment.as_deref() else { continue };
            let Some(store) = self.store(setting) else { continue };
            stores.entry((&setting.key, store)).or_default().entry(environment).or_insert(setting);
        }
        stores.into_values().filter_map(|users| fault(&users)).collect()
    }
}

fn is_judged(setting: &Setting) -> bool {
    let is_variable = match setting.source {
        SettingSource::EnvFile | SettingSource::Compose | SettingSource::Script | SettingSource::Tfvars => {
            true
        }
        SettingSource::Yaml | SettingSource::Terraform => {
            setting.within.last().is_some_and(|map| map.starts_with("env"))
        }
        _ => false,
    };
    is_variable && settings::is_deployed_value(setting) && !setting.value.contains(['$', '{', '<'])
}

impl Policy {
    /// What tells a store from others: the host with the path behind it, or the name of a bucket.
    fn store(&self, setting: &Setting) -> Option<String> {
        if has_word(&setting.key, &["bucket"]) {
            let name = setting.value.trim();
            let is_switch = matches!(name, "true" | "false" | "null") || name.parse::<f64>().is_ok();
            return (name.len() > 3 && !is_switch && !name.contains(char::is_whitespace))
                .then(|| name.to_owned());
        }
        let found = destinations(&setting.key, &setting.value).next()?;
        let by_scheme = found.scheme.as_ref().is_some_and(|scheme| {
            self.schemes.iter().any(|known| scheme == known || scheme.starts_with(&format!("{known}+")))
        });
        let by_name = found.scheme.is_none() && tokens(&setting.key).any(|word| self.words.contains(&word));
        // A name without a dot is another machine in each network, and so is a private address.
        let is_one_machine = found.host.contains('.')
            && !found.host.starts_with("127.")
            && !found.host.starts_with("10.")
            && !found.host.starts_with("192.168.")
            && !found.host.starts_with("172.")
            && !found.host.starts_with("169.254.")
            && !found.host.starts_with("0.");
        let rest = setting.value.get(found.range.end..).unwrap_or("");
        let path = rest.split(['?', '#']).next().unwrap_or("");
        ((by_scheme || by_name) && is_one_machine).then(|| format!("{}{path}", found.host))
    }
}

fn fault(users: &BTreeMap<&str, &Setting>) -> Option<Fault> {
    let production = users.get("production")?;
    let (environment, other) = users.iter().find(|(name, _)| **name != "production")?;
    let message = format!(
        "`{}` is the same in {environment} as in production: what is tried out in {environment} reads and writes what \
         production lives on",
        other.key
    );
    let fault = Fault::new(settings::subject(other), other.at.clone(), message)
        .in_environment(Some(environment))
        .at_most(Severity::Warning);
    Some(fault.because(production.at.clone(), "production has the same value"))
}
