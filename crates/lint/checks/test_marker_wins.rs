//! A variable of tests that outweighs what the deployment says.

use facts::Facts;
use serde::Deserialize;

use crate::{Check, Fault};

/// Which variables of tests do not matter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Variables that may win.
    #[serde(default)]
    allowed: Vec<String>,
    /// Whether the rule looks at all.
    #[serde(default)]
    enabled: bool,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        if !self.enabled || (facts.environments.is_empty() && facts.deployments.is_empty()) {
            return Vec::new();
        }
        let marked = facts.detectors.iter().filter_map(|detector| {
            let marker = detector.test_marker.as_ref().filter(|marker| !self.allowed.contains(marker))?;
            let message = format!(
                "`{}` answers test as soon as {marker} is set, whatever the deployment's own variables say: left \
                 over in production it switches to what tests use",
                detector.name
            );
            Some(Fault::new(format!("{} {marker}", detector.name), detector.at.clone(), message))
        });
        marked.collect()
    }
}
