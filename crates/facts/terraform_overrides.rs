//! Files that override others: Terraform merges their blocks into those of the same name.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/files/override>.

use std::collections::BTreeSet;

use source::file_name;

use crate::TerraformModule;
use crate::collect::terraform_module::TerraformFile;
use crate::terraform::{TerraformAttribute, TerraformResource};

/// Whether a `.tf` file overrides the others of its directory.
#[must_use]
pub(crate) fn is_override(path: &str) -> bool {
    let name = file_name(path);
    name == "override.tf" || name.ends_with("_override.tf")
}

/// Merges the blocks of a file that overrides into those that the module has. What the module does not have, which
/// Terraform refuses, stays in the file.
pub(crate) fn merge(module: &mut TerraformModule, file: &mut TerraformFile) {
    let with_value: BTreeSet<&str> = file
        .definitions
        .iter()
        .filter(|definition| !definition.is_required)
        .map(|definition| definition.address.as_str())
        .collect();
    for definition in &mut module.definitions {
        definition.is_required &= !with_value.contains(definition.address.as_str());
    }
    for definition in &mut file.definitions {
        // A variable keeps the default that the file says nothing of.
        let known = module.definitions.iter().find(|known| known.address == definition.address);
        definition.is_required &= known.is_none_or(|known| known.is_required);
    }
    file.calls.retain(|call| match module.calls.iter_mut().find(|known| known.name == call.name) {
        Some(known) => {
            known.arguments.retain(|(name, _)| !call.arguments.iter().any(|(other, _)| other == name));
            known.arguments.extend(call.arguments.iter().cloned());
            if call.directory.is_some() {
                known.directory.clone_from(&call.directory);
                known.at.clone_from(&call.at);
            }
            false
        }
        None => true,
    });
    file.resources.retain_mut(|resource| {
        let same =
            |known: &&mut TerraformResource| known.kind == resource.kind && known.name == resource.name;
        match module.resources.iter_mut().find(same) {
            Some(known) => {
                merge_attributes(&mut known.attributes, std::mem::take(&mut resource.attributes));
                false
            }
            None => true,
        }
    });
}

/// An argument takes the place of one of the same name, and blocks that of all blocks of their kind.
fn merge_attributes(known: &mut Vec<TerraformAttribute>, over: Vec<TerraformAttribute>) {
    let top = |path: &str| path.split('.').next().unwrap_or(path).to_owned();
    let replaced: BTreeSet<String> = over.iter().map(|attribute| top(&attribute.path)).collect();
    known.retain(|attribute| !replaced.contains(&top(&attribute.path)));
    known.extend(over);
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use crate::{Declared, collect};

    #[test]
    fn what_overrides_is_merged() {
        let tree: Memory = [
            ("a/main.tf", "resource \"x_y\" \"z\" {\n  size = 1\n  kept = 2\n}\nmodule \"m\" {\n  source = \"./m\"\n}\n"),
            ("a/dev_override.tf", "resource \"x_y\" \"z\" {\n  size = 3\n}\nmodule \"m\" {\n  b = 1\n}\n"),
        ]
        .into_iter()
        .collect();
        let facts = collect(&tree, &Declared::default());
        let module = facts.module("a").unwrap();
        let [resource] = module.resources.as_slice() else { panic!("{:?}", module.resources) };
        let value = |path: &str| resource.attribute(path).and_then(|attribute| attribute.value.as_deref());
        assert_eq!((value("size"), value("kept")), (Some("3"), Some("2")));
        let [call] = module.calls.as_slice() else { panic!("{:?}", module.calls) };
        assert_eq!(call.directory.as_deref(), Some("a/m"));
        assert_eq!(call.arguments.len(), 1);
    }
}
