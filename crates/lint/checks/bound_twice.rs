//! Variables that one service is given as a literal and from a secret at once.

use std::collections::BTreeMap;

use facts::{Facts, SecretRef, SettingSource};

use super::{NoPolicy, policy, settings};
use crate::Fault;
use crate::check::{Check, CheckContext};

struct BoundTwice;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(BoundTwice))
}

/// A service in an environment, as one file describes it, and a variable.
type Key<'f> = (&'f str, &'f str, Option<&'f str>, &'f str);

impl Check for BoundTwice {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut bound: BTreeMap<Key<'_>, &SecretRef> = BTreeMap::new();
        for secret in facts.secrets.iter().filter(|secret| secret.scope.deployed) {
            let (Some(service), Some(variable)) = (&secret.scope.service, &secret.variable) else { continue };
            let key =
                (&*secret.at.path, service.as_str(), secret.scope.environment.as_deref(), variable.as_str());
            bound.entry(key).or_insert(secret);
        }
        let by_commands = [SettingSource::Script, SettingSource::Workflow];
        let set = facts.settings.iter().filter(|setting| {
            setting.scope.deployed && by_commands.contains(&setting.source) && !setting.value.is_empty()
        });
        let twice = set.filter_map(|setting| {
            let service = setting.scope.service.as_deref()?;
            let key =
                (&*setting.at.path, service, setting.scope.environment.as_deref(), setting.key.as_str());
            let secret = bound.get(&key)?;
            let message = format!(
                "`{service}` is given `{}` as a literal here and from the secret `{}` as well: Cloud Run \
                rejects a variable that is both a literal and a secret, so the deployment fails",
                setting.key, secret.name
            );
            let subject = format!("{} of {service}", settings::subject(setting));
            let fault = Fault::new(subject, setting.at.clone(), message)
                .in_environment(setting.scope.environment.as_deref());
            Some(fault.because(secret.at.clone(), format!("`{}` is bound to a secret here", setting.key)))
        });
        twice.collect()
    }
}
