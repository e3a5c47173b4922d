//! Backend services over serverless network endpoint groups, with settings that the platform refuses there.

use facts::{Facts, TerraformAttribute, TerraformModule, TerraformResource};
use serde::Deserialize;

use super::terraform_duplicate_definition::drop_lines;
use crate::check::Check;
use crate::platform::refused::{Refused, SERVERLESS_NEG};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The attributes of the backend service that are judged.
    #[serde(default)]
    attributes: Vec<String>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts.judged_modules();
        judged.flat_map(|module| self.in_module(module)).collect()
    }
}

impl Policy {
    fn in_module(&self, module: &TerraformModule) -> Vec<Fault> {
        let mut faults = Vec::new();
        for service in module.resources.iter().filter(|resource| is_backend_service(resource)) {
            let Some(group) = serverless_group(service, module) else { continue };
            for refused in
                SERVERLESS_NEG.iter().filter(|row| self.attributes.iter().any(|name| name == row.attribute))
            {
                let attribute = service.attribute(refused.attribute);
                faults.extend(attribute.and_then(|attribute| fault(service, attribute, refused, group)));
            }
        }
        faults
    }
}

fn is_backend_service(resource: &TerraformResource) -> bool {
    matches!(
        resource.kind.as_str(),
        "google_compute_backend_service" | "google_compute_region_backend_service"
    )
}

/// The serverless group that the service sends to, where all of its groups are such.
fn serverless_group<'m>(
    service: &TerraformResource,
    module: &'m TerraformModule,
) -> Option<&'m TerraformResource> {
    let groups = service.attributes.iter().filter(|attribute| attribute.path == "backend.group");
    let mut found = None;
    for group in groups {
        let [reference] = group.references.as_slice() else { return None };
        found = Some(
            module.resources.iter().find(|resource| is_serverless(resource) && names(reference, resource))?,
        );
    }
    found
}

fn names(reference: &str, resource: &TerraformResource) -> bool {
    let address = format!("{}.{}", resource.kind, resource.name);
    reference.strip_prefix(&address).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn is_serverless(resource: &TerraformResource) -> bool {
    let kind = resource.attribute("network_endpoint_type");
    resource.kind == "google_compute_region_network_endpoint_group"
        // Absent, it is SERVERLESS.
        && kind.is_none_or(|kind| kind.value.as_deref() == Some("SERVERLESS"))
}

fn fault(
    service: &TerraformResource,
    attribute: &TerraformAttribute,
    refused: &Refused,
    group: &TerraformResource,
) -> Option<Fault> {
    let severity = match &attribute.value {
        Some(value) if Some(value.as_str()) == refused.unless => return None,
        Some(_) => Severity::Error,
        None if attribute.is_list => Severity::Error,
        // What the expression comes to is not known: it may be the value that is taken.
        None if !attribute.references.is_empty() => Severity::Warning,
        None => return None,
    };
    let name = &service.name;
    let message = format!(
        "`{name}` sends to a serverless network endpoint group, and {}: the apply fails ({})",
        refused.consequence, refused.source
    );
    let subject = format!("{}.{name}.{}", service.kind, refused.attribute);
    let mut fault = Fault::new(subject, attribute.at.clone(), message)
        .because(group.at.clone(), "the group that it sends to is a serverless one")
        .at_most(severity);
    // The platform leaves one right answer; without a known value there may be none to give.
    if severity == Severity::Error {
        fault.fix = drop_lines(&format!("Drop {}", refused.attribute), &attribute.at, attribute.lines);
    }
    Some(fault)
}
