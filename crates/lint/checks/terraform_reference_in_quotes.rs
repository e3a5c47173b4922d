//! References between quotes, which are texts.

use facts::{Facts, TerraformAttribute, TerraformModule, TerraformReference};
use serde::Deserialize;
use source::Place;

use crate::Fault;
use crate::check::Check;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Attributes that are text for people or for other programs, or that took references in quotes once.
    #[serde(default)]
    texts: Vec<String>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.texts.is_empty() {
            return faults;
        }
        for module in facts.judged_modules() {
            for resource in &module.resources {
                let judged = resource.attributes.iter().filter(|attribute| !self.is_text(attribute));
                let quoted = judged.flat_map(|attribute| quoted(module, attribute));
                faults.extend(quoted.map(|(path, at)| {
                    let subject = format!("{}.{} {path}", resource.kind, resource.name);
                    Fault::new(subject, at.clone(), message(path))
                }));
            }
        }
        faults
    }
}

impl Policy {
    fn is_text(&self, attribute: &TerraformAttribute) -> bool {
        attribute.path.split('.').any(|key| self.texts.iter().any(|text| text == key))
    }
}

/// The texts of an attribute that name something of the module, as a whole.
fn quoted<'m>(
    module: &'m TerraformModule,
    attribute: &'m TerraformAttribute,
) -> impl Iterator<Item = (&'m str, &'m Place)> {
    let own = attribute.value.as_deref().filter(|_| attribute.references.is_empty());
    let texts = own.map(|text| (text, &attribute.at)).into_iter();
    let texts = texts.chain(attribute.items.iter().map(|(text, at)| (text.as_str(), at)));
    texts.filter(|(text, at)| is_reference(module, text, at))
}

/// Whether a text is the whole path of a variable, a local or something else that the module defines.
fn is_reference(module: &TerraformModule, text: &str, at: &Place) -> bool {
    let is_of_path =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '[' | ']');
    if !text.chars().all(is_of_path) || text.ends_with('.') {
        return false;
    }
    let reference = TerraformReference {
        path: text.to_owned(),
        at: at.clone(),
        is_guarded: false,
        is_chosen: false,
        is_dynamic: false,
    };
    reference.address().is_some_and(|address| module.definition(&address).is_some())
}

fn message(path: &str) -> String {
    format!(
        "`\"{path}\"` is a text: Terraform looks nothing up between quotes, and hands on these letters in the place of the value; \
         write `{path}`"
    )
}
