//! Whether the folders that an image takes from the tree hold what the tree has there, and nothing else.

use source::file_name;
use syntax::dockerfile::scope::stage_chain;
use syntax::dockerfile::{Command as Form, Dockerfile, Instruction, Kind};
use syntax::shell::{self, Command};

use super::ReadDockerfile;
use super::absent::names;
use super::entry::in_container;
use super::plan::Planned;
use super::unmet::is_plain_image;
use crate::image::{Copied, CopyStatus};
use crate::inventory::Inventory;
use crate::record::Document;
use crate::stages::Built;

/// Destinations of programs that are taken from other images: no folder of a project.
const OF_SYSTEM: &[&str] = &["/bin", "/etc", "/lib", "/opt", "/root", "/sbin", "/usr"];

/// Whether nothing but COPY brings files to where those of the tree lie: the images that the stages start from hold no
/// files of a project, and no command fetches, unpacks, moves or builds any.
pub(super) fn is_tree_alone(read: &ReadDockerfile, plan: &Planned, copies: &[Copied]) -> bool {
    let dockerfile = &read.parsed.tree;
    let is_told = |copied: &Copied| match &copied.from {
        None => matches!(copied.status, CopyStatus::Present | CopyStatus::Excluded { .. }),
        Some(from) => {
            let stage = dockerfile.stage(&from.name);
            stage.is_some_and(|stage| is_of_system(dockerfile, stage))
                || OF_SYSTEM.iter().any(|folder| copied.destination.starts_with(folder))
        }
    };
    let named = plan.build.target.as_deref().and_then(|name| dockerfile.stage(name));
    let last = named.or(dockerfile.stages.len().checked_sub(1));
    last.is_some_and(|stage| is_of_system(dockerfile, stage))
        && !plan.build.has_other_files
        && plan.build.contexts.is_empty()
        && copies.iter().all(is_told)
        && !dockerfile.instructions.iter().any(|instruction| brings_files(read, instruction))
}

/// Whether a stage, or the one that it starts from in the end, starts from an image of a system or a language.
fn is_of_system(dockerfile: &Dockerfile, stage: usize) -> bool {
    let root = stage_chain(dockerfile, stage, &|_| None).last().copied();
    let base = root.and_then(|root| dockerfile.stages.get(root));
    base.is_some_and(|base| is_plain_image(&base.base.value) || base.base.value.contains("distroless"))
}

fn brings_files(read: &ReadDockerfile, instruction: &Instruction) -> bool {
    match &instruction.kind {
        Kind::Add { .. } | Kind::Onbuild(_) | Kind::Unknown => true,
        Kind::Run(Form::Shell(text)) if instruction.heredocs.is_empty() => {
            let commands = shell::parse_run(&text.value).tree.commands;
            commands.iter().flat_map(shell::exec_prefix_stripped).any(|command| may_bring(&command))
        }
        Kind::Run(Form::Shell(_)) => true,
        Kind::Run(Form::Exec(words)) => shell::commands_of_words(words).iter().any(may_bring),
        _ => read.document.slice(instruction.span).contains("--parents"),
    }
}

/// Whether a command brings files whose names it does not tell.
fn may_bring(command: &Command) -> bool {
    const BRINGERS: &[&str] = &[
        "bazel", "bsdtar", "cmake", "cpio", "gunzip", "hg", "make", "ninja", "patch", "rsync", "svn", "tar",
        "turbo", "unzip", "wget", "xargs", "7z",
    ];
    let Some(name) = command.name().map(file_name) else { return false };
    let last = command.words.last().map_or("", |word| word.text.as_str());
    let second = command.words.get(1).map_or("", |word| word.text.as_str());
    let is_of_system = OF_SYSTEM.iter().any(|folder| last.starts_with(folder));
    match name {
        "cp" | "mv" | "ln" | "install" => {
            !is_of_system && (!file_name(last).contains('.') || last.ends_with('.'))
        }
        "git" => second != "config",
        _ => BRINGERS.contains(&name),
    }
}

/// Whether a script of the tree that a RUN starts speaks of a file, which it may make.
pub(super) fn is_named_by_script(
    inventory: &Inventory<'_>,
    read: &ReadDockerfile,
    built: &Built,
    name: &str,
) -> bool {
    read.parsed.tree.instructions.iter().any(|instruction| {
        let Kind::Run(form) = &instruction.kind else { return false };
        let commands = match form {
            Form::Shell(text) => shell::parse_run(&text.value).tree.commands,
            Form::Exec(words) => shell::commands_of_words(words),
        };
        let words = commands.iter().flat_map(|command| command.words.iter());
        words.filter(|word| word.text.contains(['/', '.'])).any(|word| {
            let container = in_container(&word.text, &built.workdir);
            let path = built.layout.find(inventory, &container).filter(|path| inventory.is_file(path));
            let text = path.and_then(|path| Document::read(inventory.tree(), &path).ok());
            text.is_some_and(|document| names(&document.text, name))
        })
    })
}
