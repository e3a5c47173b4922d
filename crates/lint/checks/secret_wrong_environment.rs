//! Secrets of another environment: by the word in their name, and by the mode in a provider's key.

use facts::environment::{canonical, is_deployed};
use facts::{Facts, SecretRef, Setting, SettingSource};
use serde::Deserialize;
use source::tokens;

use super::support::settings;
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Policy {
    /// Whether the environment that a secret's name speaks of is judged.
    names: bool,
    /// Beginnings of keys that providers give for production.
    live: Vec<String>,
    /// Beginnings of keys that providers give for everything else.
    test: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let named =
            facts.secrets.iter().filter(|secret| self.names && secret.scope.deployed).filter_map(of_name);
        let settings = facts.settings.iter();
        let judged = settings.filter(|setting| settings::is_deployed_value(setting));
        named.chain(judged.filter_map(|setting| self.of_mode(setting))).collect()
    }
}

/// `jwt-secret-production` bound in staging.
fn of_name(secret: &SecretRef) -> Option<Fault> {
    let environment = secret.scope.environment.as_deref()?;
    let words: Vec<&str> = tokens(&secret.name).filter_map(|word| canonical(&word)).collect();
    let other = words.iter().copied().find(|name| is_deployed(name) && *name != environment)?;
    if words.contains(&environment) {
        return None;
    }
    let bound = secret.variable.as_deref().unwrap_or("a variable");
    let message = format!(
        "{environment} binds `{bound}` to `{}`, a secret of {other}: what {environment} does with it, it does \
        to {other}",
        secret.name
    );
    let subject = format!("{} for {bound}", secret.name);
    Some(Fault::new(subject, secret.at.clone(), message).in_environment(Some(environment)))
}

impl Policy {
    /// `sk_live_` outside production, `sk_test_` in it.
    fn of_mode(&self, setting: &Setting) -> Option<Fault> {
        let environment = setting.scope.environment.as_deref()?;
        let production = environment == "production";
        let starts =
            |beginnings: &[String]| beginnings.iter().any(|start| setting.value.starts_with(start.as_str()));
        let consequence = match (production, starts(&self.live), starts(&self.test)) {
            (false, true, _) => "is a key for production: payments and messages made here are real",
            (true, _, true) => "is a provider's test key: nothing that customers do here has an effect",
            _ => return None,
        };
        let message = format!("`{}` in {environment} {consequence}", setting.key);
        let fault = Fault::new(settings::subject(setting), setting.at.clone(), message);
        let fault = fault.in_environment(Some(environment));
        // A step may need no more than some value.
        let is_of_steps = setting.source == SettingSource::Workflow;
        Some(if is_of_steps { fault.at_most(Severity::Warning) } else { fault })
    }
}
