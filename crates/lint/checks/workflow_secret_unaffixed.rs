//! Credentials of a workflow that are not those of its environment.

use std::collections::BTreeMap;

use facts::environment::{canonical, is_deployed};
use facts::{Facts, WorkflowSecret};
use source::tokens;

use crate::Fault;

/// A secret's name without the word for an environment, and that environment.
fn parts(name: &str) -> (Vec<String>, Option<&'static str>) {
    let words: Vec<String> = tokens(name).collect();
    let environment = words.iter().find_map(|word| canonical(word));
    let rest = words.into_iter().filter(|word| canonical(word).is_none()).collect();
    (rest, environment)
}

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let mut own: BTreeMap<(Vec<String>, &str), &WorkflowSecret> = BTreeMap::new();
    for secret in &facts.workflow_secrets {
        if let (rest, Some(environment)) = parts(&secret.name) {
            own.entry((rest, environment)).or_insert(secret);
        }
    }
    let judge = |secret: &WorkflowSecret| {
        let environment = secret.environment.as_deref().filter(|environment| is_deployed(environment))?;
        let (rest, None) = parts(&secret.name) else { return None };
        let meant = own.get(&(rest.clone(), environment))?;
        // `secrets.STAGING_KEY || secrets.KEY` tries its own first, and a job that reads both takes them for two.
        let beside = |other: &&WorkflowSecret| other.at.path == secret.at.path && other.job == secret.job;
        let reads_both = facts
            .workflow_secrets
            .iter()
            .filter(beside)
            .any(|other| parts(&other.name) == (rest.clone(), canonical(environment)));
        if reads_both {
            return None;
        }
        let message = format!(
            "a job of {environment} reads the secret `{}`, and `{}` is there for {environment}: it runs with \
             credentials that are not its own, and does elsewhere what it is to do here",
            secret.name, meant.name
        );
        let fault = Fault::new(secret.name.clone(), secret.at.clone(), message)
            .because(meant.at.clone(), format!("the secret of {environment}"));
        Some(fault.in_environment(Some(environment)))
    };
    facts.workflow_secrets.iter().filter_map(judge).collect()
}
