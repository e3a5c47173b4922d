//! Which contexts a workflow's expressions may read, by place.
//!
//! Source of every row: [`SOURCE`].

/// Where the table stands.
pub(crate) const SOURCE: &str =
    "https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability";

/// The contexts that a place may read.
const AVAILABLE: &[(&str, &[&str])] = &[
    ("run-name", &["github", "inputs", "vars"]),
    ("concurrency", &["github", "inputs", "vars"]),
    ("env", &["github", "secrets", "inputs", "vars"]),
    ("on.workflow_call.inputs.<inputs_id>.default", &["github", "inputs", "vars"]),
    ("on.workflow_call.outputs.<output_id>.value", &["github", "jobs", "vars", "inputs"]),
    ("jobs.<job_id>.concurrency", &["github", "needs", "strategy", "matrix", "inputs", "vars"]),
    ("jobs.<job_id>.continue-on-error", &["github", "needs", "strategy", "vars", "matrix", "inputs"]),
    ("jobs.<job_id>.env", &["github", "needs", "strategy", "matrix", "vars", "secrets", "inputs"]),
    ("jobs.<job_id>.environment", &["github", "needs", "strategy", "matrix", "vars", "inputs"]),
    ("jobs.<job_id>.if", &["github", "needs", "vars", "inputs"]),
    ("jobs.<job_id>.name", &["github", "needs", "strategy", "matrix", "vars", "inputs"]),
    ("jobs.<job_id>.runs-on", &["github", "needs", "strategy", "matrix", "vars", "inputs"]),
    (
        "jobs.<job_id>.secrets.<secrets_id>",
        &["github", "needs", "strategy", "matrix", "secrets", "inputs", "vars"],
    ),
    (
        "jobs.<job_id>.steps.if",
        &["github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "steps", "inputs"],
    ),
    ("jobs.<job_id>.strategy", &["github", "needs", "vars", "inputs"]),
    ("jobs.<job_id>.timeout-minutes", &["github", "needs", "strategy", "matrix", "vars", "inputs"]),
    ("jobs.<job_id>.with.<with_id>", &["github", "needs", "strategy", "matrix", "inputs", "vars"]),
];

/// The contexts that the place may read; `None` for a place that is not in the table.
pub(crate) fn available(key: &str) -> Option<&'static [&'static str]> {
    AVAILABLE.iter().find(|(known, _)| *known == key).map(|(_, contexts)| *contexts)
}
