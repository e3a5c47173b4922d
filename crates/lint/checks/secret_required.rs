//! Secrets that the configuration requires and a deployment does not bind.

use std::collections::{BTreeMap, BTreeSet};

use facts::environment::canonical;
use facts::{Facts, SecretRef};
use serde::Deserialize;

use crate::Fault;
use crate::check::{Check, CheckContext};
use crate::config::Secrets;

/// What is required the configuration's `[secrets]` say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {}

struct SecretRequired {
    secrets: Secrets,
}

pub(super) fn build(policy: &toml::Table, context: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let Policy {} = super::policy(policy)?;
    Ok(Box::new(SecretRequired { secrets: context.config.secrets.clone() }))
}

impl Check for SecretRequired {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        if self.secrets.required.is_empty() {
            return Vec::new();
        }
        by_environment(facts)
            .into_iter()
            .flat_map(|(environment, bound)| self.of(environment, &bound))
            .collect()
    }
}

/// The secrets that each environment binds, without those of files that bind others under names which are not known.
fn by_environment(facts: &Facts) -> BTreeMap<&str, Vec<&SecretRef>> {
    let open: BTreeSet<&str> = facts.unnamed_variables.iter().map(|unnamed| &*unnamed.path).collect();
    let mut bound: BTreeMap<&str, Vec<&SecretRef>> = BTreeMap::new();
    for secret in facts.secrets.iter().filter(|secret| secret.scope.deployed) {
        if let Some(environment) = &secret.scope.environment {
            bound.entry(environment).or_default().push(secret);
        }
    }
    // A name that is put together when it is used may be any of them.
    let is_known = |secret: &&SecretRef| secret.is_literal() && !open.contains(&*secret.at.path);
    bound.retain(|_, secrets| secrets.iter().all(is_known));
    bound
}

impl SecretRequired {
    /// What an environment lacks as a whole, and what one file lacks that binds most of the required ones.
    fn of(&self, environment: &str, bound: &[&SecretRef]) -> Vec<Fault> {
        let mut files: BTreeMap<&str, Vec<&SecretRef>> = BTreeMap::new();
        for secret in bound {
            files.entry(&secret.at.path).or_default().push(secret);
        }
        let everywhere = self.lacking(environment, bound);
        let most = files
            .values()
            .max_by_key(|bound| self.secrets.required.len() - self.lacking(environment, bound).len());
        let Some(shown) = most.and_then(|bound| bound.first()) else { return Vec::new() };
        let mut faults: Vec<Fault> = everywhere
            .iter()
            .map(|name| self.fault(name, environment, shown, "nothing here binds it for"))
            .collect();
        for bound in files.values() {
            let lacking = self.lacking(environment, bound);
            let (Some(first), true) = (bound.first(), lacking.len() * 2 < self.secrets.required.len()) else {
                continue;
            };
            let here = lacking.iter().filter(|name| !everywhere.contains(*name));
            faults.extend(here.map(|name| {
                self.fault(
                    name,
                    environment,
                    first,
                    "this file, which binds the others, does not bind it for",
                )
            }));
        }
        faults
    }

    /// The required names that none of the bound ones is.
    fn lacking(&self, environment: &str, bound: &[&SecretRef]) -> Vec<&str> {
        let is_bound = |name: &str| bound.iter().any(|secret| is_for(&secret.name, name, environment));
        self.secrets.required.iter().map(String::as_str).filter(|name| !is_bound(name)).collect()
    }

    fn fault(&self, name: &str, environment: &str, shown: &SecretRef, who: &str) -> Fault {
        let message = format!(
            "`[secrets]` in shipworthy.toml requires `{name}`, and {who} {environment}: the program starts without it, or does not \
             start. Bind it here, or list it under `optional`"
        );
        let fault = Fault::new(name, shown.at.clone(), message).in_environment(Some(environment));
        match &self.secrets.required_at {
            Some(at) => fault.because(at.clone(), "it is required here"),
            None => fault,
        }
    }
}

/// Whether a bound name is a required one, with or without a word for its environment at either end.
fn is_for(bound: &str, required: &str, environment: &str) -> bool {
    let is_environment =
        |word: &str| word == environment || canonical(word).is_some_and(|known| known == environment);
    let rest =
        |rest: Option<&str>| rest.is_some_and(|rest| is_environment(rest.trim_matches(['-', '_', '.', '/'])));
    bound == required || rest(bound.strip_prefix(required)) || rest(bound.strip_suffix(required))
}
