//! The images of a repository: which Dockerfile is built with which context, and what its program needs.

mod absent;
mod alembic;
mod arguments;
mod brought;
mod certificates;
mod commands;
mod disagree;
mod entry;
mod held;
mod ignore_files;
mod javascript;
mod known_programs;
mod left_out;
mod likely_context;
mod made_elsewhere;
mod managers;
mod needed;
mod nowhere;
mod plan;
mod reinclude;
mod release_builds;
mod root_only;
mod rust;
mod set_at_start;
mod targets;
mod unfollowed;
mod unmet;
mod untaken;
mod whole_from;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use syntax::Parsed;
use syntax::dockerfile::{Dockerfile, Kind};

use self::entry::entry_points;
use self::left_out::left_out;
use self::needed::{needed_by, only_copies_bring};
use self::plan::{Planned, plan};
use crate::code::Code;
use crate::container::UntakenArgument;
use crate::context::Context;
use crate::git_ignore;
use crate::image::{CopyStatus, Image, Phase};
use crate::inventory::Inventory;
use crate::record::{Document, Use, UseKind};
use crate::run_command::RunCommand;
use crate::run_image::{RunImage, Source};
use crate::stages;
use crate::{Declared, Disagreement, IgnoreFileFact, MissingFile, Problem, Scope};

/// A Dockerfile with its text.
pub(crate) struct ReadDockerfile {
    /// The text.
    pub document: Document,
    /// What it says.
    pub parsed: Parsed<Dockerfile>,
}

/// What is known of all images.
#[derive(Default)]
pub(crate) struct Images {
    /// The images, in the order of their Dockerfiles.
    pub built: Vec<Image>,
    /// What they start or copy from and do not hold.
    pub missing: Vec<MissingFile>,
    /// Needed files on which the builders of one image differ.
    pub disagreements: Vec<Disagreement>,
    /// Their ignore files, and those that none of them reads.
    pub ignore_files: Vec<IgnoreFileFact>,
    /// Arguments that builds give and that no Dockerfile takes.
    pub untaken_arguments: Vec<UntakenArgument>,
    /// The problems of their ignore files.
    pub problems: Vec<Problem>,
}

/// The images that the configuration and the Dockerfiles describe.
pub(crate) fn images(
    inventory: &Inventory<'_>,
    dockerfiles: &BTreeMap<String, ReadDockerfile>,
    uses: &[Use],
    (deployed, commands): (&[RunImage], &[RunCommand]),
    declared: &Declared,
    code: &Code,
) -> Images {
    let planned = plan(inventory, dockerfiles, uses, declared, deployed);
    let key = |plan: &Planned| Context::key(inventory, &plan.build.context, &plan.dockerfile, plan.builder);
    let mut contexts = BTreeMap::new();
    for plan in &planned {
        contexts
            .entry(key(plan))
            .or_insert_with(|| Context::new(inventory, &plan.build.context, &plan.dockerfile, plan.builder));
    }
    let found: Vec<(Image, Vec<MissingFile>)> = planned
        .par_iter()
        .filter_map(|plan| {
            let (read, context) = (dockerfiles.get(&plan.dockerfile)?, contexts.get(&key(plan))?);
            let built = built(inventory, read, plan, context);
            let site = unmet::Site { inventory, context, code, read, built: &built, made: &plan.build.made };
            let mut absent = absent::absent(&site, plan, uses);
            for command in commands.iter().filter(|command| run_here(plan, &planned, command)) {
                absent.extend(absent::absent_of_command(&site, plan, command));
            }
            let missing = graded(absent, plan, &built);
            Some((image(inventory, read, plan, context, built, (code, uses)), missing))
        })
        .collect();
    let (mut images, missing): (Vec<Image>, Vec<_>) = found.into_iter().unzip();
    let mut missing: Vec<MissingFile> = missing.into_iter().flatten().collect();
    missing.extend(targets::missing_targets(dockerfiles, uses));
    reinclude::propose(inventory, &mut images);
    let mut disagreements = disagree::disagreements(inventory, &images, &contexts);
    reinclude::propose_agreement(inventory, &mut disagreements);
    let ignore_files = ignore_files::ignore_files(inventory, &images, contexts.values());
    let mut problems: Vec<Problem> = Vec::new();
    for problem in contexts.into_values().flat_map(Context::into_problems) {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    let untaken_arguments = untaken::untaken(dockerfiles, uses);
    Images { built: images, missing, disagreements, ignore_files, untaken_arguments, problems }
}

/// Whether a command runs in what a build makes, and in nothing else.
fn run_here(plan: &Planned, planned: &[Planned], command: &RunCommand) -> bool {
    match (&command.image, &command.build) {
        (Source::Dockerfile(path), Some((context, target))) => {
            plan.dockerfile == *path && plan.build.context == *context && plan.build.target == *target
        }
        (Source::Dockerfile(_), None) => false,
        (Source::Image(name), _) => {
            let fits = |plan: &&Planned| plan.build.names.iter().any(|made| name.is_built_as(made));
            fits(&plan) && planned.iter().filter(fits).count() == 1
        }
    }
}

/// The Dockerfile without the defaults of the arguments that a build gives a value that is not told.
fn without_defaults<'d>(
    dockerfile: &'d Dockerfile,
    arguments: &[(String, Option<String>)],
) -> Cow<'d, Dockerfile> {
    let is_open = |name: &str| arguments.iter().any(|(given, value)| given == name && value.is_none());
    if arguments.iter().all(|(_, value)| value.is_some()) {
        return Cow::Borrowed(dockerfile);
    }
    let mut dockerfile = dockerfile.clone();
    for instruction in &mut dockerfile.instructions {
        if let Kind::Arg(pairs) = &mut instruction.kind {
            pairs.iter_mut().filter(|pair| is_open(&pair.key.value)).for_each(|pair| pair.value = None);
        }
    }
    Cow::Owned(dockerfile)
}

fn built(
    inventory: &Inventory<'_>,
    read: &ReadDockerfile,
    plan: &Planned,
    context: &Context<'_>,
) -> stages::Built {
    let dockerfile = without_defaults(&read.parsed.tree, &plan.build.arguments);
    let build = stages::Build {
        inventory,
        document: &read.document,
        dockerfile: &dockerfile,
        context,
        target: plan.build.target.as_deref(),
        arguments: &plan.build.arguments,
    };
    let mut built = build.run();
    for copied in built.copies.iter_mut().filter(|copied| copied.from.is_none()) {
        if let CopyStatus::Missing { generated, .. } | CopyStatus::NoMatch { generated, .. } =
            &mut copied.status
        {
            let path = source::join(&context.directory, &copied.source).unwrap_or_default();
            copied.made = plan.build.made.iter().any(|made| made_elsewhere::is_same(made, &path));
            *generated = plan.build.has_other_files
                || is_argument(&copied.written)
                || (is_output(&copied.source)
                    && (plan.build.has_output || made_elsewhere::is_project(inventory, &context.directory)))
                || made_elsewhere::is_fetched(inventory, &context.directory, &copied.source)
                || copied.made
                || git_ignore::is_ignored(inventory, &path);
        }
    }
    built
}

/// Whether a source is nothing but an argument of the build: who builds names what was made for it.
fn is_argument(written: &str) -> bool {
    let name = written.strip_prefix('$').map(|rest| rest.trim_start_matches('{').trim_end_matches('}'));
    name.is_some_and(|name| name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_'))
}

/// What is absent where nobody says with which context an image is built may be in another one; where COPY misses files
/// of the guessed one as well, it is another one.
fn graded(absent: Vec<MissingFile>, plan: &Planned, built: &stages::Built) -> Vec<MissingFile> {
    let is_missing = |copied: &crate::image::Copied| {
        copied.from.is_none() && matches!(copied.status, CopyStatus::Missing { .. })
    };
    let misses = || built.copies.iter().any(is_missing);
    if plan.context_is_certain {
        return absent;
    }
    if misses() {
        return Vec::new();
    }
    absent.into_iter().map(|file| MissingFile { is_alternative: true, ..file }).collect()
}

/// Whether builds write there, as its name says.
fn is_output(source: &str) -> bool {
    const FOLDERS: &[&str] = &["bin", "build", "dist", "out", "output", "public", "release", "target"];
    const ENDINGS: &[&str] = &[".jar", ".war", ".whl", ".tgz"];
    source.split('/').any(|folder| FOLDERS.contains(&folder) || folder.starts_with(".next"))
        || ENDINGS.iter().any(|ending| source.ends_with(ending))
}

fn image(
    inventory: &Inventory<'_>,
    read: &ReadDockerfile,
    plan: &Planned,
    context: &Context<'_>,
    built: stages::Built,
    (code, uses): (&Code, &[Use]),
) -> Image {
    let (entry, starts) = entry_points(inventory, context, read, plan, &built);
    let looks_in_tree = only_copies_bring(read, plan, &built.copies);
    let mut python = left_out(inventory, context, &built, &starts, (code, looks_in_tree));
    let site = unmet::Site { inventory, context, code, read, built: &built, made: &plan.build.made };
    let mut nowhere = nowhere::certain(&site, plan, (uses, std::mem::take(&mut python.nowhere)));
    let (mut left_out, mut loaded) = (python.left_out, python.loaded);
    let steps = commands::steps(read, plan, &built);
    left_out.extend(arguments::named_files(&site, plan, &steps));
    let mut jobs = javascript::jobs(inventory, context, code, &steps);
    jobs.extend(rust::jobs(inventory, context, code, &steps));
    let mut found = needed_by(inventory, context, read, &built.copies, jobs);
    left_out.extend(found.left_out);
    loaded.extend(found.loaded);
    nowhere.append(&mut found.nowhere);
    found.not_copied.extend(python.not_copied);
    found.not_copied.extend(alembic::not_copied(inventory, context, &steps, looks_in_tree));
    found.not_copied.retain(|absent| !(absent.phase == Phase::Start && is_mounted(plan, uses, &absent.path)));
    let is_there = |phase: Phase, path: &str| phase == Phase::Start && is_mounted(plan, uses, path);
    left_out.retain(|left| !is_there(left.phase, &left.path) && !commands::is_renamed_to(read, &left.path));
    let needs = needs(inventory, context, &built, loaded);
    let sets = set_at_start::set_at_start(inventory, plan, &built, &entry);
    let excluded_source = unfollowed::excluded_source(inventory, context, &built.copies);
    let held = held::held(inventory, context, &built, &needs);
    let unmet = unmet::unmet(&site, plan);
    let uninstalled = unmet::uninstalled(&site, plan);
    Image {
        dockerfile: Arc::clone(&read.document.path),
        context: context.directory.clone(),
        context_is_certain: plan.context_is_certain,
        context_is_unknown: plan.context_is_unknown,
        ignore_file: context.ignore_file(),
        builder: context.builder.name(),
        target: plan.build.target.clone(),
        line: line_of_stage(&read.parsed.tree, plan.build.target.as_deref()),
        built_by: plan.built_by.clone(),
        built_for: plan.built_for.iter().cloned().collect(),
        run_by: plan.run_by.iter().cloned().collect(),
        scope: Scope { service: plan.build.service.clone(), ..Scope::default() },
        whole_from: whole_from::whole_from(inventory, &context.directory, &built.copies),
        copies: built.copies,
        layout: built.layout,
        workdir: built.workdir,
        entry,
        needs,
        at_start: python.at_start.into_iter().map(Arc::from).collect(),
        sets,
        left_out,
        not_copied: found.not_copied,
        nowhere,
        unmet,
        uninstalled,
        excluded_source,
        held,
    }
}

/// Whether everybody who builds the image also mounts this path of the tree into its containers.
fn is_mounted(plan: &Planned, uses: &[Use], path: &str) -> bool {
    !plan.built_by.is_empty()
        && plan.built_by.iter().all(|by| {
            uses.iter().any(|used| {
                matches!(used.what, UseKind::Bind { .. })
                    && used.at.path == by.path
                    && source::is_within(path, &used.path)
            })
        })
}

fn line_of_stage(dockerfile: &Dockerfile, target: Option<&str>) -> u32 {
    let named = target.and_then(|name| dockerfile.stage(name)).and_then(|stage| dockerfile.stages.get(stage));
    named.or(dockerfile.stages.last()).map_or(1, |stage| stage.line)
}

/// The files that COPY names one by one, and those that the program may load.
fn needs(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    built: &stages::Built,
    loaded: Vec<String>,
) -> Vec<Arc<str>> {
    let from_context = built.copies.iter().filter(|copied| copied.from.is_none());
    let copied = from_context.filter_map(|copied| source::join(&context.directory, &copied.source));
    let files: BTreeSet<String> = copied.filter(|path| inventory.is_file(path)).chain(loaded).collect();
    files.into_iter().map(Arc::from).collect()
}
