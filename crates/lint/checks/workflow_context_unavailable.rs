//! Contexts that a workflow reads where the platform does not offer them.

use facts::{ContextUse, Facts};
use serde::Deserialize;

use crate::Fault;
use crate::check::Check;
use crate::platform::contexts::{SOURCE, available};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The contexts that are judged: `env`, `secrets`.
    #[serde(default)]
    contexts: Vec<String>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts.contexts.iter().filter(|used| self.contexts.contains(&used.context));
        judged.filter_map(fault).collect()
    }
}

fn fault(used: &ContextUse) -> Option<Fault> {
    let offered = available(used.key).filter(|offered| !offered.contains(&used.context.as_str()))?;
    let ContextUse { key, context, written, .. } = used;
    let message = format!(
        "`{written}` is read in `{key}`, where the context `{context}` does not exist: the workflow is refused as \
         invalid and none of its jobs runs; {} are there ({SOURCE})",
        offered.join(", ")
    );
    let subject = match &used.job {
        Some(job) => format!("{job} {key} {written}"),
        None => format!("{key} {written}"),
    };
    Some(Fault::new(subject, used.at.clone(), message))
}
