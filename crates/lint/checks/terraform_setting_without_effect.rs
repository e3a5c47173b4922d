//! Terraform variables that get a value and are read by nothing.

use std::collections::BTreeSet;

use facts::{Facts, TerraformModule};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    // A directory without resources is no module yet: its variables wait for what will read them.
    let deploys = |module: &&TerraformModule| !module.resources.is_empty() || !module.calls.is_empty();
    let judged = facts.judged_modules().filter(|module| module.is_whole).filter(deploys);
    judged.flat_map(unused).collect()
}

fn unused(module: &TerraformModule) -> Vec<Fault> {
    let references = module.references.iter().filter_map(|reference| reference.path.strip_prefix("var."));
    let read: BTreeSet<&str> = references.map(|path| path.split(['.', '[']).next().unwrap_or(path)).collect();
    let set = module.values.iter().filter(|value| !read.contains(value.name.as_str()));
    let fault = |value: &facts::TerraformValue| {
        let declared = module.definition(&format!("var.{}", value.name))?;
        let message = format!(
            "`{}` is declared and set, and no expression of the module reads it: whoever changes it here changes \
             nothing that is deployed; use the variable where it belongs, or drop it",
            value.name
        );
        Some(
            Fault::new(&value.name, value.at.clone(), message)
                .because(declared.at.clone(), "the variable is declared here"),
        )
    };
    set.filter_map(fault).collect()
}
