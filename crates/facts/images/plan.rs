//! Which builds there are.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;
use source::{MAX_CONFIG_BYTES, Place, file_name, is_backup, is_illustration, is_templated};
use syntax::dockerfile::{Dockerfile, Kind};
use syntax::dockerignore::Builder;

use super::ReadDockerfile;
use super::likely_context::{Likely, likely_context};
use super::release_builds::released;
use crate::Declared;
use crate::environment::only;
use crate::inventory::Inventory;
use crate::record::{Build, Use, UseKind};
use crate::run_image::{self, Made, RunImage};

/// One build that is to be looked at.
pub(super) struct Planned {
    /// The Dockerfile's path.
    pub(super) dockerfile: String,
    /// What is built.
    pub(super) build: Build,
    /// By whom.
    pub(super) builder: Builder,
    /// The places that name the build.
    pub(super) built_by: Vec<Place>,
    /// See [`crate::image::Image::built_for`].
    pub(super) built_for: BTreeSet<String>,
    /// See [`crate::image::Image::run_by`].
    pub(super) run_by: BTreeSet<String>,
    /// See [`crate::image::Image::context_is_certain`].
    pub(super) context_is_certain: bool,
    /// See [`crate::image::Image::context_is_unknown`].
    pub(super) context_is_unknown: bool,
}

/// Which builds there are: those that configuration and files name; for the other Dockerfiles, the context in which
/// most of their sources exist.
pub(super) fn plan(
    inventory: &Inventory<'_>,
    dockerfiles: &BTreeMap<String, ReadDockerfile>,
    uses: &[Use],
    declared: &Declared,
    deployed: &[RunImage],
) -> Vec<Planned> {
    let mut plans = declared_builds(declared);
    add_named_builds(&mut plans, uses);
    let likely = likely_builds(inventory, dockerfiles, uses, &plans);
    let mut plans: Vec<Planned> = plans.into_values().chain(likely).collect();
    plans.sort_by_cached_key(Key::of);
    for planned in plans.iter_mut().filter(|planned| planned.build.service.is_none()) {
        planned.build.service = service_of(&planned.dockerfile, uses);
    }
    let made: Vec<Made<'_>> = plans.iter().map(made_by).collect();
    let run_by = run_image::services(&made, deployed);
    for (planned, services) in plans.iter_mut().zip(run_by) {
        planned.run_by = services;
    }
    plans
}

/// What tells a build from others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    dockerfile: String,
    context: String,
    target: Option<String>,
    builder: Builder,
}

impl Key {
    fn of(planned: &Planned) -> Self {
        Self {
            dockerfile: planned.dockerfile.clone(),
            context: planned.build.context.clone(),
            target: planned.build.target.clone(),
            builder: planned.builder,
        }
    }
}

fn planned(dockerfile: &str, build: Build, builder: Builder) -> Planned {
    Planned {
        dockerfile: dockerfile.to_owned(),
        build,
        builder,
        built_by: Vec::new(),
        built_for: BTreeSet::new(),
        run_by: BTreeSet::new(),
        context_is_certain: true,
        context_is_unknown: false,
    }
}

/// The builds of the configuration.
fn declared_builds(declared: &Declared) -> BTreeMap<Key, Planned> {
    let mut plans = BTreeMap::new();
    for (name, service) in &declared.services {
        let Some(path) = &service.dockerfile else { continue };
        let context = service.context.as_deref().unwrap_or("").trim_start_matches("./").trim_matches('/');
        let context = if context == "." { "" } else { context };
        let build = Build { context: context.to_owned(), service: Some(name.clone()), ..Build::default() };
        let builder =
            service.builder.as_deref().and_then(|name| name.parse().ok()).unwrap_or(Builder::Buildkit);
        let planned = planned(path, build, builder);
        plans.insert(Key::of(&planned), planned);
    }
    plans
}

/// Adds the builds that Compose files, workflows and scripts name.
fn add_named_builds(plans: &mut BTreeMap<Key, Planned>, uses: &[Use]) {
    let declared: BTreeMap<(String, String), Builder> =
        plans.keys().map(|key| ((key.dockerfile.clone(), key.context.clone()), key.builder)).collect();
    for used in uses {
        let UseKind::Build(build) = &used.what else { continue };
        if is_templated(&used.path) {
            continue;
        }
        let told = declared.get(&(used.path.clone(), build.context.clone())).copied();
        let builder = told.or(build.builder).unwrap_or(Builder::Buildkit);
        let named = planned(&used.path, (**build).clone(), builder);
        let planned = plans.entry(Key::of(&named)).or_insert(named);
        planned.built_by.push(used.at.clone());
        planned.built_for.extend(build.service.iter().cloned());
        // A step that builds names no service; who also builds it for one, and starts what it starts, does.
        if planned.build.service.is_none() && build.command.is_none() {
            planned.build.service.clone_from(&build.service);
        }
        planned.build.names.extend(build.names.iter().cloned());
        planned.build.contexts.extend(build.contexts.iter().cloned());
    }
}

/// The builds of the Dockerfiles that nothing says how to build.
fn likely_builds(
    inventory: &Inventory<'_>,
    dockerfiles: &BTreeMap<String, ReadDockerfile>,
    uses: &[Use],
    plans: &BTreeMap<Key, Planned>,
) -> Vec<Planned> {
    let released = released(inventory);
    let is_built_elsewhere = has_other_pipeline(inventory);
    let somebody_builds = !plans.is_empty() || uses.iter().any(names_a_dockerfile);
    let mut likely = Vec::new();
    for (path, read) in dockerfiles {
        // A script that names the Dockerfile builds it too, in ways that are not told.
        let by_script =
            uses.iter().any(|used| matches!(used.what, UseKind::Dockerfile { .. }) && used.path == *path);
        let is_known = plans
            .keys()
            .any(|key| key.dockerfile == *path && (!by_script || key.builder == Builder::Buildkit));
        if is_known || released.contains(path) || is_backup(path) || is_illustration(path) {
            continue;
        }
        let Likely { context, exists, is_supposed } = likely_context(inventory, path, &read.parsed.tree);
        let arguments = given_elsewhere(inventory, &read.parsed.tree);
        // Where builds are named, and this variant in none of them, it may be left over.
        let is_named = uses.iter().any(|used| used.path == *path);
        let certain = exists && (is_named || !somebody_builds || has_plain_name(path));
        likely.push(Planned {
            context_is_certain: certain && (is_named || !is_built_elsewhere),
            context_is_unknown: !exists && !is_supposed,
            ..planned(path, Build { context, arguments, ..Build::default() }, Builder::Buildkit)
        });
    }
    likely
}

/// The arguments of a Dockerfile that a file of a platform or of a build tool names which is not read: their values are not told.
fn given_elsewhere(inventory: &Inventory<'_>, dockerfile: &Dockerfile) -> Vec<(String, Option<String>)> {
    const FILES: &[&str] = &[
        ".gitlab-ci.yml",
        "Earthfile",
        "Jenkinsfile",
        "Tiltfile",
        "azure.yaml",
        "bitbucket-pipelines.yml",
        "captain-definition",
        "docker-bake.hcl",
        "docker-bake.json",
        "fly.toml",
        "railway.json",
        "railway.toml",
        "render.yaml",
        "skaffold.yaml",
    ];
    let arguments = dockerfile.instructions.iter().filter_map(|instruction| match &instruction.kind {
        Kind::Arg(pairs) => Some(pairs),
        _ => None,
    });
    let names: BTreeSet<&str> = arguments.flatten().map(|pair| pair.key.value.as_str()).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let files = FILES.iter().filter(|name| inventory.is_file(name));
    let texts: Vec<Vec<u8>> =
        files.filter_map(|name| inventory.tree().read(name, MAX_CONFIG_BYTES).ok()).collect();
    let is_given = |name: &&str| texts.iter().any(|text| memmem::find(text, name.as_bytes()).is_some());
    names.into_iter().filter(is_given).map(|name| (name.to_owned(), None)).collect()
}

fn made_by(planned: &Planned) -> Made<'_> {
    Made { dockerfile: &planned.dockerfile, names: &planned.build.names }
}

fn names_a_dockerfile(used: &Use) -> bool {
    matches!(used.what, UseKind::Dockerfile { .. })
}

/// The name that builders take where nobody says one.
pub(super) fn has_plain_name(path: &str) -> bool {
    let name = file_name(path);
    name.eq_ignore_ascii_case("dockerfile") || name.eq_ignore_ascii_case("containerfile")
}

/// The one service for which a script names a Dockerfile.
fn service_of(dockerfile: &str, uses: &[Use]) -> Option<String> {
    let services = uses.iter().filter(|used| used.path == dockerfile).filter_map(|used| match &used.what {
        UseKind::Dockerfile { service, .. } => service.as_deref(),
        _ => None,
    });
    only(services).map(str::to_owned)
}

/// Whether a pipeline or a build tool that is not read may build images here, with files that it makes before.
fn has_other_pipeline(inventory: &Inventory<'_>) -> bool {
    const FILES: &[&str] = &[
        ".drone.yml",
        ".estafette.yaml",
        ".woodpecker.yml",
        "BUILD.bazel",
        "Earthfile",
        "Jenkinsfile",
        "MODULE.bazel",
        "Tiltfile",
        "WORKSPACE",
        "azure-pipelines.yml",
        "bitbucket-pipelines.yml",
        "skaffold.yaml",
    ];
    FILES.iter().any(|name| inventory.is_file(name))
}
