//! Secrets whose absence code makes up for with a literal.

use std::collections::BTreeSet;

use facts::{EnvRead, Facts};
use serde::Deserialize;
use source::redact;

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
        let judged = facts.env_reads.iter().filter(|read| shipped.contains(&*read.at.path));
        judged.filter_map(|read| self.fault(read, &given)).collect()
    }
}

impl ReadDefault {
    fn fault(&self, read: &EnvRead, given: &Given<'_>) -> Option<Fault> {
        let default = read.default.as_deref()?.trim();
        let is_nothing = default.len() < 3 || self.nothing.contains(&default.to_ascii_lowercase());
        if is_nothing || !redact::is_secret_name(&read.name) || default.parse::<f64>().is_ok() {
            return None;
        }
        let placeholder = self.placeholders.iter().any(|phrase| phrase.is_in(default));
        let what = if placeholder { "a placeholder" } else { "a literal that everybody with the code knows" };
        if given.everywhere(&read.name) {
            return None;
        }
        let message = format!(
            "where `{}` is not set, {what} takes its place and nothing fails: tokens signed with it can be made by anybody",
            read.name
        );
        Some(Fault::new(read.name.clone(), read.at.clone(), message).at_most(Severity::Warning))
    }
}
