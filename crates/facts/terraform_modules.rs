//! The files of each directory, joined into one module.

use std::collections::{BTreeMap, BTreeSet};

use source::{
    EntryKind, FileKind, MAX_CONFIG_BYTES, directory_of, file_name, is_backup, is_illustration, join as below,
};

use crate::collect::terraform_module::TerraformFile;
use crate::collect::terraform_templates::flaws;
use crate::collect::terraform_values::{Demands, GivenValue};
use crate::inventory::Inventory;
use crate::terraform_overrides::{is_override, merge};
use crate::{TerraformModule, TerraformReference};

/// The modules of a tree, by directory.
#[must_use]
pub(crate) fn join(
    inventory: &Inventory<'_>,
    files: BTreeMap<String, TerraformFile>,
) -> Vec<TerraformModule> {
    let mut made_elsewhere = with_generated_files(inventory);
    made_elsewhere.extend(of_shared_files(inventory));
    let templates = files.iter().filter(|(_, file)| file.is_template);
    let templates: BTreeSet<String> = templates.map(|(path, _)| directory_of(path).to_owned()).collect();
    let mut modules: BTreeMap<String, TerraformModule> = BTreeMap::new();
    let mut constants: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let (mut configuration, values): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(path, _)| FileKind::of(path) == FileKind::Terraform);
    // What overrides is merged last.
    configuration.sort_by_key(|(path, _)| is_override(path));
    let mut demanded: BTreeMap<String, Vec<Demands>> = BTreeMap::new();
    let mut given: BTreeMap<String, Vec<GivenValue>> = BTreeMap::new();
    for (path, mut file) in configuration {
        let directory = directory_of(&path).to_owned();
        constants.entry(directory.clone()).or_default().extend(file.constants.iter().cloned());
        demanded.entry(directory.clone()).or_default().append(&mut file.demands);
        let module = modules.entry(directory.clone()).or_insert_with(|| TerraformModule {
            is_whole: !made_elsewhere.contains(&directory)
                && !templates.iter().any(|other| are_laid_over(&directory, other)),
            is_set_aside: is_backup(&path) || is_illustration(&path),
            directory,
            ..TerraformModule::default()
        });
        if is_override(&path) {
            merge(module, &mut file);
        }
        module.templates.extend(file.templates.iter().flat_map(|call| flaws(inventory, call)));
        add(module, file);
    }
    for (path, mut file) in values {
        // Values outside of a module's directory are for whoever names the file.
        if let Some(module) = modules.get_mut(directory_of(&path)) {
            module.values.append(&mut file.values);
            module.errors.append(&mut file.errors);
            module.has_remote_values |= file.is_sealed;
            // What an example gives is given to nobody.
            if !is_backup(&path) && !is_illustration(&path) {
                given.entry(module.directory.clone()).or_default().append(&mut file.given);
            }
            let known = constants.entry(module.directory.clone()).or_default();
            let automatic = file_name(&path).starts_with("terraform.tfvars") || path.contains(".auto.tfvars");
            override_constants(known, file.constants, automatic);
        }
    }
    let fragments: Vec<String> = modules
        .values()
        .filter(|module| is_fragment(module, &modules))
        .map(|module| module.directory.clone())
        .collect();
    for directory in fragments {
        modules.entry(directory).and_modify(|module| module.is_whole = false);
    }
    for directory in called_from_outside(&modules) {
        modules.entry(directory).and_modify(|module| module.is_set_aside = false);
    }
    for (directory, module) in &mut modules {
        resolve(module, constants.get(directory));
        let given = given.get(directory).map_or(&[][..], Vec::as_slice);
        let demands = demanded.get(directory).into_iter().flatten();
        module.refused = demands.flat_map(|demands| demands.refused(given)).collect();
    }
    modules.into_values().collect()
}

/// The directories of modules that lie among examples and templates, and that others which do not lie there call, by
/// themselves or through others: these are what is deployed.
fn called_from_outside(modules: &BTreeMap<String, TerraformModule>) -> BTreeSet<String> {
    let mut open: Vec<&TerraformModule> = modules.values().filter(|module| !module.is_set_aside).collect();
    let mut found = BTreeSet::new();
    while let Some(module) = open.pop() {
        let called = module.calls.iter().filter_map(|call| modules.get(call.directory.as_deref()?));
        for other in called.filter(|other| other.is_set_aside) {
            if found.insert(other.directory.clone()) {
                open.push(other);
            }
        }
    }
    found
}

/// Whether the files of a folder are copied into the module of a folder above: they declare no variable, and that module
/// declares all that they name and do not define.
fn is_fragment(module: &TerraformModule, modules: &BTreeMap<String, TerraformModule>) -> bool {
    let defines = |module: &TerraformModule, address: &str| {
        module.definitions.iter().any(|definition| definition.address == address)
    };
    let stands_alone = module
        .definitions
        .iter()
        .any(|definition| ["var.", "provider."].iter().any(|kind| definition.address.starts_with(kind)));
    let open: BTreeSet<String> = module
        .references
        .iter()
        .filter_map(TerraformReference::address)
        .filter(|address| !defines(module, address))
        .collect();
    let variables: BTreeSet<&String> = open.iter().filter(|address| address.starts_with("var.")).collect();
    // Names of another kind may be forgotten ones, unless something of the tree writes files and nobody calls the folder.
    let named = if !variables.is_empty() {
        variables
    } else if are_files_written(modules) && !is_called(module, modules) {
        open.iter().collect()
    } else {
        return false;
    };
    if stands_alone || named.is_empty() || module.directory.is_empty() {
        return false;
    }
    let above = std::iter::successors(Some(directory_of(&module.directory)), |folder| {
        (!folder.is_empty()).then(|| directory_of(folder))
    });
    above
        .filter_map(|folder| modules.get(folder))
        .any(|other| named.iter().all(|address| defines(other, address)))
}

fn are_files_written(modules: &BTreeMap<String, TerraformModule>) -> bool {
    modules.values().flat_map(|module| &module.resources).any(|resource| resource.kind == "local_file")
}

fn is_called(module: &TerraformModule, modules: &BTreeMap<String, TerraformModule>) -> bool {
    let mut calls = modules.values().flat_map(|module| &module.calls);
    calls.any(|call| call.directory.as_deref() == Some(&*module.directory))
}

/// A file that Terraform reads by itself decides; one that must be named makes a default that differs uncertain.
fn override_constants(known: &mut BTreeMap<String, String>, set: Vec<(String, String)>, automatic: bool) {
    for (name, value) in set {
        if automatic {
            known.insert(name, value);
        } else if known.get(&name).is_some_and(|default| *default != value) {
            known.remove(&name);
        }
    }
}

fn add(module: &mut TerraformModule, mut file: TerraformFile) {
    module.is_whole &= file.errors.is_empty();
    module.is_whole &= !file.is_sealed;
    module.has_remote_values |= file.has_remote_values || file.is_sealed;
    module.definitions.append(&mut file.definitions);
    module.references.append(&mut file.references);
    module.calls.append(&mut file.calls);
    module.resources.append(&mut file.resources);
    module.errors.append(&mut file.errors);
    module.aliases.extend(file.aliases);
    module.given_providers.extend(file.given_providers);
    module.string_indices.append(&mut file.string_indices);
}

/// Gives attributes that are a plain `var.x` or `local.x` the value of that.
fn resolve(module: &mut TerraformModule, constants: Option<&BTreeMap<String, String>>) {
    let Some(constants) = constants else { return };
    let attributes = module.resources.iter_mut().flat_map(|resource| &mut resource.attributes);
    for attribute in attributes.filter(|attribute| attribute.value.is_none()) {
        if let [only] = attribute.references.as_slice()
            && attribute.at.span.len() == only.len()
        {
            attribute.value = constants.get(only).cloned();
        }
    }
}

/// Whether a generator lays two folders over each other: both end in the same two names.
fn are_laid_over(one: &str, other: &str) -> bool {
    let ends = |path: &str| path.rsplit('/').take(2).map(str::to_owned).collect::<Vec<_>>();
    one == other || one.contains('/') && ends(one) == ends(other)
}

/// Directories in which files are made before Terraform loads them, or that hold files in Terraform's other syntaxes.
fn with_generated_files(inventory: &Inventory<'_>) -> BTreeSet<String> {
    const OTHERS: &[&str] = &[
        ".tf.json",
        ".tofu",
        ".tofu.json",
        ".tf.tmpl",
        ".tf.tpl",
        ".tf.j2",
        ".tf.jinja",
        ".tf.erb",
        ".tf.template",
    ];
    let others = inventory.entries().iter().map(|entry| entry.path.as_str()).filter(|path| {
        let name = file_name(path);
        name == "terragrunt.hcl" || OTHERS.iter().any(|end| name.ends_with(end))
    });
    let mut found: BTreeSet<String> = others.map(|path| directory_of(path).to_owned()).collect();
    found.extend(with_terragrunt_files(inventory));
    found
}

/// The modules that Terragrunt copies and adds files to: those that its configurations name and those beside them, and
/// folders of the files that they add, where one of them has a `generate` block.
/// Source: <https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#generate>.
fn with_terragrunt_files(inventory: &Inventory<'_>) -> BTreeSet<String> {
    let paths = inventory.entries().iter().map(|entry| entry.path.as_str());
    let configurations = paths.filter(|path| matches!(file_name(path), "terragrunt.hcl" | "root.hcl"));
    let texts: Vec<(&str, String)> = configurations
        .filter_map(|path| Some((path, inventory.tree().read(path, MAX_CONFIG_BYTES).ok()?)))
        .map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned()))
        .collect();
    if !texts.iter().any(|(_, text)| text.contains("generate")) {
        return BTreeSet::new();
    }
    let named: BTreeSet<String> = texts
        .iter()
        .flat_map(|(path, text)| named_paths(path, text))
        .filter(|path| !path.is_empty() && inventory.kind(path).is_some())
        .collect();
    let mut found = BTreeSet::new();
    for path in named {
        if inventory.is_directory(&path) {
            found.extend(neighbours(inventory, directory_of(&path)));
            found.insert(path);
        } else if FileKind::of(&path) == FileKind::Terraform {
            found.insert(directory_of(&path).to_owned());
        }
    }
    found
}

/// The paths that stand in a configuration of Terragrunt.
fn named_paths(path: &str, text: &str) -> Vec<String> {
    // Texts stand in expressions of texts: what lies between any two quotes is tried.
    let quoted = text.split('"').filter_map(|quoted| {
        // `${get_repo_root()}/modules//network`: the module stands behind the double slash, and with what is before it.
        let (from, written) = match quoted.rsplit_once('}') {
            Some((_, rest)) => ("", rest.trim_start_matches('/')),
            None => (directory_of(path), quoted),
        };
        below(from, &written.replace("//", "/"))
    });
    quoted.collect()
}

/// The directories right below one that is not the root.
fn neighbours(inventory: &Inventory<'_>, parent: &str) -> Vec<String> {
    if parent.is_empty() {
        return Vec::new();
    }
    let inside = inventory.below(parent).iter();
    let directories =
        inside.filter(|entry| entry.kind == EntryKind::Directory && directory_of(&entry.path) == parent);
    directories.map(|entry| entry.path.clone()).collect()
}

/// Directories of files that stand there for modules elsewhere: a link in another directory leads to every `.tf` file.
fn of_shared_files(inventory: &Inventory<'_>) -> BTreeSet<String> {
    let of_terraform =
        || inventory.entries().iter().filter(|entry| FileKind::of(&entry.path) == FileKind::Terraform);
    let links = of_terraform().filter(|entry| entry.kind == EntryKind::Symlink);
    let targets: BTreeSet<String> = links
        .filter_map(|link| {
            let target = below(directory_of(&link.path), &inventory.tree().link_target(&link.path)?)?;
            (directory_of(&target) != directory_of(&link.path)).then_some(target)
        })
        .collect();
    let mut shared: BTreeSet<String> = targets.iter().map(|target| directory_of(target).to_owned()).collect();
    for own in of_terraform().filter(|entry| !targets.contains(&entry.path)) {
        shared.remove(directory_of(&own.path));
    }
    shared
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use crate::{Declared, collect};

    #[test]
    fn a_file_that_other_modules_link_to_is_judged_there() {
        let shared = "provider \"aws\" {\n  region = local.region\n}\n";
        let mut tree: Memory =
            [("units/shared.tf", shared), ("units/a/main.tf", "locals {\n  region = \"x\"\n}\n")]
                .into_iter()
                .collect();
        tree.insert_link("units/a/shared.tf", "../shared.tf");
        let is_whole = |tree: &Memory, directory: &str| {
            collect(tree, &Declared::default()).module(directory).is_some_and(|module| module.is_whole)
        };
        assert_eq!((is_whole(&tree, "units"), is_whole(&tree, "units/a")), (false, true));
        tree.insert("units/main.tf", "locals {\n}\n");
        assert!(is_whole(&tree, "units"));
    }
}
