//! Secrets that are bound under a name that nothing creates, while nearly that name is created.

use std::collections::BTreeMap;

use facts::{Facts, SecretRef, Setting, SettingSource};
use serde::Deserialize;
use source::tokens;

use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Which part of the bound names must be created in the repository before the rest counts, from 0 to 1.
    share: f64,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut created: BTreeMap<&str, &Setting> = BTreeMap::new();
        for setting in &facts.settings {
            if let Some(name) = created_by(setting) {
                created.entry(name).or_insert(setting);
            }
        }
        let mut bound: BTreeMap<&str, Vec<&SecretRef>> = BTreeMap::new();
        for secret in facts.secrets.iter().filter(|secret| secret.scope.deployed && is_literal(&secret.name))
        {
            bound.entry(&secret.name).or_default().push(secret);
        }
        let known = bound.keys().filter(|name| created.contains_key(*name)).count();
        #[expect(clippy::cast_precision_loss, reason = "a repository names few secrets")]
        let share = known as f64 / bound.len().max(1) as f64;
        if known == 0 || share < self.share {
            return Vec::new();
        }
        let unknown = bound.iter().filter(|(name, _)| !created.contains_key(*name));
        unknown.flat_map(|(name, secrets)| faults(name, secrets, &created, &bound)).collect()
    }
}

/// The name of the secret that a setting makes: `secret_id` in Terraform, an entry of what a script creates.
fn created_by(setting: &Setting) -> Option<&str> {
    match setting.source {
        SettingSource::Terraform => {
            (setting.key == "secret_id" && is_literal(&setting.value)).then_some(setting.value.as_str())
        }
        SettingSource::Script => setting.key.contains('-').then_some(setting.key.as_str()),
        _ => None,
    }
}

fn is_literal(name: &str) -> bool {
    !name.is_empty() && !name.contains(['$', '{', '%', '<', '/'])
}

/// A fault for each binding of `name`, where a created secret that nothing binds has the same words and some more or
/// less.
fn faults(
    name: &str,
    secrets: &[&SecretRef],
    created: &BTreeMap<&str, &Setting>,
    bound: &BTreeMap<&str, Vec<&SecretRef>>,
) -> Vec<Fault> {
    let words: Vec<String> = tokens(name).collect();
    let meant = created.iter().filter(|(other, _)| !bound.contains_key(*other)).find(|(other, _)| {
        let others: Vec<String> = tokens(other).collect();
        let within = |few: &[String], many: &[String]| few.iter().all(|word| many.contains(word));
        within(&words, &others) || within(&others, &words)
    });
    let Some((meant, place)) = meant else { return Vec::new() };
    let fault = |secret: &&SecretRef| {
        let variable = secret.variable.as_deref().unwrap_or("a variable");
        let message = format!(
            "`{variable}` is bound to the secret `{name}`, which nothing in the repository creates; what is created is \
             `{meant}`, which nothing binds: if it was not made by hand, the deployment is refused"
        );
        Fault::new(format!("{name} for {variable}"), secret.at.clone(), message)
            .in_environment(secret.scope.environment.as_deref())
            .at_most(Severity::Warning)
            .because(place.at.clone(), format!("`{meant}` is created here"))
    };
    secrets.iter().map(fault).collect()
}
