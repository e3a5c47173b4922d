//! The checks: a module each, which deserialises its policy and asks the facts.

mod action_input_unknown;
mod action_retired;
mod address_ranges_overlap;
mod browser_variable;
mod build_argument_untaken;
mod build_variable_undefined;
mod buildkit_needed;
mod certificate_wildcard;
mod cli_flag_unknown;
mod cloud_run_network;
mod cloudsql_connection_name;
mod cloudsql_not_attached;
mod code_name_undefined;
mod command_cut_in_two;
mod command_for_other_environment;
mod command_not_installed;
mod compose_dependency;
mod compose_escaped_variable;
mod compose_host_unknown;
mod compose_service_unknown;
mod conflict_marker;
mod container_variable_twice;
mod context_builders_disagree;
mod context_excludes_import;
mod context_excludes_source;
mod context_leaks_secret;
mod copy_source;
mod database_open_to_world;
mod datastore_port_published;
mod declared_host;
mod deletion_protection_off;
mod detector_wrong;
mod detectors_disagree;
mod dockerfile_flaw;
mod env_file_duplicate_key;
mod env_file_key_missing;
mod env_line_joined;
mod environment_default_open;
mod exec_form_variable;
mod file_refused;
mod flag_given_twice;
mod flags_exclusive;
mod forbidden_value;
mod gate_cannot_fail;
mod health_command_missing;
mod health_path_unserved;
mod heartbeat_slower_than_idle;
mod host_port_inside_network;
mod ignore_file;
mod import_not_copied;
mod import_nowhere;
mod impossible_comparison;
mod insecure_url;
mod kubernetes_host_unknown;
mod kubernetes_key_missing;
mod kubernetes_port_missing;
mod kubernetes_selector_mismatch;
mod marker_disagrees;
mod memory_over_limit;
mod missing_file;
mod no_read_as_yes;
mod numeric_compare_as_string;
mod placeholder_default;
mod placeholder_unprocessed;
mod platform_minimum;
mod platform_reserved_variable;
mod platform_variable_as_environment;
mod port_fixed;
mod port_mismatch;
mod port_range_reversed;
mod probe_timeout_over_interval;
mod rule_files_missing;
mod runtime_file_excluded;
mod script_flaw;
mod script_module_unfound;
mod secret_in_build_arg;
mod secret_latest_version;
mod secret_literal;
mod secret_missing_affix;
mod secret_name_drift;
mod secret_never_created;
mod secret_path_as_value;
mod secret_wrong_environment;
mod server_setting_unknown;
mod serverless_neg;
mod service_port_mismatch;
mod service_target;
mod shared_between_environments;
mod shell_flaw;
mod sources_disagree;
mod substring_environment;
mod support;
mod terraform_apply_unreviewed;
mod terraform_duplicate_definition;
mod terraform_index_of_text;
mod terraform_instance_unnamed;
mod terraform_literal_name;
mod terraform_module_argument;
mod terraform_output_missing;
mod terraform_setting_without_effect;
mod terraform_state_committed;
mod terraform_template_variable;
mod terraform_text;
mod terraform_undeclared;
mod terraform_value_refused;
mod terraform_variable_unset;
mod test_marker_wins;
mod timeout_chain;
mod timeout_over_platform_limit;
mod timeout_policy;
mod unknown_value;
mod unmet_run;
mod unreachable_branch;
mod url_disagrees;
mod value_format;
mod variable_changes_every_deploy;
mod variable_literal_and_secret;
mod variable_never_read;
mod variable_never_set;
mod variable_undefined;
mod vpc_peering_missing;
mod websocket_timeout_too_short;
mod workflow_call_refused;
mod workflow_context_unavailable;
mod workflow_flaw;
mod workflow_never_loaded;
mod workflow_secret_fallback;
mod workflow_secret_not_passed;
mod workflow_secret_unaffixed;

use facts::Setting;
use facts::image::Reinclude;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::check::{Check, CheckContext};
use crate::nearest::did_you_mean;
use crate::{Edit, Fix, Safety};

pub(crate) use secret_missing_affix::inferred as inferred_affixes;

/// Makes a check from its policy.
type Build = fn(&toml::Table, CheckContext<'_>) -> Result<Box<dyn Check>, String>;

/// Every check by the name that rule files use.
const CHECKS: &[(&str, Build)] = &[
    ("action-input-unknown", action_input_unknown::build),
    ("action-retired", action_retired::build),
    ("address-ranges-overlap", address_ranges_overlap::build),
    ("browser-variable", browser_variable::build),
    ("build-argument-untaken", build_argument_untaken::build),
    ("build-variable-undefined", build_variable_undefined::build),
    ("buildkit-needed", buildkit_needed::build),
    ("certificate-wildcard", certificate_wildcard::build),
    ("cli-flag-unknown", cli_flag_unknown::build),
    ("cloud-run-network", cloud_run_network::build),
    ("cloudsql-connection-name", cloudsql_connection_name::build),
    ("cloudsql-not-attached", cloudsql_not_attached::build),
    ("code-name-undefined", code_name_undefined::build),
    ("command-cut-in-two", command_cut_in_two::build),
    ("command-for-other-environment", command_for_other_environment::build),
    ("command-not-installed", command_not_installed::build),
    ("compose-dependency", compose_dependency::build),
    ("compose-escaped-variable", compose_escaped_variable::build),
    ("compose-host-unknown", compose_host_unknown::build),
    ("compose-service-unknown", compose_service_unknown::build),
    ("conflict-marker", conflict_marker::build),
    ("container-variable-twice", container_variable_twice::build),
    ("context-builders-disagree", context_builders_disagree::build),
    ("context-excludes-import", context_excludes_import::build),
    ("context-excludes-source", context_excludes_source::build),
    ("context-leaks-secret", context_leaks_secret::build),
    ("copy-source", copy_source::build),
    ("database-open-to-world", database_open_to_world::build),
    ("datastore-port-published", datastore_port_published::build),
    ("declared-host", declared_host::build),
    ("deletion-protection-off", deletion_protection_off::build),
    ("detector-wrong", detector_wrong::build),
    ("detectors-disagree", detectors_disagree::build),
    ("dockerfile-flaw", dockerfile_flaw::build),
    ("env-file-duplicate-key", env_file_duplicate_key::build),
    ("env-file-key-missing", env_file_key_missing::build),
    ("env-line-joined", env_line_joined::build),
    ("environment-default-open", environment_default_open::build),
    ("exec-form-variable", exec_form_variable::build),
    ("file-refused", file_refused::build),
    ("flag-given-twice", flag_given_twice::build),
    ("flags-exclusive", flags_exclusive::build),
    ("forbidden-value", forbidden_value::build),
    ("gate-cannot-fail", gate_cannot_fail::build),
    ("health-command-missing", health_command_missing::build),
    ("health-path-unserved", health_path_unserved::build),
    ("heartbeat-slower-than-idle", heartbeat_slower_than_idle::build),
    ("host-port-inside-network", host_port_inside_network::build),
    ("ignore-file", ignore_file::build),
    ("import-not-copied", import_not_copied::build),
    ("import-nowhere", import_nowhere::build),
    ("impossible-comparison", impossible_comparison::build),
    ("insecure-url", insecure_url::build),
    ("kubernetes-host-unknown", kubernetes_host_unknown::build),
    ("kubernetes-key-missing", kubernetes_key_missing::build),
    ("kubernetes-port-missing", kubernetes_port_missing::build),
    ("kubernetes-selector-mismatch", kubernetes_selector_mismatch::build),
    ("marker-disagrees", marker_disagrees::build),
    ("memory-over-limit", memory_over_limit::build),
    ("missing-file", missing_file::build),
    ("no-read-as-yes", no_read_as_yes::build),
    ("numeric-compare-as-string", numeric_compare_as_string::build),
    ("placeholder-default", placeholder_default::build),
    ("placeholder-unprocessed", placeholder_unprocessed::build),
    ("platform-minimum", platform_minimum::build),
    ("platform-reserved-variable", platform_reserved_variable::build),
    ("platform-variable-as-environment", platform_variable_as_environment::build),
    ("port-fixed", port_fixed::build),
    ("port-mismatch", port_mismatch::build),
    ("port-range-reversed", port_range_reversed::build),
    ("probe-timeout-over-interval", probe_timeout_over_interval::build),
    ("rule-files-missing", rule_files_missing::build),
    ("runtime-file-excluded", runtime_file_excluded::build),
    ("script-flaw", script_flaw::build),
    ("script-module-unfound", script_module_unfound::build),
    ("secret-in-build-arg", secret_in_build_arg::build),
    ("secret-latest-version", secret_latest_version::build),
    ("secret-literal", secret_literal::build),
    ("secret-missing-affix", secret_missing_affix::build),
    ("secret-name-drift", secret_name_drift::build),
    ("secret-never-created", secret_never_created::build),
    ("secret-path-as-value", secret_path_as_value::build),
    ("secret-wrong-environment", secret_wrong_environment::build),
    ("server-setting-unknown", server_setting_unknown::build),
    ("serverless-neg", serverless_neg::build),
    ("service-port-mismatch", service_port_mismatch::build),
    ("service-target", service_target::build),
    ("shared-between-environments", shared_between_environments::build),
    ("shell-flaw", shell_flaw::build),
    ("sources-disagree", sources_disagree::build),
    ("substring-environment", substring_environment::build),
    ("terraform-apply-unreviewed", terraform_apply_unreviewed::build),
    ("terraform-duplicate-definition", terraform_duplicate_definition::build),
    ("terraform-index-of-text", terraform_index_of_text::build),
    ("terraform-instance-unnamed", terraform_instance_unnamed::build),
    ("terraform-literal-name", terraform_literal_name::build),
    ("terraform-module-argument", terraform_module_argument::build),
    ("terraform-output-missing", terraform_output_missing::build),
    ("terraform-setting-without-effect", terraform_setting_without_effect::build),
    ("terraform-state-committed", terraform_state_committed::build),
    ("terraform-template-variable", terraform_template_variable::build),
    ("terraform-text", terraform_text::build),
    ("terraform-undeclared", terraform_undeclared::build),
    ("terraform-value-refused", terraform_value_refused::build),
    ("terraform-variable-unset", terraform_variable_unset::build),
    ("test-marker-wins", test_marker_wins::build),
    ("timeout-chain", timeout_chain::build),
    ("timeout-over-platform-limit", timeout_over_platform_limit::build),
    ("timeout-policy", timeout_policy::build),
    ("unknown-value-accepted", unknown_value::build),
    ("unmet-run", unmet_run::build),
    ("unreachable-branch", unreachable_branch::build),
    ("url-disagrees", url_disagrees::build),
    ("value-format", value_format::build),
    ("variable-changes-every-deploy", variable_changes_every_deploy::build),
    ("variable-literal-and-secret", variable_literal_and_secret::build),
    ("variable-never-read", variable_never_read::build),
    ("variable-never-set", variable_never_set::build),
    ("variable-undefined", variable_undefined::build),
    ("vpc-peering-missing", vpc_peering_missing::build),
    ("websocket-timeout-too-short", websocket_timeout_too_short::build),
    ("workflow-call-refused", workflow_call_refused::build),
    ("workflow-context-unavailable", workflow_context_unavailable::build),
    ("workflow-flaw", workflow_flaw::build),
    ("workflow-never-loaded", workflow_never_loaded::build),
    ("workflow-secret-fallback", workflow_secret_fallback::build),
    ("workflow-secret-not-passed", workflow_secret_not_passed::build),
    ("workflow-secret-unaffixed", workflow_secret_unaffixed::build),
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
