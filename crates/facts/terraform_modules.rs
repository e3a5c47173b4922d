//! The files of each directory, joined into one module.

use std::collections::{BTreeMap, BTreeSet};

use source::{FileKind, MAX_CONFIG_BYTES, directory_of, file_name, is_backup, is_illustration};

use crate::TerraformModule;
use crate::collect::terraform_module::TerraformFile;
use crate::collect::terraform_values::{Demands, GivenValue};
use crate::inventory::Inventory;

/// The modules of a tree, by directory.
#[must_use]
pub(crate) fn join(
    inventory: &Inventory<'_>,
    files: BTreeMap<String, TerraformFile>,
) -> Vec<TerraformModule> {
    let generated = with_generated_files(inventory);
    let mut modules: BTreeMap<String, TerraformModule> = BTreeMap::new();
    let mut constants: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let (configuration, values): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(path, _)| FileKind::of(path) == FileKind::Terraform);
    let mut demanded: BTreeMap<String, Vec<Demands>> = BTreeMap::new();
    let mut given: BTreeMap<String, Vec<GivenValue>> = BTreeMap::new();
    for (path, mut file) in configuration {
        let directory = directory_of(&path).to_owned();
        constants.entry(directory.clone()).or_default().extend(file.constants.iter().cloned());
        demanded.entry(directory.clone()).or_default().append(&mut file.demands);
        let module = modules.entry(directory.clone()).or_insert_with(|| TerraformModule {
            is_whole: !generated.contains(&directory),
            is_set_aside: is_backup(&path) || is_illustration(&path),
            directory,
            ..TerraformModule::default()
        });
        add(module, file);
    }
    for (path, mut file) in values {
        // Values outside of a module's directory are for whoever names the file.
        if let Some(module) = modules.get_mut(directory_of(&path)) {
            module.values.append(&mut file.values);
            module.errors.append(&mut file.errors);
            // What an example gives is given to nobody.
            if !is_backup(&path) && !is_illustration(&path) {
                given.entry(module.directory.clone()).or_default().append(&mut file.given);
            }
            let known = constants.entry(module.directory.clone()).or_default();
            let automatic = file_name(&path).starts_with("terraform.tfvars") || path.contains(".auto.tfvars");
            override_constants(known, file.constants, automatic);
        }
    }
    for (directory, module) in &mut modules {
        resolve(module, constants.get(directory));
        let given = given.get(directory).map_or(&[][..], Vec::as_slice);
        let demands = demanded.get(directory).into_iter().flatten();
        module.refused = demands.flat_map(|demands| demands.refused(given)).collect();
    }
    modules.into_values().collect()
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
    module.has_remote_values |= file.has_remote_values;
    module.definitions.append(&mut file.definitions);
    module.references.append(&mut file.references);
    module.calls.append(&mut file.calls);
    module.resources.append(&mut file.resources);
    module.errors.append(&mut file.errors);
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

/// The modules that Terragrunt copies and adds files to: those that its configurations name, where one of them has a
/// `generate` block. Source: <https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#generate>.
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
    let named = texts.iter().flat_map(|(path, text)| {
        // Texts stand in expressions of texts: what lies between any two quotes is tried.
        text.split('"').filter_map(move |quoted| {
            // `${get_repo_root()}/modules//network`: the module stands behind the double slash, and with what is before it.
            let (from, written) = match quoted.rsplit_once('}') {
                Some((_, rest)) => ("", rest.trim_start_matches('/')),
                None => (directory_of(path), quoted),
            };
            source::join(from, &written.replace("//", "/"))
        })
    });
    named.filter(|directory| !directory.is_empty() && inventory.is_directory(directory)).collect()
}
