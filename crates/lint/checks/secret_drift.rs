//! One variable that services of one environment take from different secrets.

use std::collections::BTreeMap;

use facts::{Facts, SecretRef};
use serde::Deserialize;
use source::tokens;

use crate::Fault;
use crate::check::{Check, CheckContext};

/// A policy without keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretDrift {}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<SecretDrift>(policy)?))
}

impl Check for SecretDrift {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut bound: BTreeMap<(&str, &str), Vec<&SecretRef>> = BTreeMap::new();
        for secret in facts.secrets.iter().filter(|secret| secret.scope.deployed) {
            let Some(variable) = &secret.variable else { continue };
            let environment = secret.scope.environment.as_deref().unwrap_or("");
            bound.entry((environment, variable)).or_default().push(secret);
        }
        bound.into_iter().flat_map(|((_, variable), secrets)| drifted(variable, &secrets)).collect()
    }
}

/// The bindings that differ from the first of the most frequent name.
fn drifted(variable: &str, secrets: &[&SecretRef]) -> Vec<Fault> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for secret in secrets {
        *counts.entry(&secret.name).or_default() += 1;
    }
    let most = counts.values().max().copied().unwrap_or(0);
    let usual = secrets.iter().find(|secret| counts.get(secret.name.as_str()) == Some(&most));
    let Some(usual) = usual.filter(|_| counts.len() > 1) else { return Vec::new() };
    let others = secrets.iter().filter(|secret| is_meant_to_be_same(secret, usual));
    others.map(|other| fault(variable, other, usual)).collect()
}

/// Whether two names stand for one secret: all words of one are among those of the other. `jwt-secret-staging` is
/// `jwt-secret-key-staging` written by hand; `auth-db-url` and `billing-db-url` are two.
fn is_meant_to_be_same(one: &SecretRef, other: &SecretRef) -> bool {
    let words = |secret: &SecretRef| tokens(&secret.name).collect::<Vec<_>>();
    let (one_words, other_words) = (words(one), words(other));
    let within = |few: &[String], many: &[String]| few.iter().all(|word| many.contains(word));
    one.name != other.name && (within(&one_words, &other_words) || within(&other_words, &one_words))
}

fn fault(variable: &str, other: &SecretRef, usual: &SecretRef) -> Fault {
    let message = format!(
        "`{variable}` is bound to `{}` here and to `{}` elsewhere in the same environment: services that must agree on \
         it, as on the key of a token, refuse each other, and one of the two names may not exist",
        other.name, usual.name
    );
    Fault::new(format!("{variable} from {}", other.name), other.at.clone(), message)
        .in_environment(other.scope.environment.as_deref())
        .because(usual.at.clone(), format!("`{variable}` is bound to `{}` here", usual.name))
}
