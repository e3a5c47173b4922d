//! A container that starts a program by a relative path, as if it began at the root: `./usr/local/bin/run` in `/app`.

use source::{directory_of, file_name, join};
use syntax::dockerfile::{Command as Form, Instruction, Kind};
use syntax::shell::{self, Command};

use super::super::absent::names;
use super::super::entry::{in_container, is_without_entrypoint};
use super::super::plan::Planned;
use super::Site;
use crate::image::{Lack, LackingFile, Phase, UnmetRun};
use crate::stages::Run;

/// Folders of a system, which no program has below its own.
const OF_THE_SYSTEM: &[&str] = &["etc", "home", "opt", "root", "srv", "usr", "var"];

/// Programs that leave a file where it is.
const HARMLESS: &[&str] = &["[", "chmod", "chown", "dos2unix", "ls", "sed", "stat", "test"];

/// The program that starts the container where it lies at the root by the same path, and not in the working directory.
pub(super) fn misplaced(site: &Site<'_>, plan: &Planned, start: &Run) -> Option<UnmetRun> {
    let first = site.built.start.first()?;
    let is_executed = site.built.has_entrypoint || is_without_entrypoint(site.read, plan);
    let path = first.value.strip_prefix("./").unwrap_or(&first.value);
    let top = path.split_once('/').map(|(top, _)| top).filter(|top| OF_THE_SYSTEM.contains(top))?;
    let workdir = site.built.workdir.as_str();
    let is_plain = is_executed && !path.contains(['$', ' ']) && !workdir.contains('$');
    let container = in_container(path, workdir);
    let may_be_there = workdir.is_empty()
        || start.layout.find(site.inventory, &container).is_some()
        || start.layout.find(site.inventory, &in_container(top, workdir)).is_some()
        || may_be_moved(site, start, file_name(path));
    let lies_at_root = start.layout.find(site.inventory, path).is_some() || is_copied(site, start, path);
    (is_plain && !may_be_there && lies_at_root).then(|| UnmetRun {
        command: first.value.clone(),
        at: site.read.document.place(first.span),
        phase: Phase::Start,
        lacks: Lack::File(LackingFile {
            names: vec![first.value.clone()],
            directory: format!("/{workdir}"),
            brought_by: None,
            excluded_by: None,
            lies_at: Some(format!("/{path}")),
        }),
    })
}

/// The instructions of the stage that is built, and of those that it is built on.
fn of_stage<'s>(site: &'s Site<'_>, start: &'s Run) -> impl Iterator<Item = &'s Instruction> {
    let instructions = site.read.parsed.tree.instructions.iter();
    instructions.filter(|one| one.stage.is_some_and(|stage| start.lineage.contains(&stage)))
}

/// Whether a COPY of the stage puts a file at this path of the container.
fn is_copied(site: &Site<'_>, start: &Run, path: &str) -> bool {
    of_stage(site, start).any(|instruction| match &instruction.kind {
        Kind::Copy { sources, destination, .. } => {
            let to = destination.value.as_str();
            let is_below = |source: &str| join(to, file_name(source)).is_some_and(|below| below == path);
            let is_file = join("", to).is_some_and(|to| to == path);
            let is_folder = to.ends_with('/') || directory_of(path) == to.trim_matches('/');
            to.starts_with('/')
                && (is_file || is_folder && sources.iter().any(|source| is_below(source.value.as_str())))
        }
        _ => false,
    })
}

/// Whether a RUN names the file otherwise than to change its rights or its text.
fn may_be_moved(site: &Site<'_>, start: &Run, name: &str) -> bool {
    let moves = |command: &Command| {
        let names_it = command.words.iter().any(|word| names(&word.text, name));
        names_it && !command.name().is_some_and(|program| HARMLESS.contains(&file_name(program)))
    };
    of_stage(site, start).any(|instruction| match &instruction.kind {
        Kind::Run(Form::Shell(text)) => {
            let script = shell::parse_run(&text.value).tree;
            !instruction.heredocs.is_empty() && names(site.read.document.slice(instruction.span), name)
                || script.commands.iter().any(moves)
        }
        Kind::Run(Form::Exec(words)) => words.iter().any(|word| names(&word.value, name)),
        _ => false,
    })
}
