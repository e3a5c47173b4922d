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
mod secret_required;
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
mod terraform_module_source;
mod terraform_output_missing;
mod terraform_reference_in_quotes;
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

use facts::image::Reinclude;
use facts::{Facts, Setting};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::check::{Check, CheckContext};
use crate::nearest::did_you_mean;
use crate::{Edit, Fault, Fix, Safety};

use Make::{FromPolicy, Plain};

pub(crate) use secret_missing_affix::inferred as inferred_affixes;

/// Makes a check from its rule's policy, which it refuses where it is not one.
type Build = fn(&toml::Table, CheckContext<'_>) -> Result<Box<dyn Check>, String>;

/// How a check is made.
enum Make {
    FromPolicy(Build),
    /// It has no policy.
    Plain(fn(&Facts) -> Vec<Fault>),
}

impl Check for fn(&Facts) -> Vec<Fault> {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        self(facts)
    }
}

/// Every check by the name that rule files use.
const CHECKS: &[(&str, Make)] = &[
    ("action-input-unknown", Plain(action_input_unknown::check)),
    ("action-retired", Plain(action_retired::check)),
    ("address-ranges-overlap", FromPolicy(read::<address_ranges_overlap::Policy>)),
    ("browser-variable", FromPolicy(browser_variable::build)),
    ("build-argument-untaken", Plain(build_argument_untaken::check)),
    ("build-variable-undefined", Plain(build_variable_undefined::check)),
    ("buildkit-needed", Plain(buildkit_needed::check)),
    ("certificate-wildcard", FromPolicy(read::<certificate_wildcard::Policy>)),
    ("cli-flag-unknown", Plain(cli_flag_unknown::check)),
    ("cloud-run-network", FromPolicy(read::<cloud_run_network::Policy>)),
    ("cloudsql-connection-name", Plain(cloudsql_connection_name::check)),
    ("cloudsql-not-attached", Plain(cloudsql_not_attached::check)),
    ("code-name-undefined", Plain(code_name_undefined::check)),
    ("command-cut-in-two", Plain(command_cut_in_two::check)),
    ("command-for-other-environment", Plain(command_for_other_environment::check)),
    ("command-not-installed", Plain(command_not_installed::check)),
    ("compose-dependency", FromPolicy(compose_dependency::build)),
    ("compose-escaped-variable", Plain(compose_escaped_variable::check)),
    ("compose-host-unknown", Plain(compose_host_unknown::check)),
    ("compose-service-unknown", Plain(compose_service_unknown::check)),
    ("conflict-marker", Plain(conflict_marker::check)),
    ("container-variable-twice", Plain(container_variable_twice::check)),
    ("context-builders-disagree", FromPolicy(read::<context_builders_disagree::Policy>)),
    ("context-excludes-import", FromPolicy(read::<context_excludes_import::Policy>)),
    ("context-excludes-source", FromPolicy(read::<context_excludes_source::Policy>)),
    ("context-leaks-secret", FromPolicy(read::<context_leaks_secret::Policy>)),
    ("copy-source", FromPolicy(read::<copy_source::Policy>)),
    ("database-open-to-world", FromPolicy(read::<database_open_to_world::Policy>)),
    ("datastore-port-published", FromPolicy(read::<datastore_port_published::Policy>)),
    ("declared-host", FromPolicy(declared_host::build)),
    ("deletion-protection-off", FromPolicy(deletion_protection_off::build)),
    ("detector-wrong", FromPolicy(read::<detector_wrong::Policy>)),
    ("detectors-disagree", FromPolicy(read::<detectors_disagree::Policy>)),
    ("dockerfile-flaw", FromPolicy(read::<dockerfile_flaw::Policy>)),
    ("env-file-duplicate-key", FromPolicy(env_file_duplicate_key::build)),
    ("env-file-key-missing", FromPolicy(env_file_key_missing::build)),
    ("env-line-joined", Plain(env_line_joined::check)),
    ("environment-default-open", FromPolicy(read::<environment_default_open::Policy>)),
    ("exec-form-variable", Plain(exec_form_variable::check)),
    ("file-refused", FromPolicy(read::<file_refused::Policy>)),
    ("flag-given-twice", FromPolicy(read::<flag_given_twice::Policy>)),
    ("flags-exclusive", FromPolicy(read::<flags_exclusive::Policy>)),
    ("forbidden-value", FromPolicy(forbidden_value::build)),
    ("gate-cannot-fail", Plain(gate_cannot_fail::check)),
    ("health-command-missing", Plain(health_command_missing::check)),
    ("health-path-unserved", Plain(health_path_unserved::check)),
    ("heartbeat-slower-than-idle", FromPolicy(heartbeat_slower_than_idle::build)),
    ("host-port-inside-network", Plain(host_port_inside_network::check)),
    ("ignore-file", FromPolicy(read::<ignore_file::Policy>)),
    ("import-not-copied", FromPolicy(read::<import_not_copied::Policy>)),
    ("import-nowhere", Plain(import_nowhere::check)),
    ("impossible-comparison", FromPolicy(read::<impossible_comparison::Policy>)),
    ("insecure-url", FromPolicy(insecure_url::build)),
    ("kubernetes-host-unknown", Plain(kubernetes_host_unknown::check)),
    ("kubernetes-key-missing", Plain(kubernetes_key_missing::check)),
    ("kubernetes-port-missing", Plain(kubernetes_port_missing::check)),
    ("kubernetes-selector-mismatch", Plain(kubernetes_selector_mismatch::check)),
    ("marker-disagrees", FromPolicy(marker_disagrees::build)),
    ("memory-over-limit", Plain(memory_over_limit::check)),
    ("missing-file", FromPolicy(read::<missing_file::Policy>)),
    ("no-read-as-yes", FromPolicy(no_read_as_yes::build)),
    ("numeric-compare-as-string", Plain(numeric_compare_as_string::check)),
    ("placeholder-default", FromPolicy(placeholder_default::build)),
    ("placeholder-unprocessed", FromPolicy(placeholder_unprocessed::build)),
    ("platform-minimum", FromPolicy(read::<platform_minimum::Policy>)),
    ("platform-reserved-variable", FromPolicy(read::<platform_reserved_variable::Policy>)),
    ("platform-variable-as-environment", FromPolicy(read::<platform_variable_as_environment::Policy>)),
    ("port-fixed", FromPolicy(read::<port_fixed::Policy>)),
    ("port-mismatch", FromPolicy(read::<port_mismatch::Policy>)),
    ("port-range-reversed", FromPolicy(read::<port_range_reversed::Policy>)),
    ("probe-timeout-over-interval", Plain(probe_timeout_over_interval::check)),
    ("rule-files-missing", Plain(rule_files_missing::check)),
    ("runtime-file-excluded", FromPolicy(read::<runtime_file_excluded::Policy>)),
    ("script-flaw", FromPolicy(script_flaw::build)),
    ("script-module-unfound", Plain(script_module_unfound::check)),
    ("secret-in-build-arg", FromPolicy(secret_in_build_arg::build)),
    ("secret-latest-version", FromPolicy(secret_latest_version::build)),
    ("secret-literal", FromPolicy(secret_literal::build)),
    ("secret-missing-affix", FromPolicy(secret_missing_affix::build)),
    ("secret-name-drift", FromPolicy(secret_name_drift::build)),
    ("secret-never-created", FromPolicy(secret_never_created::build)),
    ("secret-path-as-value", FromPolicy(secret_path_as_value::build)),
    ("secret-required", FromPolicy(secret_required::build)),
    ("secret-wrong-environment", FromPolicy(secret_wrong_environment::build)),
    ("server-setting-unknown", Plain(server_setting_unknown::check)),
    ("serverless-neg", FromPolicy(read::<serverless_neg::Policy>)),
    ("service-port-mismatch", FromPolicy(service_port_mismatch::build)),
    ("service-target", FromPolicy(read::<service_target::Policy>)),
    ("shared-between-environments", FromPolicy(shared_between_environments::build)),
    ("shell-flaw", FromPolicy(read::<shell_flaw::Policy>)),
    ("sources-disagree", FromPolicy(sources_disagree::build)),
    ("substring-environment", FromPolicy(read::<substring_environment::Policy>)),
    ("terraform-apply-unreviewed", Plain(terraform_apply_unreviewed::check)),
    ("terraform-duplicate-definition", Plain(terraform_duplicate_definition::check)),
    ("terraform-index-of-text", Plain(terraform_index_of_text::check)),
    ("terraform-instance-unnamed", Plain(terraform_instance_unnamed::check)),
    ("terraform-literal-name", FromPolicy(read::<terraform_literal_name::Policy>)),
    ("terraform-module-argument", Plain(terraform_module_argument::check)),
    ("terraform-module-source", Plain(terraform_module_source::check)),
    ("terraform-output-missing", Plain(terraform_output_missing::check)),
    ("terraform-reference-in-quotes", FromPolicy(read::<terraform_reference_in_quotes::Policy>)),
    ("terraform-setting-without-effect", Plain(terraform_setting_without_effect::check)),
    ("terraform-state-committed", Plain(terraform_state_committed::check)),
    ("terraform-template-variable", Plain(terraform_template_variable::check)),
    ("terraform-text", FromPolicy(read::<terraform_text::Policy>)),
    ("terraform-undeclared", FromPolicy(read::<terraform_undeclared::Policy>)),
    ("terraform-value-refused", Plain(terraform_value_refused::check)),
    ("terraform-variable-unset", Plain(terraform_variable_unset::check)),
    ("test-marker-wins", FromPolicy(read::<test_marker_wins::Policy>)),
    ("timeout-chain", FromPolicy(timeout_chain::build)),
    ("timeout-over-platform-limit", FromPolicy(timeout_over_platform_limit::build)),
    ("timeout-policy", FromPolicy(timeout_policy::build)),
    ("unknown-value-accepted", FromPolicy(read::<unknown_value::Policy>)),
    ("unmet-run", FromPolicy(read::<unmet_run::Policy>)),
    ("unreachable-branch", FromPolicy(read::<unreachable_branch::Policy>)),
    ("url-disagrees", FromPolicy(url_disagrees::build)),
    ("value-format", FromPolicy(value_format::build)),
    ("variable-changes-every-deploy", FromPolicy(variable_changes_every_deploy::build)),
    ("variable-literal-and-secret", Plain(variable_literal_and_secret::check)),
    ("variable-never-read", FromPolicy(variable_never_read::build)),
    ("variable-never-set", FromPolicy(variable_never_set::build)),
    ("variable-undefined", FromPolicy(variable_undefined::build)),
    ("vpc-peering-missing", FromPolicy(read::<vpc_peering_missing::Policy>)),
    ("websocket-timeout-too-short", FromPolicy(websocket_timeout_too_short::build)),
    ("workflow-call-refused", Plain(workflow_call_refused::check)),
    ("workflow-context-unavailable", FromPolicy(read::<workflow_context_unavailable::Policy>)),
    ("workflow-flaw", FromPolicy(read::<workflow_flaw::Policy>)),
    ("workflow-never-loaded", Plain(workflow_never_loaded::check)),
    ("workflow-secret-fallback", Plain(workflow_secret_fallback::check)),
    ("workflow-secret-not-passed", Plain(workflow_secret_not_passed::check)),
    ("workflow-secret-unaffixed", Plain(workflow_secret_unaffixed::check)),
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
    table: &toml::Table,
    context: CheckContext<'_>,
) -> Result<Option<Box<dyn Check>>, String> {
    is_known(name)?;
    let found = CHECKS.iter().find(|(known, _)| *known == name);
    let made = found.map(|(_, make)| match make {
        FromPolicy(build) => build(table, context),
        Plain(check) => policy::<NoPolicy>(table).map(|_| Box::new(*check) as Box<dyn Check>),
    });
    made.transpose()
}

/// The fix that adds lines to an ignore file which bring back what `pattern` leaves out.
fn reinclude_fix(reinclude: &Reinclude, pattern: &str, safety: Safety) -> Fix {
    let lines: Vec<String> = reinclude.lines.iter().map(|line| format!("`{line}`")).collect();
    let edit =
        Edit { path: reinclude.at.path.to_string(), span: reinclude.at.span, text: reinclude.text.clone() };
    Fix { title: format!("Add {} after `{pattern}`", lines.join(", ")), safety, edits: vec![edit] }
}

/// A check that is nothing but its policy.
fn read<P: Check + DeserializeOwned + 'static>(
    table: &toml::Table,
    _: CheckContext<'_>,
) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(policy::<P>(table)?))
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
