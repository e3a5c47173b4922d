//! Artifacts that a workflow downloads and that no job of it uploads, and caches that are restored under another path.

use syntax::yaml::View;

use super::workflow_contexts::{expressions, place};
use super::workflow_jobs::Job;
use super::workflow_matrix::{filled, runs};
use super::workflow_steps::steps;
use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// Owners of actions none of which uploads artifacts but for those of [`UPLOADS`]. Any other action may.
const OWNERS: &[&str] = &[
    "actions/",
    "astral-sh/",
    "aws-actions/",
    "azure/",
    "docker/",
    "dtolnay/",
    "google-github-actions/",
    "hashicorp/",
    "oven-sh/",
    "pnpm/",
    "ruby/",
];

/// Actions that upload an artifact, with the name that it has where none is given. Sources: the inputs of each in its
/// `action.yml`, as <https://github.com/actions/upload-artifact#inputs>.
const UPLOADS: &[(&str, &str)] = &[
    ("actions/upload-artifact", "artifact"),
    ("actions/upload-artifact/merge", "merged-artifacts"),
    ("actions/upload-pages-artifact", "github-pages"),
];

/// The downloads of a name that no upload can have. None where another workflow or an action that is not known may upload.
pub(super) fn never_uploaded(document: &Document, root: View<'_>, jobs: &[Job<'_>]) -> Vec<WorkflowFlaw> {
    let all: Vec<(&Job<'_>, View<'_>)> =
        jobs.iter().flat_map(|job| steps(job.view).into_iter().map(move |step| (job, step))).collect();
    let is_call = |view: View<'_>| view.as_str() == Some("workflow_call");
    let is_called = root.get("on").is_some_and(|on| {
        is_call(on)
            || on.items().into_iter().any(is_call)
            || on.entries().into_iter().any(|(event, _)| is_call(event))
    });
    let calls = jobs.iter().any(|job| job.view.get("uses").is_some());
    if is_called || calls || !all.iter().all(|(_, step)| is_known(*step)) {
        return Vec::new();
    }
    let names: Vec<&str> = all.iter().filter_map(|(_, step)| upload(*step)).collect();
    let downloads = all.iter().filter(|(_, step)| action(*step) == "actions/download-artifact");
    let found = downloads.filter_map(|(job, step)| {
        // With a token or a run it may be one of another workflow.
        let is_elsewhere =
            ["github-token", "run-id", "repository"].iter().any(|key| input(*step, key).is_some());
        let name = input(*step, "name").filter(|_| !is_elsewhere)?;
        let written = name.as_str().filter(|text| !text.is_empty() && !text.contains("${{"))?;
        // The record that docker/build-push-action uploads of a build.
        if written.ends_with(".dockerbuild") {
            return None;
        }
        let bears = step.get("continue-on-error").is_some() || job.view.get("continue-on-error").is_some();
        if bears || names.iter().any(|upload| may_be(upload, written)) {
            return None;
        }
        Some(WorkflowFlaw {
            known: names.iter().map(|name| (*name).to_owned()).collect(),
            ..WorkflowFlaw::new(FlawKind::Artifact, job.name, written, place(document, name, written))
        })
    });
    found.collect()
}

/// The restored caches whose key is saved with other paths alone: those are a part of the cache's version, so it is never
/// found. Source: <https://github.com/actions/cache#cache-version>.
pub(super) fn never_restored(document: &Document, jobs: &[Job<'_>]) -> Vec<WorkflowFlaw> {
    let steps: Vec<(&Job<'_>, View<'_>)> =
        jobs.iter().flat_map(|job| steps(job.view).into_iter().map(move |step| (job, step))).collect();
    let saves = |by: &Job<'_>, key: &str| {
        let saving =
            steps.iter().filter(|(_, step)| matches!(action(*step), "actions/cache" | "actions/cache/save"));
        // What a step gives and what a matrix holds is known to the steps of the same job alone.
        let is_of_job = ["steps.", "matrix."].iter().any(|context| key.contains(context));
        let of_key = saving
            .filter(|(job, step)| text(*step, "key") == Some(key) && (!is_of_job || job.name == by.name));
        let paths = of_key.map(|(job, step)| Some(filled_paths(job, text(*step, "path")?)));
        paths.collect::<Option<Vec<Vec<String>>>>().map(|paths| paths.concat())
    };
    let restoring = steps.iter().filter(|(_, step)| action(*step) == "actions/cache/restore");
    let found = restoring.filter_map(|(job, step)| {
        let (key, path) = (text(*step, "key")?, text(*step, "path")?);
        let saved = saves(job, key).filter(|saved| !saved.is_empty())?;
        let is_found = saved.iter().any(|saved| paths(saved) == paths(path) || !are_comparable(saved, path));
        if is_found || input(*step, "restore-keys").is_some() {
            return None;
        }
        let known = saved;
        let must_hit = text(*step, "fail-on-cache-miss") == Some("true");
        let at = place(document, input(*step, "path")?, path);
        let flaw = WorkflowFlaw::new(FlawKind::CachePath, job.name, path, at);
        Some(WorkflowFlaw { known, in_condition: !must_hit, ..flaw })
    });
    found.collect()
}

/// The paths of a step in each run of its job's matrix, where the path reads that; else as written.
fn filled_paths(job: &Job<'_>, path: &str) -> Vec<String> {
    let filled: Option<Vec<String>> = runs(job.view).iter().map(|run| Some(filled(path, run)?.0)).collect();
    filled.filter(|filled| !filled.is_empty()).unwrap_or_else(|| vec![path.to_owned()])
}

/// Whether two paths differ for sure where their texts do: the same expressions stand in both.
fn are_comparable(saved: &str, restored: &str) -> bool {
    let read = |path| {
        let mut read: Vec<&str> = expressions(path).into_iter().map(str::trim).collect();
        read.sort_unstable();
        read
    };
    read(saved) == read(restored)
}

/// The paths of a cache, one on each line.
fn paths(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|path| !path.is_empty()).collect()
}

fn text<'v>(step: View<'v>, key: &str) -> Option<&'v str> {
    input(step, key).and_then(|value| value.as_str()).map(str::trim)
}

/// The name of the artifact that a step uploads.
fn upload(step: View<'_>) -> Option<&str> {
    let (_, default) = UPLOADS.iter().find(|(known, _)| *known == action(step))?;
    Some(input(step, "name").and_then(|name| name.as_str()).unwrap_or(default))
}

/// The action of a step, without its version.
fn action(step: View<'_>) -> &str {
    step.get("uses").and_then(|uses| uses.as_str()).and_then(|uses| uses.split('@').next()).unwrap_or("")
}

fn is_known(step: View<'_>) -> bool {
    let action = action(step);
    action.is_empty() || OWNERS.iter().any(|owner| action.to_ascii_lowercase().starts_with(owner))
}

fn input<'v>(step: View<'v>, key: &str) -> Option<View<'v>> {
    step.path(&["with", key])
}

/// Whether an upload's name, in which expressions may stand, can become this one.
fn may_be(upload: &str, name: &str) -> bool {
    let Some((start, rest)) = upload.split_once("${{") else { return upload.trim() == name };
    let end = rest.rsplit_once("}}").map_or("", |(_, end)| end);
    name.len() >= start.len() + end.len()
        && name.starts_with(start.trim_start())
        && name.ends_with(end.trim_end())
}

#[cfg(test)]
mod tests {
    use super::may_be;

    #[test]
    fn a_name_with_expressions_may_be_what_fits_around_them() {
        assert!(may_be("dist", "dist") && may_be("dist-${{ matrix.os }}", "dist-linux"));
        assert!(may_be("${{ env.NAME }}", "anything"));
        assert!(!may_be("dist", "build") && !may_be("dist-${{ matrix.os }}-x", "dist-linux"));
    }
}
