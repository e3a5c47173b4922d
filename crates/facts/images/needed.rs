//! What the commands of an image need and do not find: files that the context leaves out, and that no COPY brings.

use std::collections::BTreeMap;
use std::sync::Arc;

use source::{directory_of, file_name};
use syntax::dockerfile::{Dockerfile, Kind};

use super::ReadDockerfile;
use super::absent::may_be_made;
use super::commands::Job;
use super::left_out::{keep_strongest, missing};
use super::nowhere::{self, Started};
use super::plan::Planned;
use crate::context::Context;
use crate::git_ignore;
use crate::image::{Copied, CopyStatus, LeftOut, NotCopied, Nowhere};
use crate::imports::javascript::is_generated;
use crate::imports::reached;
use crate::inventory::Inventory;

/// Commands that bring files to other places than COPY does.
const MOVERS: &[&str] =
    &["cp ", "mv ", "ln ", "rsync ", "tar ", "unzip ", "git clone", "turbo prune", "sed "];

/// What the commands of an image need.
#[derive(Default)]
pub(super) struct Needed {
    /// Modules that the context leaves out, by path.
    pub(super) left_out: Vec<LeftOut>,
    /// Files that no COPY brings, by path.
    pub(super) not_copied: Vec<NotCopied>,
    /// The files that they may load.
    pub(super) loaded: Vec<String>,
    /// Those that a Python program loads in any case when it starts.
    pub(super) at_start: Vec<String>,
    /// Modules that are imported and stand nowhere.
    pub(super) nowhere: Vec<Nowhere>,
}

/// What the jobs of an image need. Files that tools or its own instructions make are not missed.
pub(super) fn needed_by(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    read: &ReadDockerfile,
    copies: &[Copied],
    jobs: Vec<Job<'_>>,
) -> Needed {
    let generates = runs_a_generator(read);
    let is_made_anew = |path: &str| {
        (generates && is_generated(path))
            || path.ends_with(".d.ts")
            || git_ignore::is_ignored(inventory, path)
            || may_be_made(read, telling_name(path))
    };
    let is_told = !copies.iter().any(|copied| copied.from.is_none() && copied.status == CopyStatus::Unknown)
        && !moves_files(read);
    let is_certain = starts_from_official_images(&read.parsed.tree);
    let mut needed = Needed::default();
    let mut left_out: BTreeMap<String, LeftOut> = BTreeMap::new();
    let mut not_copied: BTreeMap<String, NotCopied> = BTreeMap::new();
    for job in jobs {
        let all = reached(&*job.program, inventory);
        if is_told && is_certain {
            let (language, phase) = (job.language, job.phase);
            let started = Started { language, phase, command: &job.command, links: &job.links, main: None };
            needed.nowhere.extend(nowhere::of_program(inventory, context, &*job.program, &all, &started));
        }
        for mut reached in all {
            reached.chain = job.links.iter().cloned().chain(std::mem::take(&mut reached.chain)).collect();
            if reached.is_copied {
                if let Some(left) = missing(inventory, context, &reached, true)
                    && !is_made_anew(&left.path)
                {
                    let command = Some(job.command.clone());
                    let left = LeftOut { language: job.language, phase: job.phase, command, ..left };
                    keep_strongest(&mut left_out, left);
                }
                needed.loaded.push(reached.path);
            } else if is_told && !is_made_anew(&reached.path) {
                let absent = NotCopied {
                    path: Arc::from(reached.path.as_str()),
                    language: job.language,
                    phase: job.phase,
                    command: job.command.clone(),
                    how: reached.how,
                    chain: reached.chain,
                    is_certain,
                };
                let known = not_copied.entry(reached.path).or_insert_with(|| absent.clone());
                if absent.how < known.how {
                    *known = absent;
                }
            }
        }
    }
    needed.left_out = left_out.into_values().collect();
    needed.not_copied = not_copied.into_values().collect();
    needed
}

/// Whether a command of the Dockerfile may write what is named as generated.
fn runs_a_generator(read: &ReadDockerfile) -> bool {
    const WORDS: &[&str] =
        &["build", "codegen", "compile", "generate", "gen ", "make", "prisma", "proto", "tsc", "run "];
    let mut runs = read.parsed.tree.instructions.iter();
    runs.any(|instruction| {
        let may_run = matches!(instruction.kind, Kind::Run(_) | Kind::Onbuild(_));
        let text = read.document.slice(instruction.span);
        let words = text.get(4..).unwrap_or("");
        may_run && WORDS.iter().any(|word| words.contains(word))
    })
}

/// A file's name; that of its folder where many files have the same.
fn telling_name(path: &str) -> &str {
    let name = file_name(path);
    let is_common = matches!(name, "Cargo.toml" | "mod.rs" | "lib.rs" | "main.rs" | "package.json")
        || name.starts_with("index.");
    let folder = file_name(directory_of(path));
    if is_common && !folder.is_empty() { folder } else { name }
}

/// Whether an instruction may bring files to where COPY does not.
fn moves_files(read: &ReadDockerfile) -> bool {
    let runs = read.parsed.tree.instructions.iter();
    let mut runs = runs.filter(|instruction| matches!(instruction.kind, Kind::Run(_) | Kind::Onbuild(_)));
    runs.any(|instruction| {
        let written = read.document.slice(instruction.span);
        MOVERS.iter().any(|mover| {
            written.match_indices(mover).any(|(at, _)| {
                let before = written.get(..at).and_then(|before| before.chars().next_back());
                before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '-')
            })
        })
    })
}

/// Words of commands that put a package of the repository, or code that they generate, to where modules are found.
const INSTALLERS: &[&str] = &[
    "install .",
    "install /",
    "install \".",
    "install -e",
    "install --editable",
    ".whl",
    "setup.py",
    "--no-editable",
    "poetry build",
    "uv build",
    "-m build",
    "protoc",
    "grpc_tools",
];

/// Whether the text of a RUN installs a package of the repository, or makes modules.
pub(super) fn installs(written: &str) -> bool {
    INSTALLERS.iter().any(|words| written.contains(words))
}

/// Whether Python finds the modules of the repository only where COPY has put them: no command moves or installs any,
/// and the image is built on one that brings none.
pub(super) fn only_copies_bring(read: &ReadDockerfile, plan: &Planned, copies: &[Copied]) -> bool {
    let dockerfile = &read.parsed.tree;
    let is_told = |copied: &Copied| match &copied.from {
        None => copied.status != CopyStatus::Unknown,
        Some(from) => dockerfile.stage(&from.name).is_some() || copied.destination.starts_with("/bin"),
    };
    let installs = dockerfile.instructions.iter().any(|instruction| {
        let written = read.document.slice(instruction.span);
        matches!(instruction.kind, Kind::Run(_) | Kind::Onbuild(_)) && installs(written)
    });
    let target = plan.build.target.as_deref().and_then(|name| dockerfile.stage(name));
    let last = target.or(dockerfile.stages.len().checked_sub(1));
    copies.iter().all(is_told)
        && !installs
        && !moves_files(read)
        && last.is_some_and(|stage| is_built_on_official_image(dockerfile, stage))
}

/// Whether a stage, or the one that it starts from, starts from an official image.
fn is_built_on_official_image(dockerfile: &Dockerfile, stage: usize) -> bool {
    let mut at = stage;
    while let Some(stage) = dockerfile.stages.get(at) {
        let base = stage.base.value.as_str();
        match dockerfile.stage(base).filter(|earlier| *earlier < at) {
            Some(earlier) => at = earlier,
            None => return is_official(base.split([':', '@']).next().unwrap_or(base)),
        }
    }
    false
}

fn is_official(image: &str) -> bool {
    let name = image.strip_prefix("docker.io/").unwrap_or(image);
    let name = name.strip_prefix("library/").unwrap_or(name);
    !name.contains(['/', '$'])
}

/// Whether every stage starts from an official image or from nothing: one of somebody's own may bring files.
fn starts_from_official_images(dockerfile: &Dockerfile) -> bool {
    dockerfile.stages.iter().all(|stage| is_official(&stage.base.value))
}
