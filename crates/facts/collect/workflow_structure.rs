//! What the platform refuses in how a workflow is put together: events, jobs that wait for each other, ids, expressions.

use std::collections::{BTreeMap, BTreeSet};

use source::{Place, Span};
use syntax::yaml::View;

use crate::collect::workflow_contexts::{expressions, place, scalars};
use crate::collect::workflow_jobs::Job;
use crate::collect::workflow_steps::steps;
use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// What starts a workflow. Source:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows>.
const EVENTS: &[&str] = &[
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "image_version",
    "issue_comment",
    "issues",
    "label",
    "member",
    "merge_group",
    "milestone",
    "page_build",
    "project",
    "project_card",
    "project_column",
    "public",
    "pull_request",
    "pull_request_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "pull_request_target",
    "push",
    "registry_package",
    "release",
    "repository_dispatch",
    "schedule",
    "status",
    "watch",
    "workflow_call",
    "workflow_dispatch",
    "workflow_run",
];

/// Adds what is refused of one document of a workflow file.
pub(super) fn add(document: &Document, root: View<'_>, jobs: &[Job<'_>], flaws: &mut Vec<WorkflowFlaw>) {
    let mut flaw = |kind, job: &str, written: &str, at: Place, known: &[&str]| {
        flaws.push(WorkflowFlaw {
            known: known.iter().map(|known| (*known).to_owned()).collect(),
            ..WorkflowFlaw::new(kind, job, written, at)
        });
    };
    for (event, span) in events(root).into_iter().filter(|(event, _)| !EVENTS.contains(event)) {
        flaw(FlawKind::Event, "on", event, document.place(span), EVENTS);
    }
    if let Some((job, span)) = first_in_cycle(jobs) {
        flaw(FlawKind::Cycle, job, job, document.place(span), &[]);
    }
    for job in jobs {
        for (id, span) in given_twice(job) {
            flaw(FlawKind::StepTwice, job.name, id, document.place(span), &[]);
        }
        for (scalar, is_condition) in texts(job.view) {
            let text = scalar.as_str().unwrap_or("");
            let bare = is_condition && !text.contains("${{");
            let read = if bare { vec![text] } else { expressions(text) };
            for written in read.into_iter().map(str::trim).filter(|text| has_single_equals(text)) {
                flaw(FlawKind::SingleEquals, job.name, written, place(document, scalar, written), &[]);
            }
        }
    }
}

/// The events under `on:`, one, a list or a map.
pub(super) fn events(root: View<'_>) -> Vec<(&str, Span)> {
    let Some(on) = root.get("on") else { return Vec::new() };
    let keys = on.entries().into_iter().map(|(key, _)| key);
    let named = on.items().into_iter().chain(keys).chain([on]);
    named.filter_map(|event| Some((event.as_str()?, event.node().inner))).collect()
}

/// The first job that waits for itself, by itself or through others.
fn first_in_cycle<'j>(jobs: &'j [Job<'_>]) -> Option<(&'j str, Span)> {
    let needs: BTreeMap<String, Vec<String>> = jobs
        .iter()
        .map(|job| {
            let needs = job.needs.iter().map(|(name, _)| name.to_ascii_lowercase());
            (job.name.to_ascii_lowercase(), needs.collect())
        })
        .collect();
    let waits_for_itself = |job: &&Job<'_>| {
        let own = job.name.to_ascii_lowercase();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = needs.get(&own).into_iter().flatten().map(String::as_str).collect();
        while let Some(name) = open.pop() {
            if name == own {
                return true;
            }
            if seen.insert(name) {
                open.extend(needs.get(name).into_iter().flatten().map(String::as_str));
            }
        }
        false
    };
    jobs.iter().find(waits_for_itself).map(|job| (job.name, job.name_span))
}

/// The ids that a second step of a job has.
fn given_twice<'v>(job: &Job<'v>) -> Vec<(&'v str, Span)> {
    let mut seen = BTreeSet::new();
    let ids = steps(job.view).into_iter().filter_map(|step| step.get("id"));
    let named = ids.filter_map(|id| Some((id.as_str()?, id.node().inner)));
    named.filter(|(id, _)| !id.contains("${{") && !seen.insert(id.to_ascii_lowercase())).collect()
}

/// The texts of a job, each with whether it is a condition.
fn texts(job: View<'_>) -> Vec<(View<'_>, bool)> {
    let is_if = |key: View<'_>| key.as_str() == Some("if");
    let own = job.entries().into_iter().filter(|(key, _)| key.as_str() != Some("steps"));
    let of_steps = steps(job).into_iter().flat_map(|step| step.entries());
    own.chain(of_steps)
        .flat_map(|(key, value)| scalars(value).into_iter().map(move |scalar| (scalar, is_if(key))))
        .collect()
}

/// Whether an expression has `=` where a comparison has `==`, outside of its texts.
fn has_single_equals(expression: &str) -> bool {
    expression.split('\'').step_by(2).any(|piece| {
        piece.match_indices('=').any(|(at, _)| {
            let before = piece.get(..at).and_then(|before| before.chars().next_back());
            let after = piece.get(at + 1..).and_then(|after| after.chars().next());
            !matches!(before, Some('=' | '!' | '<' | '>')) && after != Some('=')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::has_single_equals;

    #[test]
    fn comparisons_have_two() {
        for (expression, expected) in [
            ("github.ref = 'refs/heads/main'", true),
            ("a == 'b' && c = 'd'", true),
            ("a == 'b=c' && d != 'e' || f <= 1 && g >= 2", false),
            ("format('a={0}', b)", false),
            ("a=='it''s = b'", false),
        ] {
            assert_eq!(has_single_equals(expression), expected, "{expression}");
        }
    }
}
