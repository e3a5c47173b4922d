//! Required variables of a Terraform module that the commands which run it do not set.

use std::collections::BTreeSet;

use facts::{Facts, SettingSource, TerraformModule, TerraformRun};
use source::FileKind;

use super::terraform_undeclared::directory;
use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.terraform_runs.iter().flat_map(|run| unset(run, facts)).collect()
}

/// Actions that need every variable.
const NEED_VALUES: &[&str] = &["plan", "apply", "destroy", "refresh", "import"];

fn unset(run: &TerraformRun, facts: &Facts) -> Vec<Fault> {
    let names_values = !run.variables.is_empty() || !run.variable_files.is_empty();
    if !NEED_VALUES.contains(&run.action.as_str()) || !names_values || run.has_other_values {
        return Vec::new();
    }
    // Of a file that was not understood nothing is known to be absent.
    let is_known = |module: &&TerraformModule| !module.has_remote_values && module.errors.is_empty();
    let Some(module) = facts.module(&run.directory).filter(is_known) else { return Vec::new() };
    let Some(set) = set(run, module, facts) else { return Vec::new() };
    let required = module.definitions_of("var.").filter(|variable| variable.is_required);
    let missing = required.filter_map(|variable| {
        let name = variable.address.strip_prefix("var.").filter(|name| !set.contains(name))?;
        let message = format!(
            "`terraform {}` does not set `{name}`, which the module in `{}` requires: unattended it stops with \"No \
             value for required variable\", or waits for an answer; pass it with -var, a tfvars file or TF_VAR_{name}",
            run.action,
            directory(module)
        );
        let fault = Fault::new(format!("{} {name}", run.action), run.at.clone(), message)
            .because(variable.at.clone(), "the variable is declared here without a default");
        // On somebody's own machine a file that is not committed may hold it.
        Some(if run.is_unattended { fault } else { fault.at_most(Severity::Info) })
    });
    missing.collect()
}

/// The names that get a value; `None` where a file that is named is not there to be read.
fn set<'f>(
    run: &'f TerraformRun,
    module: &'f TerraformModule,
    facts: &'f Facts,
) -> Option<BTreeSet<&'f str>> {
    let mut set: BTreeSet<&str> = run.variables.iter().map(|(name, _)| name.as_str()).collect();
    set.extend(run.exported.iter().map(String::as_str));
    set.extend(module.values.iter().filter(|value| value.is_automatic).map(|value| value.name.as_str()));
    for path in &run.variable_files {
        facts.files.iter().find(|file| *file.path == **path && file.kind != FileKind::Other)?;
        let settings = facts.settings.iter().filter(|setting| setting.source == SettingSource::Tfvars);
        let here = settings.filter(|setting| *setting.at.path == **path);
        set.extend(here.map(|setting| setting.within.first().map_or(setting.key.as_str(), String::as_str)));
        let beside = module.values.iter().filter(|value| *value.at.path == **path);
        set.extend(beside.map(|value| value.name.as_str()));
    }
    Some(set)
}
