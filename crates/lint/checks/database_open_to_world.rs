//! Resources that take connections from every address.

use facts::{Facts, TerraformResource};
use serde::Deserialize;

use crate::Fault;
use crate::check::Check;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The attributes that open a resource.
    #[serde(default)]
    open: Vec<Open>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    /// The resource's type.
    kind: String,
    /// The blocks and the key: `settings.ip_configuration.ipv4_enabled`.
    attribute: String,
    /// The value that opens it.
    value: String,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let modules = facts.judged_modules();
        let resources = modules.flat_map(|module| &module.resources);
        resources.flat_map(|resource| self.open.iter().flat_map(|open| faults(resource, open))).collect()
    }
}

fn faults(resource: &TerraformResource, open: &Open) -> Vec<Fault> {
    if resource.kind != open.kind {
        return Vec::new();
    }
    let opened = resource.attributes.iter().filter(|attribute| {
        attribute.path == open.attribute && attribute.value.as_deref() == Some(open.value.as_str())
    });
    let fault = |attribute: &facts::TerraformAttribute| {
        let message = format!(
            "`{}` takes connections from every address ({}): everybody on the internet reaches its login",
            resource.name, open.value
        );
        Fault::new(format!("{}.{}", resource.kind, resource.name), attribute.at.clone(), message)
    };
    opened.map(fault).collect()
}
