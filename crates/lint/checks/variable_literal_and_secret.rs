//! Variables that one service is given as a literal and from a secret at once.

use std::collections::BTreeMap;

use facts::{Facts, SecretRef, Setting, SettingSource};

use super::support::settings;
use crate::{Fault, Severity};

/// A service, as one file describes it, and a variable.
type Key<'f> = (&'f str, &'f str, &'f str);

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let mut bound: BTreeMap<Key<'_>, Vec<&SecretRef>> = BTreeMap::new();
    for secret in facts.secrets.iter().filter(|secret| secret.scope.deployed) {
        let (Some(service), Some(variable)) = (&secret.scope.service, &secret.variable) else { continue };
        bound.entry((&secret.at.path, service, variable)).or_default().push(secret);
    }
    let by_commands = [SettingSource::Script, SettingSource::Workflow];
    let set = facts.settings.iter().filter(|setting| {
        setting.scope.deployed && by_commands.contains(&setting.source) && !setting.value.is_empty()
    });
    let twice = set.filter_map(|setting| {
        let service = setting.scope.service.as_deref()?;
        let secrets = bound.get(&(&*setting.at.path, service, &setting.key))?;
        let secret = secrets.iter().find(|secret| may_meet(setting, secret))?;
        Some(fault(setting, service, secret, facts))
    });
    twice.collect()
}

/// Whether both may be given to one service: a command for every environment names none.
fn may_meet(setting: &Setting, secret: &SecretRef) -> bool {
    match (&setting.scope.environment, &secret.scope.environment) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

fn fault(setting: &Setting, service: &str, secret: &SecretRef, facts: &Facts) -> Fault {
    let message = format!(
        "`{service}` is given `{}` as a literal here and from the secret `{}` as well: Cloud Run rejects a variable \
         that is both a literal and a secret, so the deployment fails",
        setting.key, secret.name
    );
    let subject = format!("{} of {service}", settings::subject(setting));
    let fault = Fault::new(subject, setting.at.clone(), message)
        .in_environment(setting.scope.environment.as_deref())
        .because(secret.at.clone(), format!("`{}` is bound to a secret here", setting.key));
    let is_told = setting.scope.environment == secret.scope.environment;
    if is_told || !has_several_environments(setting, facts) {
        fault
    } else {
        fault.at_most(Severity::Warning)
    }
}

/// Whether the file gives the service variables in more than one environment: the secret may be for another of them.
fn has_several_environments(setting: &Setting, facts: &Facts) -> bool {
    facts.settings_in(&setting.at.path).iter().any(|other| {
        other.scope.service == setting.scope.service && other.scope.environment != setting.scope.environment
    })
}
