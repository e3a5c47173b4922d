//! `TF_VAR_` names of workflows that no variable of the tree has, although one has nearly that name.

use std::collections::BTreeSet;

use facts::{Facts, Setting, SettingSource};

use crate::nearest::nearest;
use crate::{Fault, Severity};

/// One fault for each such place. `called` are the directories of modules that others call: variables of the environment
/// reach the others alone.
pub(super) fn undeclared(facts: &Facts, called: &BTreeSet<&str>) -> Vec<Fault> {
    let given: Vec<(&str, &Setting)> = facts
        .settings
        .iter()
        .filter(|setting| setting.source == SettingSource::Workflow)
        .filter_map(|setting| Some((setting.key.strip_prefix("TF_VAR_")?, setting)))
        .collect();
    let declared =
        facts.judged_modules().flat_map(|module| module.definitions_of("var.").map(move |one| (module, one)));
    let declared: Vec<_> =
        declared.filter_map(|(module, one)| Some((module, one, one.address.strip_prefix("var.")?))).collect();
    let unknown = given.iter().filter(|(name, _)| !declared.iter().any(|(_, _, known)| known == name));
    let faults = unknown.filter_map(|(name, setting)| {
        let is_given = |other: &str| {
            given.iter().any(|(name, one)| *name == other && one.at.path == setting.at.path)
        };
        let open = declared.iter().filter(|(module, definition, other)| {
            definition.is_required && !called.contains(module.directory.as_str()) && !is_given(other)
        });
        let meant = nearest(name, open.clone().map(|(_, _, other)| *other))?;
        let (_, definition, _) = open.clone().find(|(_, _, other)| *other == meant)?;
        let message = format!(
            "no module of this repository declares a variable `{name}`: Terraform takes no notice of `TF_VAR_{name}`, and \
             this workflow does not give `{meant}`, which is required. Did you mean `TF_VAR_{meant}`?"
        );
        let fault = Fault::new(setting.key.clone(), setting.at.clone(), message).at_most(Severity::Warning);
        Some(fault.because(definition.at.clone(), "the variable is declared here without a default"))
    });
    faults.collect()
}
