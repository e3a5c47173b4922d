//! References to what a Terraform module does not define, and values for variables that it does not declare.

mod exported;

use std::collections::BTreeSet;

use facts::{Facts, TerraformModule, TerraformReference};
use serde::Deserialize;
use source::{file_name, has_word};

use crate::check::Check;
use crate::nearest::did_you_mean;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// What is looked for: `variable`, `local`, `data`, `module`, `resource`, `provider`.
    #[serde(default)]
    kinds: Vec<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Variable,
    Local,
    Data,
    Module,
    Resource,
    Provider,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts.judged_modules().filter(|module| module.is_whole);
        let called: BTreeSet<&str> = facts
            .modules
            .iter()
            .flat_map(|module| &module.calls)
            .filter_map(|call| call.directory.as_deref())
            .collect();
        let mut faults: Vec<Fault> = Vec::new();
        for module in judged {
            let handed: BTreeSet<&str> = handed_over(facts, &module.directory).collect();
            let found = self.references(module, &handed).into_iter();
            if is_left_over(module, &called) {
                faults.extend(found.map(|fault| fault.at_most(Severity::Warning)));
            } else {
                faults.extend(found);
            }
        }
        if self.kinds.contains(&Kind::Variable) {
            faults.extend(facts.modules.iter().flat_map(undeclared_values));
            faults.extend(undeclared_options(facts));
            faults.extend(exported::undeclared(facts, &called));
        }
        faults
    }
}

impl Policy {
    /// One fault for each name, at the first place that uses it.
    /// `handed`: the configurations of providers that callers hand over.
    fn references(&self, module: &TerraformModule, handed: &BTreeSet<&str>) -> Vec<Fault> {
        let defined: BTreeSet<&str> =
            module.definitions.iter().map(|definition| definition.address.as_str()).collect();
        let mut told = BTreeSet::new();
        let mut faults = Vec::new();
        for reference in &module.references {
            let Some(address) = reference.address() else { continue };
            let kind = kind_of(&address);
            if self.kinds.contains(&kind)
                && !defined.contains(address.as_str())
                && !module.given_providers.contains(&address)
                && !handed.contains(address.as_str())
                && told.insert(address.clone())
            {
                faults.push(undeclared(kind, &address, reference, module));
            }
        }
        faults
    }
}

/// What the callers of a module hand over to it: Terraform warns where the module declares none of it, and goes on
/// (measured with 1.11).
fn handed_over<'f>(facts: &'f Facts, directory: &str) -> impl Iterator<Item = &'f str> {
    let calls = facts.modules.iter().flat_map(|module| &module.calls);
    let own = calls.filter(move |call| call.directory.as_deref() == Some(directory));
    own.flat_map(|call| &call.providers).map(String::as_str)
}

/// Whether a module of a folder of modules is called by none of the tree and is none that is applied by itself.
fn is_left_over(module: &TerraformModule, called: &BTreeSet<&str>) -> bool {
    let lies_among_modules = module.directory.split('/').any(|folder| folder == "modules");
    let has_provider =
        module.definitions.iter().any(|definition| definition.address.starts_with("provider."));
    lies_among_modules && !has_provider && !called.contains(module.directory.as_str())
}

fn undeclared(kind: Kind, address: &str, reference: &TerraformReference, module: &TerraformModule) -> Fault {
    let what = match kind {
        Kind::Variable => "no variable",
        Kind::Local => "no local value",
        Kind::Data => "no data source",
        Kind::Module => "no module call",
        Kind::Resource => "no resource",
        Kind::Provider => "no provider configuration",
    };
    let prefix = match kind {
        Kind::Resource => "",
        _ => address.split('.').next().unwrap_or(""),
    };
    let names = module.definitions_of(prefix).map(|definition| definition.address.as_str());
    let hint = did_you_mean(address, names);
    let name = address.strip_prefix("provider.").unwrap_or(address);
    let message = format!(
        "{what} `{name}` is defined in this module: Terraform refuses to load it, so neither plan nor apply \
         starts.{hint}"
    );
    let fault = Fault::new(address, reference.at.clone(), message);
    if reference.is_dynamic { fault.at_most(Severity::Warning) } else { fault }
}

fn kind_of(address: &str) -> Kind {
    match address.split('.').next() {
        Some("var") => Kind::Variable,
        Some("local") => Kind::Local,
        Some("data") => Kind::Data,
        Some("module") => Kind::Module,
        Some("provider") => Kind::Provider,
        _ => Kind::Resource,
    }
}

/// tfvars files beside a module: Terraform warns of a value that no variable takes.
fn undeclared_values(module: &TerraformModule) -> Vec<Fault> {
    if !module.is_whole || module.is_set_aside {
        return Vec::new();
    }
    // `terraform init -backend-config=backend.tfvars`
    let is_of_backend = |path: &str| has_word(file_name(path), &["backend"]);
    let values = module.values.iter().filter(|value| {
        module.definition(&format!("var.{}", value.name)).is_none() && !is_of_backend(&value.at.path)
    });
    let fault = |value: &facts::TerraformValue| {
        let hint = hint(&value.name, module);
        let message = format!(
            "this module declares no variable `{}`: Terraform warns and drops the value, so nothing uses it.{hint}",
            value.name
        );
        Fault::new(&value.name, value.at.clone(), message).at_most(Severity::Warning)
    };
    values.map(fault).collect()
}

fn hint(name: &str, module: &TerraformModule) -> String {
    did_you_mean(name, module.definitions_of("var.").filter_map(|known| known.address.strip_prefix("var.")))
}

/// `-var name=value` for a variable that the module does not declare, which Terraform refuses.
fn undeclared_options(facts: &Facts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for run in &facts.terraform_runs {
        let Some(module) = facts.module(&run.directory).filter(|module| module.is_whole) else { continue };
        let unknown =
            run.variables.iter().filter(|(name, _)| module.definition(&format!("var.{name}")).is_none());
        for (name, at) in unknown {
            let hint = hint(name, module);
            let message = format!(
                "the module in `{}` declares no variable `{name}`: `terraform {}` stops with \"Value for undeclared \
                 variable\".{hint}",
                directory(module),
                run.action
            );
            let fault = Fault::new(format!("{} {name}", run.action), at.clone(), message);
            faults.push(match module.definitions.iter().find(|known| known.address.starts_with("var.")) {
                Some(declared) => {
                    fault.because(declared.at.clone(), "the module's variables are declared here")
                }
                None => fault,
            });
        }
    }
    faults
}

pub(super) fn directory(module: &TerraformModule) -> &str {
    if module.directory.is_empty() { "." } else { &module.directory }
}
