//! Secrets whose absence code makes up for with a literal.

use std::collections::BTreeSet;

use facts::environment::{is_deployed, named_by_words};
use facts::{EnvRead, Facts};
use serde::Deserialize;
use source::{redact, tokens};

use super::deployed::Given;
use super::words::Phrase;
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Words of a default that say that it was to be replaced.
    placeholders: Vec<String>,
    /// Defaults that stand for nothing, in lower case.
    nothing: Vec<String>,
}

struct ReadDefault {
    placeholders: Vec<Phrase>,
    nothing: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let policy: Policy = super::policy(policy)?;
    let placeholders = policy.placeholders.iter().map(|text| Phrase::new(text)).collect();
    Ok(Box::new(ReadDefault { placeholders, nothing: policy.nothing }))
}

impl Check for ReadDefault {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let shipped: BTreeSet<&str> =
            facts.images.iter().flat_map(|image| image.needs.iter().map(|path| &**path)).collect();
        let given = Given::of(facts);
        let judged = facts.env_reads.iter().filter(|read| {
            shipped.contains(&*read.at.path)
                && !tokens(&read.at.path).any(|word| word == "test" || word == "tests")
        });
        judged.filter_map(|read| self.fault(read, &given)).collect()
    }
}

impl ReadDefault {
    fn fault(&self, read: &EnvRead, given: &Given<'_>) -> Option<Fault> {
        let default = read.default.as_deref()?.trim();
        let is_nothing = default.len() < 3 || self.nothing.contains(&default.to_ascii_lowercase());
        // `CLIENT_SECRET_DEVELOPMENT` is nobody's secret in a deployment.
        let is_local = named_by_words(&read.name).is_some_and(|name| !is_deployed(name));
        if is_nothing || is_local || !redact::is_secret_name(&read.name) || default.parse::<f64>().is_ok() {
            return None;
        }
        let placeholder = self.placeholders.iter().any(|phrase| phrase.is_in(default));
        let what = if placeholder { "a placeholder" } else { "a literal that everybody with the code knows" };
        if given.everywhere(&read.name) {
            return None;
        }
        let message = format!(
            "where `{}` is not set, {what} takes its place and nothing fails: whoever has the code has the secret",
            read.name
        );
        Some(Fault::new(read.name.clone(), read.at.clone(), message).at_most(Severity::Warning))
    }
}
