//! Ranges of ports whose first one is above the last one.

use facts::{Facts, TerraformAttribute, TerraformResource};
use serde::Deserialize;

use crate::Fault;
use crate::check::Check;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Types of resources that have ranges of ports, as they are or in blocks.
    #[serde(default)]
    kinds: Vec<String>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let resources = facts.judged_modules().flat_map(|module| &module.resources);
        resources.filter(|resource| self.kinds.contains(&resource.kind)).flat_map(reversed).collect()
    }
}

fn reversed(resource: &TerraformResource) -> Vec<Fault> {
    let firsts =
        resource.attributes.iter().filter_map(|first| Some((first, first.path.strip_suffix("from_port")?)));
    let faults = firsts.filter_map(|(first, within)| {
        let beside = |key: &str| {
            let path = format!("{within}{key}");
            resource.attributes.iter().find(|other| other.path == path && other.blocks == first.blocks)
        };
        let last = beside("to_port")?;
        let protocol = beside("protocol").or_else(|| beside("ip_protocol"))?.value.as_deref()?;
        // Of ICMP these are a type and a code.
        let has_ports = matches!(protocol.to_ascii_lowercase().as_str(), "tcp" | "udp" | "6" | "17");
        let (from, to) = (number(first)?, number(last)?);
        (has_ports && from > to).then(|| {
            let message = format!(
                "the ports {from} to {to} are no range, the first one is above the last: the platform refuses the rule \
                 (\"Invalid TCP port range\"), and the apply fails; which of the two is meant?"
            );
            let subject = format!("{}.{} {from} {to}", resource.kind, resource.name);
            Fault::new(subject, first.at.clone(), message).because(last.at.clone(), "the last port")
        })
    });
    faults.collect()
}

fn number(attribute: &TerraformAttribute) -> Option<u16> {
    attribute.value.as_deref()?.parse().ok()
}
