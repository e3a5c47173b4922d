//! The join: one file's facts into the fact base, with the file's scope.

use std::sync::Arc;

use source::FileKind;

use super::Part;
use crate::cloud_run::CloudRunCommand;
use crate::environment::is_deployed;
use crate::{Facts, FileFact, Problem, Scope};

/// What is filled in of a file before it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filling {
    /// Nothing: it is used as it stands.
    None,
    /// Expressions in values; a value without one stays what it is.
    Expressions,
    /// Anything may be replaced or left out.
    Anywhere,
}

/// Puts one file's facts into the fact base.
pub(super) fn add(facts: &mut Facts, path: &str, part: Part, scope: &Scope, filling: Filling, blocks: bool) {
    let environments = scope.environment.iter().cloned().collect();
    facts.files.push(FileFact { path: Arc::from(path), kind: part.kind, environments });
    let mut record = part.record;
    // A Compose file's own name is stronger than what one of its services says.
    if part.kind == FileKind::Compose && scope.environment.is_some() {
        for setting in &mut record.settings {
            setting.scope = Scope { service: setting.scope.service.take(), ..Scope::default() };
        }
    }
    for setting in &mut record.settings {
        setting.expands_variables |= filling != Filling::None;
        setting.is_template |= match filling {
            Filling::None => false,
            Filling::Expressions => setting.value.contains("${"),
            Filling::Anywhere => true,
        };
    }
    facts.settings.extend(filled(record.settings, |setting| &mut setting.scope, scope));
    facts.secrets.extend(filled(record.secrets, |secret| &mut secret.scope, scope));
    facts.unnamed_variables.extend(record.unnamed_variables);
    facts.limits.extend(filled(record.limits, |limit| &mut limit.scope, scope));
    facts.repeats.extend(filled(record.repeats, |repeat| &mut repeat.scope, scope));
    facts.mentioned.extend(record.mentioned.into_iter().map(|name| (Arc::from(path), name)));
    facts.env_reads.extend(record.env_reads);
    facts.demands.extend(record.demands);
    facts.addresses.extend(record.addresses);
    facts.imports.extend(record.imports);
    facts.terraform_runs.extend(record.terraform_runs);
    facts.silenced_gates.extend(record.silenced_gates);
    let (deploys, changes): (Vec<_>, Vec<_>) =
        record.cloud_run_deploys.into_iter().partition(|call| call.command == CloudRunCommand::Deploy);
    facts.cloud_run_deploys.extend(deploys);
    facts.cloud_run_changes.extend(changes);
    facts.secret_fallbacks.extend(filled(record.secret_fallbacks, |fallback| &mut fallback.scope, scope));
    facts.compose_variables.extend(filled(record.compose_variables, |variable| &mut variable.scope, scope));
    facts.buildkit_needs.extend(record.buildkit_needs);
    facts.lacking_tools.extend(record.lacking_tools);
    facts.dockerfile_flaws.extend(record.dockerfile_flaws);
    facts.asked_paths.extend(record.asked_paths);
    facts.dockerfile_ports.extend(record.dockerfile_ports);
    facts.compose_services.extend(filled(record.compose_services, |service| &mut service.scope, scope));
    let deploys = part.deploys;
    facts.compose_calls.extend(filled(record.compose_calls, |call| &mut call.scope, scope).map(
        |mut call| {
            call.scope.deployed |= deploys;
            call
        },
    ));
    facts.objects.extend(filled(record.objects, |object| &mut object.scope, scope));
    facts.string_compares.extend(record.string_compares);
    facts.contexts.extend(record.contexts);
    facts.cut_commands.extend(record.cut_commands);
    facts.script_flaws.extend(record.script_flaws);
    facts.shell_flaws.extend(record.shell_flaws);
    facts.workflow_flaws.extend(record.workflow_flaws);
    facts.refused_files.extend(record.refused_files);
    facts.given_twice.extend(filled(record.given_twice, |given| &mut given.scope, scope));
    facts.conflicts.extend(record.conflicts);
    facts.workflow_files.extend(record.workflow_files);
    facts.actions.extend(record.actions);
    facts.workflow_secrets.extend(record.workflow_secrets);
    facts.undefined_build_variables.extend(record.undefined_build_variables);
    facts.build_arguments.extend(record.build_arguments);
    facts.environment_words.extend(record.environment_words);
    facts.literal_variables.extend(record.literal_variables);
    facts.escaped_variables.extend(record.escaped_variables);
    facts.predicates.extend(record.predicates);
    facts.unbound_names.extend(record.unbound_names);
    facts.problems.extend(
        record
            .problems
            .into_iter()
            .map(|problem| Problem { blocking: problem.blocking || blocks, ..problem }),
    );
}

/// Facts of one file, each with what the file's own scope adds to its scope.
fn filled<T>(
    facts: Vec<T>,
    scope_of: impl Fn(&mut T) -> &mut Scope,
    file: &Scope,
) -> impl Iterator<Item = T> {
    facts.into_iter().map(move |mut fact| {
        fill(scope_of(&mut fact), file);
        fact
    })
}

fn fill(own: &mut Scope, file: &Scope) {
    if own.environment.is_none() {
        own.environment.clone_from(&file.environment);
    }
    // What a deploying file does for an environment that is not deployed is not deployed either.
    let is_local = own.environment != file.environment
        && own.environment.as_deref().is_some_and(|environment| !is_deployed(environment));
    own.deployed |= file.deployed && !is_local;
}
