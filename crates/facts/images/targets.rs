//! Stages that a build asks for and that its Dockerfile does not have.

use std::collections::BTreeMap;

use source::{FileKind, is_illustration, join};

use super::ReadDockerfile;
use crate::collect::working_directory::untold_folders;
use crate::record::{Build, Use, UseKind};
use crate::similar::is_variant;
use crate::{MissingFile, MissingKind, Scope};

/// The missing stages of all builds. Source: `BuildKit` 0.17, `target stage "x" could not be found`.
pub(super) fn missing_targets(
    dockerfiles: &BTreeMap<String, ReadDockerfile>,
    uses: &[Use],
) -> Vec<MissingFile> {
    let builds = uses.iter().filter_map(|used| match &used.what {
        UseKind::Build(build) => Some((used, &**build)),
        _ => None,
    });
    let judged = builds.filter(|(used, _)| !is_illustration(&used.at.path));
    judged.filter_map(|(used, build)| missing_target(dockerfiles, used, build)).collect()
}

fn missing_target(
    dockerfiles: &BTreeMap<String, ReadDockerfile>,
    used: &Use,
    build: &Build,
) -> Option<MissingFile> {
    let dockerfile = &dockerfiles.get(&used.path)?.parsed.tree;
    // The steps before have brought other files, and perhaps another Dockerfile.
    if build.has_other_files && FileKind::of(&used.at.path) == FileKind::Workflow {
        return None;
    }
    let target =
        build.target.as_deref().filter(|target| !target.is_empty() && !target.contains(['$', '{']))?;
    if dockerfile.stages.is_empty() || dockerfile.stage(target).is_some() {
        return None;
    }
    let elsewhere = untold_folders(&used.at.path).filter_map(|folder| join(folder, &used.path));
    let has_it =
        |path: String| dockerfiles.get(&path).is_some_and(|read| read.parsed.tree.stage(target).is_some());
    if elsewhere.into_iter().any(has_it) {
        return None;
    }
    let mut names = dockerfile.stages.iter().filter_map(|stage| Some(&stage.name.as_ref()?.value));
    Some(MissingFile {
        path: target.to_owned(),
        at: build.target_at.clone().unwrap_or_else(|| used.at.clone()),
        kind: MissingKind::BuildTarget,
        generated: false,
        made_by: None,
        similar: names.find(|stage| is_variant(stage, &target.to_lowercase())).cloned(),
        // What another file adds to the build may name another Dockerfile.
        is_alternative: build.has_image || build.has_other_files,
        needed_by: None,
        seen_from: None,
        scope: Scope::default(),
    })
}
