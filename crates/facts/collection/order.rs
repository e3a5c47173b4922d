//! The order of the facts: by place, whatever the number of threads.

use crate::{ComposeCall, Facts, Problem};

/// Puts every list in the order of its places, and shortens what is told of one file.
pub(super) fn sort(facts: &mut Facts) {
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
    facts.compose_calls.sort_by(|one, other| {
        let first = |call: &ComposeCall| call.services.first().map(|service| service.at.clone());
        first(one).cmp(&first(other))
    });
    facts.buildkit_needs.sort_by(|one, other| one.at.cmp(&other.at));
    facts.lacking_tools.sort_by(|one, other| one.at.cmp(&other.at));
    facts.dockerfile_flaws.sort_by(|one, other| one.at.cmp(&other.at));
    facts.dockerfile_ports.sort_by(|one, other| one.dockerfile.cmp(&other.dockerfile));
    facts.asked_paths.sort_by(|one, other| one.path.at.cmp(&other.path.at));
    facts.objects.sort_by(|one, other| one.at.cmp(&other.at));
    facts.string_compares.sort_by(|one, other| one.at.cmp(&other.at));
    facts.silenced_gates.sort_by(|one, other| one.at.cmp(&other.at));
    facts.secret_fallbacks.sort_by(|one, other| one.at.cmp(&other.at));
    facts.compose_variables.sort_by(|one, other| (&one.at, &one.name).cmp(&(&other.at, &other.name)));
    facts.cloud_run_deploys.sort_by(|one, other| one.at.cmp(&other.at));
    facts.cloud_run_changes.sort_by(|one, other| one.at.cmp(&other.at));
    facts.contexts.sort_by(|one, other| one.at.cmp(&other.at));
    facts.cut_commands.sort_by(|one, other| one.at.cmp(&other.at));
    facts.script_flaws.sort_by(|one, other| (&one.at, &one.started_at).cmp(&(&other.at, &other.started_at)));
    facts.script_flaws.dedup_by(|one, other| one.at == other.at && one.kind == other.kind);
    facts.shell_flaws.sort_by(|one, other| one.at.cmp(&other.at));
    facts.shell_flaws.dedup();
    facts.refused_files.sort_by(|one, other| (&one.at, &one.why).cmp(&(&other.at, &other.why)));
    facts.workflow_flaws.sort_by(|one, other| (&one.at, &one.written).cmp(&(&other.at, &other.written)));
    facts.given_twice.sort_by(|one, other| one.last_at.cmp(&other.last_at));
    facts.conflicts.sort();
    facts.conflicts.dedup();
    facts.workflow_files.sort_by(|one, other| one.at.cmp(&other.at));
    facts.actions.sort_by(|one, other| one.at.cmp(&other.at));
    facts.workflow_secrets.sort_by(|one, other| one.at.cmp(&other.at));
    facts.undefined_build_variables.sort_by(|one, other| one.at.cmp(&other.at));
    facts.build_arguments.sort_by(|one, other| one.at.cmp(&other.at));
    facts.environment_words.sort_by(|one, other| one.at.cmp(&other.at));
    facts.literal_variables.sort_by(|one, other| one.at.cmp(&other.at));
    facts.escaped_variables.sort_by(|one, other| one.at.cmp(&other.at));
    facts.unbound_names.sort_by(|one, other| one.at.cmp(&other.at));
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
