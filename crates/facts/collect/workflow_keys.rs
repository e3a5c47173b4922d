//! Keys and values of a workflow that the platform does not take where they stand.

use syntax::yaml::{NodeKind, Style, View};

use crate::collect::workflow_jobs::Job;
use crate::collect::workflow_steps::steps;
use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// The keys at the top of a workflow. Source for this and the next:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>.
const OF_WORKFLOW: &[&str] =
    &["name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"];

/// The keys of a job.
const OF_JOB: &[&str] = &[
    "concurrency",
    "container",
    "continue-on-error",
    "defaults",
    "env",
    "environment",
    "if",
    "name",
    "needs",
    "outputs",
    "permissions",
    "runs-on",
    "secrets",
    "services",
    "snapshot",
    "steps",
    "strategy",
    "timeout-minutes",
    "uses",
    "with",
];

/// Keys of a job that one with `uses:` does not have. Source:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations>.
const NOT_OF_CALLER: &[&str] = &[
    "container",
    "continue-on-error",
    "defaults",
    "env",
    "environment",
    "outputs",
    "runs-on",
    "services",
    "snapshot",
    "steps",
    "timeout-minutes",
];

/// Keys of steps and of triggers that a job does not have.
const BELOW_JOBS: &[&str] = &["branches", "id", "inputs", "jobs", "on", "run", "shell", "working-directory"];

/// What a token may be allowed. Source: the key `permissions` of the same page.
const PERMISSIONS: &[&str] = &[
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
];

/// What is refused of the keys of one document of a workflow file. The platform may learn new ones: only a key that belongs
/// elsewhere, or is spelt otherwise, tells.
#[must_use]
pub(super) fn misplaced(document: &Document, root: View<'_>, jobs: &[Job<'_>]) -> Vec<WorkflowFlaw> {
    let mut found = Vec::new();
    let mut add = |kind, job: &str, key: View<'_>, known: &[&str]| {
        let written = key.as_str().unwrap_or("");
        let known = known.iter().map(|known| (*known).to_owned()).collect();
        let at = document.place(key.node().inner);
        found.push(WorkflowFlaw { known, ..WorkflowFlaw::new(kind, job, written, at) });
    };
    if root.get("jobs").is_none() {
        return found;
    }
    let of_job = |name: &str| OF_JOB.contains(&name) || BELOW_JOBS.contains(&name);
    for key in wrong_keys(root, OF_WORKFLOW, &of_job) {
        add(FlawKind::WorkflowKey, "on", key, OF_WORKFLOW);
    }
    for key in root.get("permissions").into_iter().flat_map(|map| wrong_keys(map, PERMISSIONS, &|_| false)) {
        add(FlawKind::Permission, "on", key, PERMISSIONS);
    }
    for (key, view) in root.get("jobs").map(|jobs| jobs.entries()).unwrap_or_default() {
        if !matches!(view.node().kind, NodeKind::Mapping(_) | NodeKind::Template(_)) {
            add(FlawKind::JobForm, key.as_str().unwrap_or(""), key, &[]);
        }
    }
    for job in jobs {
        for key in wrong_keys(job.view, OF_JOB, &|name| BELOW_JOBS.contains(&name)) {
            add(FlawKind::JobKey, job.name, key, OF_JOB);
        }
        let calls = job.view.get("uses").is_some();
        for (key, _) in job.view.entries().into_iter().filter(|_| calls) {
            if key.as_str().is_some_and(|name| NOT_OF_CALLER.contains(&name)) {
                add(FlawKind::CallerKey, job.name, key, &[]);
            }
        }
        let permissions = job.view.get("permissions");
        for key in permissions.into_iter().flat_map(|map| wrong_keys(map, PERMISSIONS, &|_| false)) {
            add(FlawKind::Permission, job.name, key, PERMISSIONS);
        }
        for step in steps(job.view) {
            let is_one = |kind: &NodeKind| !matches!(kind, NodeKind::Sequence(_) | NodeKind::Mapping(_));
            let entries = step.entries().into_iter().filter(|(_, value)| !is_one(&value.node().kind));
            let nested =
                |key: &View<'_>| matches!(key.as_str(), Some("run" | "uses" | "shell" | "if" | "name"));
            for (key, _) in entries.filter(|(key, _)| nested(key)) {
                add(FlawKind::Nested, job.name, key, &[]);
            }
        }
    }
    found.extend(jobs.iter().flat_map(|job| numbers(document, job)));
    found
}

/// A version that is a number without quotes, and so another one: `python-version: 3.10` is 3.1.
fn numbers(document: &Document, job: &Job<'_>) -> Vec<WorkflowFlaw> {
    const NAMES: &[&str] = &["go-version", "python-version"];
    let matrix = job.view.path(&["strategy", "matrix"]);
    let inputs = steps(job.view).into_iter().filter_map(|step| step.get("with"));
    let named = inputs.chain(matrix).flat_map(|map| {
        NAMES.iter().filter_map(move |name| Some((*name, map.get(name)?))).collect::<Vec<_>>()
    });
    let values = named.flat_map(|(name, value)| {
        let items = value.items();
        let all = if items.is_empty() { vec![value] } else { items };
        all.into_iter().map(move |value| (name, value))
    });
    let is_cut = |(_, value): &(&str, View<'_>)| {
        let is_plain = matches!(&value.node().kind, NodeKind::Scalar { style: Style::Plain, .. });
        // Go 1.10, 1.20; Python 3.10, 3.20.
        is_plain
            && value.as_str().is_some_and(|text| matches!(text, "1.10" | "1.20" | "1.30" | "3.10" | "3.20"))
    };
    let flaw = |(name, value): (&str, View<'_>)| {
        let written = format!("{name}: {}", value.as_str().unwrap_or(""));
        WorkflowFlaw::new(FlawKind::VersionNumber, job.name, written, document.place(value.node().inner))
    };
    values.filter(is_cut).map(flaw).collect()
}

/// The keys of a map that it does not have: those of another place, and those that differ from one of its own only in
/// hyphens, capitals and an `s` at their end.
fn wrong_keys<'v>(map: View<'v>, known: &[&str], is_elsewhere: &dyn Fn(&str) -> bool) -> Vec<View<'v>> {
    let plain = |key: &str| key.replace(['-', '_'], "").to_ascii_lowercase().trim_end_matches('s').to_owned();
    let is_wrong = |name: &str| {
        !known.contains(&name)
            && (is_elsewhere(name) || known.iter().any(|known| plain(known) == plain(name)))
    };
    let keys = map.entries().into_iter().map(|(key, _)| key);
    keys.filter(|key| key.as_str().is_some_and(is_wrong)).collect()
}
