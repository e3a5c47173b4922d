//! Managed certificates for names that the platform does not certify.

use facts::{Facts, TerraformResource};
use serde::Deserialize;

use crate::Fault;
use crate::check::Check;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Policy {
    /// The types of certificate that take no wildcard, with the attribute that lists their names.
    #[serde(default)]
    without_wildcard: Vec<Certificate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    kind: String,
    attribute: String,
    source: String,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let modules = facts.judged_modules();
        let resources = modules.flat_map(|module| &module.resources);
        resources
            .flat_map(|resource| self.without_wildcard.iter().flat_map(|row| faults(resource, row)))
            .collect()
    }
}

fn faults(resource: &TerraformResource, row: &Certificate) -> Vec<Fault> {
    let listed = resource
        .attributes
        .iter()
        .filter(|attribute| resource.kind == row.kind && attribute.path == row.attribute);
    let wild = listed.flat_map(|attribute| &attribute.items).filter(|(name, _)| name.starts_with("*."));
    let fault = |(name, at): &(String, source::Place)| {
        let message = format!(
            "`{name}`: a certificate of this kind takes no wildcard, so the apply is refused and no certificate comes \
             to be; name each host, or use Certificate Manager ({})",
            row.source
        );
        Fault::new(format!("{} {name}", resource.name), at.clone(), message)
    };
    wild.map(fault).collect()
}
