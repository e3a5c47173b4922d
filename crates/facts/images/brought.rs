//! Whether the folders that an image takes from the tree hold what the tree has there, and nothing else.

use source::{FileKind, file_name};
use syntax::dockerfile::scope::stage_chain;
use syntax::dockerfile::{Command as Form, Dockerfile, Instruction, Kind};
use syntax::shell::{self, Command};

use super::ReadDockerfile;
use super::absent::names;
use super::entry::in_container;
use super::known_programs::{Leaves, leaves};
use super::plan::Planned;
use super::unmet::is_plain_image;
use crate::image::{Copied, CopyStatus};
use crate::inventory::Inventory;
use crate::record::Document;
use crate::stages::Built;

/// Destinations of programs that are taken from other images: no folder of a project.
const OF_SYSTEM: &[&str] = &["/bin", "/etc", "/lib", "/opt", "/root", "/sbin", "/usr"];

/// Scripts that are followed from the start of a container.
const MAX_SCRIPTS: usize = 20;

/// What is asked: the tree, the Dockerfile, and what a build of it holds.
#[derive(Clone, Copy)]
struct Site<'s> {
    inventory: &'s Inventory<'s>,
    read: &'s ReadDockerfile,
    built: &'s Built,
}

/// Whether nothing but COPY brings files to where those of the tree lie: the images that the stages start from hold no
/// files of a project, and no command fetches, unpacks, moves or makes any that it does not name.
pub(super) fn is_tree_alone(
    inventory: &Inventory<'_>,
    read: &ReadDockerfile,
    plan: &Planned,
    built: &Built,
) -> bool {
    let dockerfile = &read.parsed.tree;
    let site = Site { inventory, read, built };
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
        && built.copies.iter().all(is_told)
        && !dockerfile.instructions.iter().any(|instruction| brings_files(site, instruction))
}

/// Whether a stage, or the one that it starts from in the end, starts from an image of a system or a language.
fn is_of_system(dockerfile: &Dockerfile, stage: usize) -> bool {
    let root = stage_chain(dockerfile, stage, &|_| None).last().copied();
    let base = root.and_then(|root| dockerfile.stages.get(root));
    base.is_some_and(|base| is_plain_image(&base.base.value) || base.base.value.contains("distroless"))
}

fn brings_files(site: Site<'_>, instruction: &Instruction) -> bool {
    match &instruction.kind {
        Kind::Add { .. } | Kind::Onbuild(_) | Kind::Unknown => true,
        Kind::Run(_) => match commands(instruction) {
            Some(commands) => commands.iter().any(|command| may_bring(site, instruction, command)),
            None => true,
        },
        _ => site.read.document.slice(instruction.span).contains("--parents"),
    }
}

/// The commands of a RUN as they run in the end; `None` for texts that stand elsewhere.
fn commands(instruction: &Instruction) -> Option<Vec<Command>> {
    let commands = match &instruction.kind {
        Kind::Run(Form::Shell(text)) => {
            shell::parse_run(&text.value).tree.commands.iter().flat_map(shell::exec_prefix_stripped).collect()
        }
        Kind::Run(Form::Exec(words)) => shell::commands_of_words(words),
        _ => return None,
    };
    instruction.heredocs.is_empty().then_some(commands)
}

/// Whether a command brings files whose names it does not tell. Scripts of the tree are asked for theirs.
fn may_bring(site: Site<'_>, instruction: &Instruction, command: &Command) -> bool {
    let Some(name) = command.name().map(file_name) else { return !command.words.is_empty() };
    let last = command.words.last().map_or("", |word| word.text.as_str());
    let is_of_system = OF_SYSTEM.iter().any(|folder| last.starts_with(folder));
    if matches!(name, "cp" | "mv" | "ln" | "install") {
        return !is_of_system && (!file_name(last).contains('.') || last.ends_with('.'));
    }
    match leaves(command) {
        Leaves::Nothing | Leaves::Programs => false,
        // One that is not in its folder of the tree stops the build, unless a RUN builds it.
        Leaves::OfScript(script) => {
            script_of_run(site, instruction, &script.text).is_none()
                && (builds_programs(site.read) || !is_beside_the_tree(site, instruction, &script.text))
        }
        Leaves::Anything => true,
    }
}

/// The file of the tree that a word of a RUN means, from its folder or the last one of the image.
fn script_of_run(site: Site<'_>, instruction: &Instruction, word: &str) -> Option<String> {
    let built = site.built;
    let run = built.runs.iter().find(|run| run.at.span.start == instruction.span.start);
    let of_run = run.and_then(|run| run.layout.find(site.inventory, &in_container(word, &run.workdir)));
    let found = of_run.or_else(|| built.layout.find(site.inventory, &in_container(word, &built.workdir)));
    found.filter(|path| site.inventory.is_file(path))
}

/// Whether the folder that a word of a RUN names comes from the tree.
fn is_beside_the_tree(site: Site<'_>, instruction: &Instruction, word: &str) -> bool {
    let run = site.built.runs.iter().find(|run| run.at.span.start == instruction.span.start);
    run.is_some_and(|run| {
        let container = in_container(word, &run.workdir);
        run.layout.find(site.inventory, source::directory_of(&container)).is_some()
    })
}

/// Whether a RUN builds programs, whose names its text may not tell.
pub(super) fn builds_programs(read: &ReadDockerfile) -> bool {
    let runs = read.parsed.tree.instructions.iter().filter_map(commands);
    runs.flatten().any(|command| leaves(&command) == Leaves::Programs)
}

/// Whether a script that the start script of the container runs writes a file of this name.
pub(super) fn is_named_at_start(inventory: &Inventory<'_>, built: &Built, name: &str) -> bool {
    let held = |word: &str| {
        let path = built.layout.find(inventory, &in_container(word, &built.workdir));
        path.filter(|path| inventory.is_file(path))
    };
    let words = built.start.iter().flat_map(|word| word.value.split_whitespace());
    let mut open: Vec<String> = words.filter_map(held).collect();
    let mut seen: Vec<String> = Vec::new();
    while let Some(path) = open.pop().filter(|_| seen.len() < MAX_SCRIPTS) {
        let Ok(document) = Document::read(inventory.tree(), &path) else { continue };
        if names(&document.text, name) {
            return true;
        }
        if FileKind::of(&path) != FileKind::Python {
            let commands = shell::parse(&document.text).tree.commands;
            let named = commands.iter().flat_map(|command| &command.words);
            open.extend(named.filter_map(|word| held(&word.text)).filter(|path| !seen.contains(path)));
        }
        seen.push(path);
    }
    false
}

/// Whether a script of the tree that a RUN starts speaks of a file, which it may make.
pub(super) fn is_named_by_script(
    inventory: &Inventory<'_>,
    read: &ReadDockerfile,
    built: &Built,
    name: &str,
) -> bool {
    let site = Site { inventory, read, built };
    read.parsed.tree.instructions.iter().any(|instruction| {
        let commands = match &instruction.kind {
            Kind::Run(Form::Shell(text)) => shell::parse_run(&text.value).tree.commands,
            Kind::Run(Form::Exec(words)) => shell::commands_of_words(words),
            _ => return false,
        };
        let words = commands.iter().flat_map(|command| command.words.iter());
        words.filter(|word| word.text.contains(['/', '.'])).any(|word| {
            let path = script_of_run(site, instruction, &word.text);
            let text = path.and_then(|path| Document::read(inventory.tree(), &path).ok());
            text.is_some_and(|document| names(&document.text, name))
        })
    })
}
