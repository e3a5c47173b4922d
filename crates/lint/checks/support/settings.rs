//! Questions about settings that several checks ask.

use std::collections::BTreeSet;

use facts::{Facts, Role, Setting, SettingSource};
use source::directory_of;

/// A name for a setting that stays the same when lines move: the maps that hold it, and its key.
pub(in crate::checks) fn subject(setting: &Setting) -> String {
    let mut names: Vec<&str> = setting.within.iter().map(String::as_str).collect();
    names.push(&setting.key);
    names.join(".")
}

/// Whether the value reaches a deployed environment as it stands: none of a template, a probe, an address to listen on.
pub(in crate::checks) fn is_deployed_value(setting: &Setting) -> bool {
    setting.scope.deployed && matches!(setting.role, Role::Value | Role::SharedHost) && !setting.is_template
}

/// A setting under the name by which Terraform's users know it: the default of a variable is the variable's value.
#[derive(Debug, Clone, Copy)]
pub(in crate::checks) struct Named<'f> {
    pub(in crate::checks) name: &'f str,
    pub(in crate::checks) setting: &'f Setting,
}

/// The settings that hold in a deployment, by name: a variable's default counts only where no tfvars file of its
/// module sets the variable.
pub(in crate::checks) fn in_force(facts: &Facts) -> impl Iterator<Item = Named<'_>> {
    let tfvars = facts.settings.iter().filter(|setting| setting.source == SettingSource::Tfvars);
    let set: BTreeSet<(&str, String)> =
        tfvars.map(|setting| (directory_of(&setting.at.path), setting.key.to_ascii_lowercase())).collect();
    let is_set = move |name: &str, directory: &str| set.contains(&(directory, name.to_ascii_lowercase()));
    facts.settings.iter().filter(|setting| setting.scope.deployed).filter_map(move |setting| {
        match variable_of_default(setting) {
            Some(name) if is_set(name, directory_of(&setting.at.path)) => None,
            Some(name) => Some(Named { name, setting }),
            None => Some(Named { name: &setting.key, setting }),
        }
    })
}

/// The variable whose default this is: `variable "x" { default = 1 }`.
fn variable_of_default(setting: &Setting) -> Option<&str> {
    match setting.within.as_slice() {
        [kind, name] if kind == "variable" && setting.key == "default" => Some(name),
        _ => None,
    }
}
