//! Literals that a deploying workflow takes where a secret is not set.

use facts::{Facts, SecretFallback};
use source::redact;

use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let secret = facts.secret_fallbacks.iter().filter(|found| redact::is_secret_name(&found.secret));
    secret.filter_map(fault).collect()
}

fn fault(found: &SecretFallback) -> Option<Fault> {
    let environment = found.scope.environment.as_deref();
    // A job for tests has passwords that everybody may know.
    if environment.is_some() && !found.scope.deployed {
        return None;
    }
    let name = &found.secret;
    let message = format!(
        "where the secret `{name}` is not set, this deploying workflow takes a literal that stands in the repository, \
         and nothing fails: whoever has the code has the secret"
    );
    let fault = Fault::new(name.clone(), found.at.clone(), message).in_environment(environment);
    Some(if environment.is_some() { fault } else { fault.at_most(Severity::Warning) })
}
