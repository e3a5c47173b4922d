//! Ranges of addresses in one network that overlap, or that lie outside of it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use facts::{Facts, TerraformAttribute, TerraformModule, TerraformResource};
use serde::Deserialize;

use crate::check::Check;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Attributes that take a range of a network.
    #[serde(default)]
    ranges: Vec<RangeOf>,
    /// Attributes that take a range out of the ranges of their network.
    #[serde(default)]
    networks: Vec<NetworkOf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct NetworkOf {
    /// The resource's type.
    kind: String,
    /// The key that holds its ranges.
    attribute: String,
    /// The attribute that names the network.
    network: String,
    /// The network's type.
    owner: String,
    /// The key that holds the network's ranges.
    range: String,
    /// The type of a resource that gives the network more ranges.
    extended_by: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeOf {
    /// The resource's type.
    kind: String,
    /// The blocks and the key that hold the range.
    attribute: String,
    /// The attribute that names the network.
    network: String,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let modules = facts.judged_modules();
        let outside = |module| self.networks.iter().flat_map(move |of| of.outside(module));
        modules.flat_map(|module| self.in_module(module).into_iter().chain(outside(module))).collect()
    }
}

/// A range that a resource takes.
struct Taken<'f> {
    resource: &'f TerraformResource,
    attribute: &'f TerraformAttribute,
    range: Range,
}

/// Ranges of one network that are compared with each other; of more the module is no module of a deployment.
const MOST: usize = 500;

impl Policy {
    fn in_module(&self, module: &TerraformModule) -> Vec<Fault> {
        let mut networks: BTreeMap<&str, Vec<Taken<'_>>> = BTreeMap::new();
        for resource in &module.resources {
            for of in self.ranges.iter().filter(|of| of.kind == resource.kind) {
                let Some(network) = resource.attribute(&of.network).and_then(name_of) else { continue };
                let attributes =
                    resource.attributes.iter().filter(|attribute| attribute.path == of.attribute);
                networks.entry(network).or_default().extend(attributes.filter_map(|attribute| {
                    let range = Range::parse(attribute.value.as_deref()?)?;
                    Some(Taken { resource, attribute, range })
                }));
            }
        }
        networks.values().flat_map(|taken| overlapping(taken)).collect()
    }
}

impl NetworkOf {
    /// The ranges of a module that none of their network's holds, where all of these are known.
    fn outside(&self, module: &TerraformModule) -> Vec<Fault> {
        let is_extended = |resource: &TerraformResource| self.extended_by.as_ref() == Some(&resource.kind);
        if module.resources.iter().any(is_extended) {
            return Vec::new();
        }
        let subnets = module.resources.iter().filter(|resource| resource.kind == self.kind);
        subnets.flat_map(|subnet| self.of_subnet(module, subnet).unwrap_or_default()).collect()
    }

    fn of_subnet(&self, module: &TerraformModule, subnet: &TerraformResource) -> Option<Vec<Fault>> {
        let network = name_of(subnet.attribute(&self.network)?)?;
        let name = network.strip_prefix(&self.owner)?.strip_prefix('.')?;
        let mut owners = module.resources.iter().filter(|resource| resource.kind == self.owner);
        let space = owners.find(|resource| resource.name == name)?.attribute(&self.range)?;
        let is_literal = |attribute: &&TerraformAttribute| attribute.references.is_empty();
        let space = Some(space).filter(is_literal)?;
        let space_ranges: Vec<Range> = written(space).map(Range::parse).collect::<Option<_>>()?;
        let own = subnet.attribute(&self.attribute).filter(is_literal)?;
        let outside = written(own).filter(|text| {
            let range = Range::parse(text);
            range.is_some_and(|range| !space_ranges.iter().any(|space| space.holds(range)))
        });
        let faults = outside.filter(|_| !space_ranges.is_empty()).map(|range| {
            let subject = format!("{}.{} {range}", subnet.kind, subnet.name);
            let message = format!(
                "{range} lies outside of `{network}`, which has {}: the platform refuses the subnet, and the apply fails",
                written(space).collect::<Vec<_>>().join(" and ")
            );
            Fault::new(subject, own.at.clone(), message).because(space.at.clone(), "the range of the network")
        });
        Some(faults.collect())
    }
}

/// The texts of an attribute that takes one or a list.
fn written(attribute: &TerraformAttribute) -> impl Iterator<Item = &str> {
    attribute.value.as_deref().into_iter().chain(attribute.items.iter().map(|(text, _)| text.as_str()))
}

/// The network as it is named: by what it refers to, else by its text.
fn name_of(attribute: &TerraformAttribute) -> Option<&str> {
    match attribute.references.as_slice() {
        [only] => {
            let address = only.split('[').next().unwrap_or(only);
            let steps = address.match_indices('.').map(|(at, _)| at);
            // `google_compute_network.vpc.id` and `.self_link` are one network; a variable is named by its whole path.
            let is_plain =
                ["var.", "local.", "module.", "data."].iter().any(|root| address.starts_with(root));
            let end = if is_plain { None } else { steps.clone().nth(1) };
            address.get(..end.unwrap_or(address.len()))
        }
        [] => attribute.value.as_deref(),
        _ => None,
    }
}

fn overlapping(taken: &[Taken<'_>]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let taken = taken.get(..taken.len().min(MOST)).unwrap_or_default();
    for (index, one) in taken.iter().enumerate() {
        let earlier = taken.get(..index).unwrap_or_default();
        let Some(other) = earlier.iter().find(|other| one.range.overlaps(other.range)) else { continue };
        let address = |taken: &Taken<'_>| format!("{}.{}", taken.resource.kind, taken.resource.name);
        let message = format!(
            "{} overlaps {}, the range of `{}` in the same network: the platform refuses the second of the two, and \
             the apply fails",
            one.attribute.value.as_deref().unwrap_or_default(),
            other.attribute.value.as_deref().unwrap_or_default(),
            address(other)
        );
        let subject = format!("{} and {}", address(one), address(other));
        let fault = Fault::new(subject, one.attribute.at.clone(), message)
            .because(other.attribute.at.clone(), "the other range");
        // Made on a condition, they may never stand side by side.
        let conditional = [one, other].iter().any(|taken| {
            taken.resource.attribute("count").or(taken.resource.attribute("for_each")).is_some()
        });
        faults.push(if conditional { fault.at_most(Severity::Warning) } else { fault });
    }
    faults
}

/// A range of addresses: `10.8.0.0/28`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    first: u32,
    length: u32,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.trim().split_once('/')?;
        let address: Ipv4Addr = address.parse().ok()?;
        let length: u32 = length.parse().ok().filter(|length| *length <= 32)?;
        Some(Self { first: u32::from(address) & mask(length), length })
    }

    fn holds(self, other: Self) -> bool {
        self.length <= other.length && self.overlaps(other)
    }

    fn overlaps(self, other: Self) -> bool {
        let shared = mask(self.length.min(other.length));
        self.first & shared == other.first & shared
    }
}

/// The bits that stay the same in a range of this length.
fn mask(length: u32) -> u32 {
    u32::MAX.checked_shl(32 - length.min(32)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_overlap_where_one_holds_the_other() {
        let overlap = |one: &str, other: &str| {
            Range::parse(one).zip(Range::parse(other)).map(|(one, other)| one.overlaps(other))
        };
        assert_eq!(overlap("10.0.0.0/16", "10.0.8.0/28"), Some(true));
        assert_eq!(overlap("10.0.8.16/28", "10.0.8.0/28"), Some(false));
        assert_eq!(overlap("0.0.0.0/0", "10.0.8.0/28"), Some(true));
        assert_eq!(overlap("10.0.0.0/33", "10.0.8.0/28"), None);
    }
}
