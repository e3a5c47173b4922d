//! The checks: a module each, which deserialises its policy and asks the facts.

mod action_input;
mod action_retired;
mod bound_twice;
mod browser_variable;
mod build_secret;
mod build_variable;
mod builders_disagree;
mod buildkit_needed;
mod called_secret;
mod certificate_wildcard;
mod cidr_overlap;
mod cli_flag;
mod cloud_run_network;
mod cloudsql_attached;
mod cloudsql_name;
mod compose_call;
mod compose_dependency;
mod compose_host;
mod compose_variable;
mod conflict;
mod context_excludes_import;
mod copied_secret;
mod copy_source;
mod cut_command;
mod datastore_published;
mod declared_host;
mod deployed;
mod destination;
mod detector_repair;
mod detector_wrong;
mod detectors_disagree;
mod dockerfile_flaw;
mod environment_default;
mod environment_word;
mod escaped_variable;
mod excluded_source;
mod exclusive_flags;
mod exec_form;
mod file_refused;
mod flag_twice;
mod forbidden_value;
mod given_twice;
mod health_command;
mod heartbeat;
mod host_port_inside;
mod ignore_file;
mod import_not_copied;
mod imported_nowhere;
mod impossible_comparison;
mod insecure_url;
mod joined_line;
mod kubernetes_host;
mod kubernetes_key;
mod kubernetes_port;
mod kubernetes_selector;
mod marker;
mod memory_over_limit;
mod missing_file;
mod open_to_world;
mod placeholder_unprocessed;
mod platform_limit;
mod platform_minimum;
mod platform_variable;
mod port_fixed;
mod port_mismatch;
mod probe_interval;
mod read_default;
mod repeated_key;
mod reserved_variable;
mod rule_files;
mod runtime_file;
mod script_flaw;
mod seconds;
mod secret_affix;
mod secret_as_value;
mod secret_created;
mod secret_drift;
mod secret_environment;
mod secret_fallback;
mod secret_latest;
mod secret_literal;
mod server_setting;
mod serverless_neg;
mod service_address;
mod service_port;
mod service_target;
mod settings;
mod shared_value;
mod shell_flaw;
mod sibling_key;
mod silenced_gate;
mod sources_disagree;
mod state_file;
mod string_compare;
mod string_index;
mod substring_environment;
mod terraform_apply;
mod terraform_call;
mod terraform_duplicate;
mod terraform_instance;
mod terraform_literal;
mod terraform_output;
mod terraform_refused;
mod terraform_template;
mod terraform_text;
mod terraform_undeclared;
mod terraform_unset;
mod terraform_unused;
mod test_marker;
mod timeout_chain;
mod timeout_floor;
mod timeout_policy;
mod tooling;
mod truth_test;
mod unbound_name;
mod undeployed;
mod unfound_module;
mod uninstalled;
mod unknown_value;
mod unmet_run;
mod unprotected;
mod unreachable_branch;
mod unserved_path;
mod unstable_value;
mod untaken_argument;
mod url_disagrees;
mod value_format;
mod variable_unread;
mod variable_unset;
mod vpc_peering;
mod words;
mod workflow_call;
mod workflow_context;
mod workflow_flaw;
mod workflow_never_loaded;
mod workflow_secret;

use facts::Setting;
use facts::image::Reinclude;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::check::{Check, CheckContext};
use crate::nearest::did_you_mean;
use crate::{Edit, Fix, Safety};

pub(crate) use secret_affix::inferred as inferred_affixes;

/// Makes a check from its policy.
type Build = fn(&toml::Table, CheckContext<'_>) -> Result<Box<dyn Check>, String>;

/// Every check by the name that rule files use.
const CHECKS: &[(&str, Build)] = &[
    ("action-input", action_input::build),
    ("action-retired", action_retired::build),
    ("bound-twice", bound_twice::build),
    ("browser-variable", browser_variable::build),
    ("build-secret", build_secret::build),
    ("build-variable", build_variable::build),
    ("builders-disagree", builders_disagree::build),
    ("buildkit-needed", buildkit_needed::build),
    ("called-secret", called_secret::build),
    ("certificate-wildcard", certificate_wildcard::build),
    ("cidr-overlap", cidr_overlap::build),
    ("cli-flag", cli_flag::build),
    ("cloud-run-network", cloud_run_network::build),
    ("cloudsql-attached", cloudsql_attached::build),
    ("cloudsql-name", cloudsql_name::build),
    ("compose-call", compose_call::build),
    ("compose-dependency", compose_dependency::build),
    ("compose-host", compose_host::build),
    ("compose-variable", compose_variable::build),
    ("conflict", conflict::build),
    ("context-excludes-import", context_excludes_import::build),
    ("copied-secret", copied_secret::build),
    ("copy-source", copy_source::build),
    ("cut-command", cut_command::build),
    ("datastore-published", datastore_published::build),
    ("declared-host", declared_host::build),
    ("detector-wrong", detector_wrong::build),
    ("detectors-disagree", detectors_disagree::build),
    ("dockerfile-flaw", dockerfile_flaw::build),
    ("environment-default", environment_default::build),
    ("environment-word", environment_word::build),
    ("escaped-variable", escaped_variable::build),
    ("excluded-source", excluded_source::build),
    ("exclusive-flags", exclusive_flags::build),
    ("exec-form", exec_form::build),
    ("file-refused", file_refused::build),
    ("flag-twice", flag_twice::build),
    ("forbidden-value", forbidden_value::build),
    ("given-twice", given_twice::build),
    ("health-command", health_command::build),
    ("heartbeat", heartbeat::build),
    ("host-port-inside", host_port_inside::build),
    ("ignore-file", ignore_file::build),
    ("import-not-copied", import_not_copied::build),
    ("imported-nowhere", imported_nowhere::build),
    ("impossible-comparison", impossible_comparison::build),
    ("insecure-url", insecure_url::build),
    ("joined-line", joined_line::build),
    ("kubernetes-host", kubernetes_host::build),
    ("kubernetes-key", kubernetes_key::build),
    ("kubernetes-port", kubernetes_port::build),
    ("kubernetes-selector", kubernetes_selector::build),
    ("marker", marker::build),
    ("memory-over-limit", memory_over_limit::build),
    ("missing-file", missing_file::build),
    ("open-to-world", open_to_world::build),
    ("placeholder-unprocessed", placeholder_unprocessed::build),
    ("platform-limit", platform_limit::build),
    ("platform-minimum", platform_minimum::build),
    ("platform-variable", platform_variable::build),
    ("port-fixed", port_fixed::build),
    ("port-mismatch", port_mismatch::build),
    ("probe-interval", probe_interval::build),
    ("read-default", read_default::build),
    ("repeated-key", repeated_key::build),
    ("reserved-variable", reserved_variable::build),
    ("rule-files", rule_files::build),
    ("runtime-file", runtime_file::build),
    ("script-flaw", script_flaw::build),
    ("secret-affix", secret_affix::build),
    ("secret-as-value", secret_as_value::build),
    ("secret-created", secret_created::build),
    ("secret-drift", secret_drift::build),
    ("secret-environment", secret_environment::build),
    ("secret-fallback", secret_fallback::build),
    ("secret-latest", secret_latest::build),
    ("secret-literal", secret_literal::build),
    ("server-setting", server_setting::build),
    ("serverless-neg", serverless_neg::build),
    ("service-port", service_port::build),
    ("service-target", service_target::build),
    ("shared-value", shared_value::build),
    ("shell-flaw", shell_flaw::build),
    ("sibling-key", sibling_key::build),
    ("silenced-gate", silenced_gate::build),
    ("sources-disagree", sources_disagree::build),
    ("state-file", state_file::build),
    ("string-compare", string_compare::build),
    ("string-index", string_index::build),
    ("substring-environment", substring_environment::build),
    ("terraform-apply", terraform_apply::build),
    ("terraform-call", terraform_call::build),
    ("terraform-duplicate", terraform_duplicate::build),
    ("terraform-instance", terraform_instance::build),
    ("terraform-literal", terraform_literal::build),
    ("terraform-output", terraform_output::build),
    ("terraform-refused", terraform_refused::build),
    ("terraform-template", terraform_template::build),
    ("terraform-text", terraform_text::build),
    ("terraform-undeclared", terraform_undeclared::build),
    ("terraform-unset", terraform_unset::build),
    ("terraform-unused", terraform_unused::build),
    ("test-marker", test_marker::build),
    ("timeout-chain", timeout_chain::build),
    ("timeout-floor", timeout_floor::build),
    ("timeout-policy", timeout_policy::build),
    ("truth-test", truth_test::build),
    ("unbound-name", unbound_name::build),
    ("unfound-module", unfound_module::build),
    ("uninstalled", uninstalled::build),
    ("unknown-value-accepted", unknown_value::build),
    ("unmet-run", unmet_run::build),
    ("unprotected", unprotected::build),
    ("unreachable-branch", unreachable_branch::build),
    ("unserved-path", unserved_path::build),
    ("unstable-value", unstable_value::build),
    ("untaken-argument", untaken_argument::build),
    ("url-disagrees", url_disagrees::build),
    ("value-format", value_format::build),
    ("variable-unread", variable_unread::build),
    ("variable-unset", variable_unset::build),
    ("vpc-peering", vpc_peering::build),
    ("workflow-call", workflow_call::build),
    ("workflow-context", workflow_context::build),
    ("workflow-flaw", workflow_flaw::build),
    ("workflow-never-loaded", workflow_never_loaded::build),
    ("workflow-secret", workflow_secret::build),
];

/// The check of rules whose findings the engine makes itself, on the configuration and on suppressions.
pub(crate) const BY_ENGINE: &str = "engine";

/// Whether there is a check of this name.
pub(crate) fn is_known(name: &str) -> Result<(), String> {
    if name == BY_ENGINE || CHECKS.iter().any(|(known, _)| *known == name) {
        return Ok(());
    }
    let hint = did_you_mean(name, CHECKS.iter().map(|(known, _)| *known));
    Err(format!("there is no check named `{name}`.{hint}"))
}

/// Makes the check of this name; `None` for what the engine does itself.
///
/// # Errors
/// The policy is not one for this check.
pub(crate) fn build(
    name: &str,
    policy: &toml::Table,
    context: CheckContext<'_>,
) -> Result<Option<Box<dyn Check>>, String> {
    is_known(name)?;
    let found = CHECKS.iter().find(|(known, _)| *known == name);
    found.map(|(_, build)| build(policy, context)).transpose()
}

/// The fix that adds lines to an ignore file which bring back what `pattern` leaves out.
fn reinclude_fix(reinclude: &Reinclude, pattern: &str, safety: Safety) -> Fix {
    let lines: Vec<String> = reinclude.lines.iter().map(|line| format!("`{line}`")).collect();
    let edit =
        Edit { path: reinclude.at.path.to_string(), span: reinclude.at.span, text: reinclude.text.clone() };
    Fix { title: format!("Add {} after `{pattern}`", lines.join(", ")), safety, edits: vec![edit] }
}

/// The policy of a check as its own type.
fn policy<P: DeserializeOwned>(table: &toml::Table) -> Result<P, String> {
    let read = toml::Value::Table(table.clone()).try_into();
    read.map_err(|error: toml::de::Error| error.message().replace('\n', " "))
}

/// The policy of a check that has none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoPolicy {}

/// A setting that a policy names by its key, its value and a map around it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    key: String,
    value: String,
    within: String,
}

impl Condition {
    fn holds(&self, setting: &Setting) -> bool {
        setting.key == self.key && setting.value == self.value && setting.within.contains(&self.within)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECKS;

    #[test]
    fn the_list_is_in_order_and_names_each_check_once() {
        let names: Vec<&str> = CHECKS.iter().map(|(name, _)| *name).collect();
        assert!(names.is_sorted_by(|one, next| one < next), "{names:#?}");
    }
}
