//! Outputs that are asked for and that the Terraform module does not have.

use std::collections::BTreeSet;

use facts::{Facts, TerraformModule, TerraformRun};
use source::Place;

use super::terraform_undeclared::directory;
use crate::nearest::did_you_mean;
use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let judged = facts.judged_modules();
    let mut faults: Vec<Fault> = judged.flat_map(|module| references(module, facts)).collect();
    faults.extend(facts.terraform_runs.iter().filter_map(|run| command(run, facts)));
    faults
}

/// `module.network.id` where the module in the call's directory has no output `id`.
fn references(module: &TerraformModule, facts: &Facts) -> Vec<Fault> {
    let mut told = BTreeSet::new();
    let mut faults = Vec::new();
    for reference in module.references.iter().filter(|reference| !reference.is_guarded) {
        let Some((name, output)) = parts(&reference.path) else { continue };
        let call = module.calls.iter().find(|call| call.name == name);
        let called = call.and_then(|call| facts.module(call.directory.as_deref()?));
        let (Some(call), Some(called)) = (call, called) else { continue };
        if has(called, output) || !told.insert((name, output)) {
            continue;
        }
        let message = format!(
            "the module in `{}` has no output `{output}`: Terraform refuses this expression, so neither plan nor \
             apply starts.{}",
            directory(called),
            hint(called, output)
        );
        let subject = format!("module.{name}.{output}");
        let fault = Fault::new(subject, reference.at.clone(), message);
        // Of a module that may have no instance, the branch that is not chosen is not looked at.
        let may_be_skipped = reference.is_chosen
            && module
                .definition(&format!("module.{name}"))
                .is_some_and(|defined| defined.instances.is_some());
        let fault = if may_be_skipped { fault.at_most(Severity::Warning) } else { fault };
        faults.push(with_outputs(fault.because(call.at.clone(), "the module is called here"), called));
    }
    faults
}

/// `terraform output -raw url` where the module has no output `url`.
fn command(run: &TerraformRun, facts: &Facts) -> Option<Fault> {
    let (output, at) = run.output.as_ref()?;
    let module = facts.module(&run.directory).filter(|module| !has(module, output))?;
    let message = format!(
        "the module in `{}` has no output `{output}`: the command fails, and what was to hold its value stays \
         empty.{}",
        directory(module),
        hint(module, output)
    );
    let fault = with_outputs(Fault::new(format!("output {output}"), at.clone(), message), module);
    Some(if run.has_fallback { fault.at_most(Severity::Info) } else { fault })
}

/// Whether the module has the output, or may have it.
fn has(module: &TerraformModule, output: &str) -> bool {
    !module.is_whole || module.definition(&format!("output.{output}")).is_some()
}

fn hint(module: &TerraformModule, output: &str) -> String {
    did_you_mean(
        output,
        module.definitions_of("output.").filter_map(|known| known.address.strip_prefix("output.")),
    )
}

fn with_outputs(fault: Fault, module: &TerraformModule) -> Fault {
    let first: Option<&Place> = module.definitions_of("output.").next().map(|output| &output.at);
    match first {
        Some(at) => fault.because(at.clone(), "its outputs are declared here"),
        None => fault,
    }
}

/// The names of `module.NAME.OUTPUT`, an index or a splat between them left out.
fn parts(path: &str) -> Option<(&str, &str)> {
    let (name, rest) = path.strip_prefix("module.")?.split_once('.')?;
    let output = rest.strip_prefix("*.").unwrap_or(rest);
    let name = name.split('[').next()?;
    let end = output.find(['.', '[']).unwrap_or(output.len());
    // A key of `for_each` may hold a dot; then the pieces are no names.
    let is_name = |text: &str| {
        !text.is_empty()
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
    };
    let output = output.get(..end)?;
    (is_name(name) && is_name(output)).then_some((name, output))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_stands_after_the_call_and_its_index() {
        assert_eq!(parts("module.net.id"), Some(("net", "id")));
        assert_eq!(parts("module.net[0].ids[1].x"), Some(("net", "ids")));
        assert_eq!(parts("module.net.*.id"), Some(("net", "id")));
        assert_eq!(parts("module.net[\"a\"].id"), Some(("net", "id")));
        assert_eq!(parts("module.net[\"a.b\"].id"), None);
        assert_eq!((parts("module.net"), parts("module.net[*].id")), (None, Some(("net", "id"))));
    }
}
