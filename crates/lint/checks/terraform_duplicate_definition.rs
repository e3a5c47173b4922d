//! Names that one Terraform module defines twice.

use std::collections::BTreeMap;

use facts::{Facts, TerraformDefinition, TerraformModule};
use source::{Place, Span};

use crate::{Edit, Fault, Fix, Safety};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let judged = facts.judged_modules();
    judged.flat_map(in_module).collect()
}

fn in_module(module: &TerraformModule) -> Vec<Fault> {
    let mut by_address: BTreeMap<&str, Vec<&TerraformDefinition>> = BTreeMap::new();
    for definition in module.definitions.iter().filter(|definition| !definition.overrides) {
        by_address.entry(&definition.address).or_default().push(definition);
    }
    let doubled = by_address.into_iter().filter_map(|(address, found)| match found.as_slice() {
        [first, later @ ..] if !later.is_empty() => Some((address, *first, later.to_vec())),
        _ => None,
    });
    doubled
        .flat_map(|(address, first, later)| later.into_iter().map(move |again| fault(address, first, again)))
        .collect()
}

fn fault(address: &str, first: &TerraformDefinition, again: &TerraformDefinition) -> Fault {
    let (message, evidence) = match address.rsplit_once('.').filter(|_| again.is_single_block) {
        Some((resource, block)) => (
            format!(
                "`{resource}` takes one block `{block}` and has a second one here: Terraform refuses the module (\"Too many \
                 {block} blocks\"); join the two"
            ),
            "it has one here already",
        ),
        None => (defined_twice(address), "it is defined here already"),
    };
    let mut fault = Fault::new(address, again.at.clone(), message).because(first.at.clone(), evidence);
    if first.digest == again.digest {
        fault.fix = drop_lines("Drop the second one, which is the same", &again.at, again.lines);
    }
    fault
}

fn defined_twice(address: &str) -> String {
    let name = address.strip_prefix("var.").map_or(address.to_owned(), |name| format!("variable {name}"));
    format!(
        "`{name}` is defined a second time in this module: Terraform loads all `.tf` files of a directory together and refuses \
         the module; keep one of the two"
    )
}

/// A fix that drops whole lines of a file.
pub(super) fn drop_lines(title: &str, at: &Place, lines: Option<Span>) -> Option<Fix> {
    let edit = Edit { path: at.path.to_string(), span: lines?, text: String::new() };
    Some(Fix { title: title.to_owned(), safety: Safety::Safe, edits: vec![edit] })
}
