//! Names of resources that are written as text where the resource itself is at hand.

use facts::{Facts, TerraformAttribute, TerraformModule, TerraformResource};
use serde::Deserialize;

use crate::Fault;
use crate::check::Check;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Attributes that name another resource.
    #[serde(default)]
    names: Vec<Naming>,
    /// Names that every project is born with, so that nothing has to make them first.
    #[serde(default)]
    given: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Naming {
    /// The attribute: `network`.
    attribute: String,
    /// The type of the resource that it names.
    kind: String,
    /// The attribute of that resource which holds its name.
    key: String,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let modules = facts.judged_modules();
        modules.flat_map(|module| self.in_module(module)).collect()
    }
}

impl Policy {
    fn in_module(&self, module: &TerraformModule) -> Vec<Fault> {
        let mut faults = Vec::new();
        for naming in &self.names {
            let mut named =
                module.resources.iter().filter(|resource| resource.kind == naming.kind).peekable();
            if named.peek().is_none() {
                continue;
            }
            let named: Vec<&TerraformResource> = named.collect();
            for resource in module.resources.iter().filter(|resource| resource.kind != naming.kind) {
                faults.extend(fault(resource, naming, &named, &self.given));
            }
        }
        faults
    }
}

fn fault(
    resource: &TerraformResource,
    naming: &Naming,
    named: &[&TerraformResource],
    given: &[String],
) -> Option<Fault> {
    let last = |path: &str| path.rsplit('.').next() == Some(naming.attribute.as_str());
    let literal = |attribute: &&TerraformAttribute| last(&attribute.path) && attribute.references.is_empty();
    let attribute = resource.attributes.iter().find(literal)?;
    let text = attribute
        .value
        .as_deref()
        .filter(|text| !text.is_empty() && !given.iter().any(|name| name == text))?;
    let (other, name) = named.iter().find_map(|other| {
        let name = other.attribute(&naming.key)?;
        is_name(name, text).then_some((other, name))
    })?;
    let address = format!("{}.{}", other.kind, other.name);
    if waits_for(resource, &address) {
        return None;
    }
    let message = format!(
        "`{}` is the text `{text}`, and this module makes that {}: Terraform sees no connection, so in a new \
         environment it may ask for it before it exists, and the apply fails; refer to `{address}`",
        naming.attribute, naming.kind
    );
    let subject = format!("{}.{}.{}", resource.kind, resource.name, attribute.path);
    Some(Fault::new(subject, attribute.at.clone(), message).because(name.at.clone(), "it is made here"))
}

/// Whether a resource's name comes out as this text.
fn is_name(name: &TerraformAttribute, text: &str) -> bool {
    if let Some(value) = &name.value {
        return value == text;
    }
    name.template.as_deref().is_some_and(|template| matches(template, text))
}

/// Whether a text with expressions can come out as this one; of the template at least three letters must be given.
fn matches(template: &str, text: &str) -> bool {
    let Some((before, rest)) = template.split_once("${") else { return false };
    // Of several expressions nothing certain is left.
    let Some((_, after)) = rest.split_once('}').filter(|(_, after)| !after.contains("${")) else {
        return false;
    };
    let given = before.len() + after.len();
    given >= 3 && text.len() > given && text.starts_with(before) && text.ends_with(after)
}

/// Whether anything in the resource refers to the other one, as `depends_on` does.
fn waits_for(resource: &TerraformResource, address: &str) -> bool {
    let mut references = resource.attributes.iter().flat_map(|attribute| &attribute.references);
    references.any(|reference| {
        reference.strip_prefix(address).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_matches_what_it_can_become() {
        assert!(matches("${var.environment}-vpc", "staging-vpc"));
        assert!(!matches("${var.environment}-vpc", "default"));
        assert!(!matches("${var.environment}-vpc", "-vpc"));
        assert!(!matches("${var.a}-${var.b}", "x-y"));
        assert!(!matches("${var.name}", "anything"));
    }
}
