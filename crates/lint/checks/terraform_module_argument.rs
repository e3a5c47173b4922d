//! Calls of a local Terraform module: arguments that it does not take, and required ones that it is not given.

use facts::{Facts, ModuleCall, TerraformModule};

use super::terraform_undeclared::directory;
use crate::Fault;
use crate::nearest::did_you_mean;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let judged = facts.judged_modules();
    let calls = judged.flat_map(|module| &module.calls);
    let known = calls.filter_map(|call| {
        let called = facts.module(call.directory.as_deref()?)?;
        called.is_whole.then_some((call, called))
    });
    known.flat_map(|(call, called)| [unknown(call, called), missing(call, called)].concat()).collect()
}

fn unknown(call: &ModuleCall, called: &TerraformModule) -> Vec<Fault> {
    let unknown =
        call.arguments.iter().filter(|(name, _)| called.definition(&format!("var.{name}")).is_none());
    let fault = |(name, at): &(String, source::Place)| {
        let free = called.definitions_of("var.").filter_map(|known| known.address.strip_prefix("var."));
        let free = free.filter(|known| !call.arguments.iter().any(|(given, _)| given == known));
        let hint = did_you_mean(name, free);
        let message = format!(
            "the module in `{}` has no variable `{name}`: Terraform refuses this call as an unsupported argument, so \
             neither plan nor apply starts.{hint}",
            directory(called)
        );
        let fault = Fault::new(format!("module.{}.{name}", call.name), at.clone(), message);
        match called.definitions.iter().find(|known| known.address.starts_with("var.")) {
            Some(declared) => fault.because(declared.at.clone(), "its variables are declared here"),
            None => fault,
        }
    };
    unknown.map(fault).collect()
}

fn missing(call: &ModuleCall, called: &TerraformModule) -> Vec<Fault> {
    let required = called.definitions_of("var.").filter(|variable| variable.is_required);
    let required = required.filter_map(|variable| Some((variable.address.strip_prefix("var.")?, variable)));
    let missing = required.filter(|(name, _)| !call.arguments.iter().any(|(given, _)| given == name));
    let fault = |(name, variable): (&str, &facts::TerraformDefinition)| {
        let message = format!(
            "this call of the module in `{}` does not set `{name}`, which has no default: Terraform refuses it as a \
             missing required argument",
            directory(called)
        );
        Fault::new(format!("module.{}.{name}", call.name), call.name_at.clone(), message)
            .because(variable.at.clone(), "the variable is declared here without a default")
    };
    missing.map(fault).collect()
}
