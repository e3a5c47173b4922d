//! The join: the records of all files become one fact base, in the order of their places.

use std::collections::BTreeSet;
use std::sync::Arc;

use source::FileKind;

use crate::record::Record;
use crate::{Declared, Facts, FileFact, Problem, Scope};

/// Puts one file's facts into the fact base.
pub(crate) fn add(
    facts: &mut Facts,
    path: &str,
    (kind, mut record): (FileKind, Record),
    scope: &Scope,
    rendered: bool,
    blocks: bool,
) {
    let environments = scope.environment.iter().cloned().collect();
    facts.files.push(FileFact { path: Arc::from(path), kind, environments });
    // A Compose file's own name is stronger than what one of its services says.
    if kind == FileKind::Compose && scope.environment.is_some() {
        for setting in &mut record.settings {
            setting.scope = Scope { service: setting.scope.service.take(), ..Scope::default() };
        }
    }
    facts.settings.extend(record.settings.into_iter().map(|mut setting| {
        fill(&mut setting.scope, scope);
        setting.expands_variables |= rendered;
        setting.is_template |= rendered;
        setting
    }));
    facts.secrets.extend(record.secrets.into_iter().map(|mut secret| {
        fill(&mut secret.scope, scope);
        secret
    }));
    facts.limits.extend(record.limits.into_iter().map(|mut limit| {
        fill(&mut limit.scope, scope);
        limit
    }));
    facts.repeats.extend(record.repeats.into_iter().map(|mut repeat| {
        fill(&mut repeat.scope, scope);
        repeat
    }));
    facts.env_reads.extend(record.env_reads);
    facts.demands.extend(record.demands);
    facts.addresses.extend(record.addresses);
    facts.imports.extend(record.imports);
    facts.terraform_runs.extend(record.terraform_runs);
    facts.silenced_gates.extend(record.silenced_gates);
    facts.cloud_run_deploys.extend(record.cloud_run_deploys);
    facts.secret_fallbacks.extend(record.secret_fallbacks.into_iter().map(|mut fallback| {
        fill(&mut fallback.scope, scope);
        fallback
    }));
    facts.compose_variables.extend(record.compose_variables.into_iter().map(|mut variable| {
        fill(&mut variable.scope, scope);
        variable
    }));
    facts.buildkit_needs.extend(record.buildkit_needs);
    facts.lacking_tools.extend(record.lacking_tools);
    facts.dockerfile_ports.extend(record.dockerfile_ports);
    facts.compose_services.extend(record.compose_services.into_iter().map(|mut service| {
        fill(&mut service.scope, scope);
        service
    }));
    facts.string_compares.extend(record.string_compares);
    facts.contexts.extend(record.contexts);
    facts.actions.extend(record.actions);
    facts.workflow_secrets.extend(record.workflow_secrets);
    facts.undefined_build_variables.extend(record.undefined_build_variables);
    facts.build_arguments.extend(record.build_arguments);
    facts.environment_words.extend(record.environment_words);
    facts.literal_variables.extend(record.literal_variables);
    facts.escaped_variables.extend(record.escaped_variables);
    facts.predicates.extend(record.predicates);
    facts.problems.extend(
        record
            .problems
            .into_iter()
            .map(|problem| Problem { blocking: problem.blocking || blocks, ..problem }),
    );
}

fn fill(own: &mut Scope, file: &Scope) {
    if own.environment.is_none() {
        own.environment.clone_from(&file.environment);
    }
    own.deployed |= file.deployed;
}

/// The deployed environments that facts belong to, and those that are declared.
pub(crate) fn environments(facts: &Facts, declared: &Declared) -> Vec<String> {
    let settings = facts.settings.iter().map(|setting| &setting.scope);
    let others = facts.images.iter().map(|image| &image.scope);
    let found =
        settings.chain(others).filter(|scope| scope.deployed).filter_map(|scope| scope.environment.clone());
    let known = declared.environments.iter().filter(|(name, environment)| {
        environment.deployed.unwrap_or_else(|| crate::environment::is_deployed(name))
    });
    let names: BTreeSet<String> = found.chain(known.map(|(name, _)| name.clone())).collect();
    names.into_iter().collect()
}

pub(crate) fn sort(facts: &mut Facts) {
    facts.settings.sort_by(|one, other| (&one.at, &one.key).cmp(&(&other.at, &other.key)));
    facts.secrets.sort_by(|one, other| (&one.at, &one.name).cmp(&(&other.at, &other.name)));
    facts.limits.sort_by(|one, other| (&one.at, &one.key).cmp(&(&other.at, &other.key)));
    facts.env_reads.sort_by(|one, other| (&one.at, &one.name).cmp(&(&other.at, &other.name)));
    facts.repeats.sort_by(|one, other| one.second.cmp(&other.second));
    facts.demands.sort_by(|one, other| one.at.cmp(&other.at));
    facts.addresses.sort_by(|one, other| (&one.at, &one.url).cmp(&(&other.at, &other.url)));
    facts.imports.sort_by(|one, other| (&one.at, &one.module).cmp(&(&other.at, &other.module)));
    facts.terraform_runs.sort_by(|one, other| one.at.cmp(&other.at));
    facts.compose_services.sort_by(|one, other| one.at.cmp(&other.at));
    facts.buildkit_needs.sort_by(|one, other| one.at.cmp(&other.at));
    facts.lacking_tools.sort_by(|one, other| one.at.cmp(&other.at));
    facts.dockerfile_ports.sort_by(|one, other| one.dockerfile.cmp(&other.dockerfile));
    facts.string_compares.sort_by(|one, other| one.at.cmp(&other.at));
    facts.silenced_gates.sort_by(|one, other| one.at.cmp(&other.at));
    facts.secret_fallbacks.sort_by(|one, other| one.at.cmp(&other.at));
    facts.compose_variables.sort_by(|one, other| (&one.at, &one.name).cmp(&(&other.at, &other.name)));
    facts.cloud_run_deploys.sort_by(|one, other| one.at.cmp(&other.at));
    facts.contexts.sort_by(|one, other| one.at.cmp(&other.at));
    facts.actions.sort_by(|one, other| one.at.cmp(&other.at));
    facts.workflow_secrets.sort_by(|one, other| one.at.cmp(&other.at));
    facts.undefined_build_variables.sort_by(|one, other| one.at.cmp(&other.at));
    facts.build_arguments.sort_by(|one, other| one.at.cmp(&other.at));
    facts.environment_words.sort_by(|one, other| one.at.cmp(&other.at));
    facts.literal_variables.sort_by(|one, other| one.at.cmp(&other.at));
    facts.escaped_variables.sort_by(|one, other| one.at.cmp(&other.at));
    facts.predicates.sort_by(|one, other| one.at.cmp(&other.at));
    facts.problems.sort_by(|one, other| {
        (&one.path, one.line, &one.message).cmp(&(&other.path, other.line, &other.message))
    });
    facts.problems.dedup();
    shorten(&mut facts.problems);
}

/// The most problems that are told of one file; a file of another format has as many as lines.
const MOST_PROBLEMS: usize = 5;

/// Keeps the first problems of each file and tells how many more there are.
fn shorten(problems: &mut Vec<Problem>) {
    let mut shortened: Vec<Problem> = Vec::new();
    for same in problems.chunk_by(|one, other| one.path == other.path) {
        shortened.extend(same.iter().take(MOST_PROBLEMS).cloned());
        let rest = same.get(MOST_PROBLEMS..).unwrap_or(&[]);
        if let Some(next) = rest.first() {
            let message = format!("{} more problems in this file from here on", rest.len());
            shortened.push(Problem {
                message,
                blocking: rest.iter().any(|problem| problem.blocking),
                ..next.clone()
            });
        }
    }
    *problems = shortened;
}
