//! Secrets that are bound to whatever version is the newest.

use std::collections::BTreeSet;

use facts::{Facts, SecretRef};
use serde::Deserialize;

use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// The environments in which a rollback has to bring back what was there.
    environments: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut told = BTreeSet::new();
        let judged = facts.secrets.iter().filter(|secret| self.is_newest(secret));
        // Who pins one pins all: a file is told once.
        judged.filter(|secret| told.insert(&*secret.at.path)).map(fault).collect()
    }
}

impl Policy {
    fn is_newest(&self, secret: &SecretRef) -> bool {
        let environment = secret.scope.environment.as_ref();
        secret.scope.deployed
            && secret.version.as_deref() == Some("latest")
            && environment.is_some_and(|name| self.environments.contains(name))
    }
}

fn fault(secret: &SecretRef) -> Fault {
    let message = format!(
        "`{}` is bound to its latest version: a rollback brings the old program back, and not the secret that it ran with; \
         the same holds for every secret of this file that names no number",
        secret.name
    );
    Fault::new("latest", secret.at.clone(), message).in_environment(secret.scope.environment.as_deref())
}
