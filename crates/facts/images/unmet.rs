//! RUN instructions and containers that cannot succeed: the file, the script or the program that they need is not there.

mod cargo_programs;
mod dev_dependencies;
mod misplaced_start;
mod needed_files;
mod programs;
mod python_programs;
mod requirements;
mod unpacked;
mod yarn_members;

use std::collections::HashMap;

use source::file_name;
use syntax::dockerfile::scope::stage_chain;
use syntax::dockerfile::{Command as Form, Kind};
use syntax::shell::{self, Block, BlockKind, Command, OperatorBefore, Script};

use self::dev_dependencies::Installs;
pub(super) use self::programs::may_be_brought;
pub(super) use self::python_programs::may_be_installed;
use super::ReadDockerfile;
use super::commands::{decisive, run_scripts, written};
use super::known_programs::is_harmless;
use super::plan::Planned;
use crate::code::Code;
use crate::context::Context;
use crate::image::{CopyStatus, Lack, Phase, Uninstalled, UnmetRun};
use crate::inventory::Inventory;
use crate::stages::{Built, Run};

/// What the RUN instructions of a build are looked at with.
pub(super) struct Site<'s> {
    pub(super) inventory: &'s Inventory<'s>,
    pub(super) context: &'s Context<'s>,
    pub(super) code: &'s Code,
    pub(super) read: &'s ReadDockerfile,
    pub(super) built: &'s Built,
    /// What is made in the tree before the image is built.
    pub(super) made: &'s [String],
}

/// The programs of Python packages that the container starts and nothing installs; none where nothing is known of the
/// context.
pub(super) fn uninstalled(site: &Site<'_>, plan: &Planned) -> Vec<Uninstalled> {
    if is_uncertain(plan) { Vec::new() } else { python_programs::uninstalled(site, plan) }
}

/// Whether nothing is known of the context.
fn is_uncertain(plan: &Planned) -> bool {
    !plan.context_is_certain || plan.context_is_unknown || plan.build.has_other_files
}

/// The commands that lack something; none where nothing is known of the context.
pub(super) fn unmet(site: &Site<'_>, plan: &Planned) -> Vec<UnmetRun> {
    if is_uncertain(plan) {
        return Vec::new();
    }
    let runs: Vec<(&Run, Vec<(Command, String)>)> =
        site.built.runs.iter().map(|run| (run, certain(run))).collect();
    let mut found = Vec::new();
    // What each stage has installed so far.
    let mut stages: HashMap<usize, Installs> = HashMap::new();
    for (run, commands) in &runs {
        let so_far = run.lineage.iter().find_map(|stage| stages.get(stage)).cloned().unwrap_or_default();
        let mut installs = so_far.clone();
        for (command, directory) in commands.iter().filter(|(command, _)| is_unconditional(command)) {
            let lacks = needed_files::lacking(site, run, command, directory)
                .or_else(|| programs::lacking(site, plan, run, command, directory))
                .or_else(|| yarn_members::lacking(site, run, command, directory))
                .or_else(|| cargo_programs::lacking(site, run, command, directory))
                .or_else(|| installs.lacking(site, run, command, directory));
            found.extend(lacks.map(|lacks| unmet_run(command, run, lacks, Phase::Build)));
            installs.command(run, command, directory);
        }
        if let Some(stage) = run.lineage.first() {
            let mut after = so_far;
            after.follow(run, commands);
            stages.insert(*stage, after);
        }
    }
    // Who builds may start something else.
    if let Some(start) = start(site, plan).filter(|_| plan.build.command.is_none()) {
        let installs = start.lineage.iter().find_map(|stage| stages.get(stage)).cloned().unwrap_or_default();
        found.extend(misplaced_start::misplaced(site, plan, &start));
        let commands = decisive(&shell::commands_of_words(&site.built.start), &start.workdir);
        for (command, directory) in &commands {
            let lacks = installs.lacking(site, &start, command, directory);
            found.extend(lacks.map(|lacks| unmet_run(command, &start, lacks, Phase::Start)));
        }
    }
    found
}

/// What starts the container, as if it were the last RUN of the stage that is built.
fn start(site: &Site<'_>, plan: &Planned) -> Option<Run> {
    let dockerfile = &site.read.parsed.tree;
    let named = plan.build.target.as_deref().and_then(|name| dockerfile.stage(name));
    let stage = named.or(dockerfile.stages.len().checked_sub(1))?;
    let last = site.built.start.last()?;
    Some(Run {
        at: site.read.document.place(last.span),
        command: Form::Exec(site.built.start.clone()),
        scripts: Vec::new(),
        workdir: site.built.workdir.clone(),
        layout: site.built.layout.clone(),
        lineage: stage_chain(dockerfile, stage, &|_| None),
        is_production: false,
    })
}

fn unmet_run(command: &Command, run: &Run, lacks: Lack, phase: Phase) -> UnmetRun {
    UnmetRun { command: written(command), at: run.at.clone(), phase, lacks }
}

/// The commands of a RUN over which no branch and no loop decides, up to the end of a subshell that changed its
/// directory: those behind it are back in the one before.
fn certain_commands(run: &Run) -> Vec<Command> {
    let outside = |mut script: Script| -> Vec<Command> {
        let changes = |block: &&Block| {
            let moves = |command: &Command| matches!(command.name(), Some("cd" | "pushd"));
            let is_inside =
                |command: &&Command| (block.span.start..block.span.end).contains(&command.span.start);
            block.kind == BlockKind::Subshell && script.commands.iter().filter(is_inside).any(moves)
        };
        let end = script.blocks.iter().filter(changes).map(|block| block.span.end).min();
        script.commands.retain(|command| end.is_none_or(|end| command.span.start < end));
        let decides = |block: &&Block| !matches!(block.kind, BlockKind::Group | BlockKind::Subshell);
        let spans: Vec<_> = script.blocks.iter().filter(decides).map(|block| block.span).collect();
        let is_inside =
            |command: &Command| spans.iter().any(|span| (span.start..span.end).contains(&command.span.start));
        script.commands.into_iter().filter(|command| !is_inside(command)).collect()
    };
    run_scripts(run).into_iter().flat_map(outside).collect()
}

/// The commands of a RUN that decide over it and that nothing decides over but what stops the build, with the directory
/// in which each runs.
fn certain(run: &Run) -> Vec<(Command, String)> {
    decisive(&certain_commands(run), &run.workdir)
}

/// Those of them that run in any case.
pub(super) fn unconditional(run: &Run) -> Vec<(Command, String)> {
    certain(run).into_iter().filter(|(command, _)| is_unconditional(command)).collect()
}

/// Whether nothing that may fail decides over the command.
fn is_unconditional(command: &Command) -> bool {
    let is_go = command.name() == Some("go");
    command.operator_before != OperatorBefore::Or && (command.assignments.is_empty() || is_go)
}

/// Whether the stage of a RUN may hold more than what COPY brings from the tree, so that a file with one of these names
/// may be there all the same.
fn may_hold_more(site: &Site<'_>, run: &Run, names: &[&str]) -> bool {
    let dockerfile = &site.read.parsed.tree;
    let text = |span| site.read.document.slice(span);
    let before = dockerfile.instructions.iter().filter(|instruction| {
        let in_lineage = instruction.stage.is_some_and(|stage| run.lineage.contains(&stage));
        in_lineage && instruction.span.start < run.at.span.start
    });
    let brings_more = before.into_iter().any(|instruction| match &instruction.kind {
        Kind::From { base, .. } => !is_plain_image(&base.value) && dockerfile.stage(&base.value).is_none(),
        Kind::Copy { from, .. } => from.is_some() || !instruction.heredocs.is_empty(),
        Kind::Add { .. } | Kind::Onbuild(_) | Kind::Unknown => true,
        Kind::Run(Form::Shell(run)) if instruction.heredocs.is_empty() => may_have_made(&run.value, names),
        Kind::Run(_) => true,
        _ => false,
    });
    let of_mount = text(run.at.span).contains("--mount=") && text(run.at.span).contains("from=");
    brings_more || of_mount || may_make(text(run.at.span), &[]) || has_unknown_copies(site, run)
}

/// Whether what a COPY takes before the RUN is not known, or is missing, which another rule tells.
fn has_unknown_copies(site: &Site<'_>, run: &Run) -> bool {
    let before = site.built.copies.iter().filter(|copied| copied.at.span.start < run.at.span.start);
    before.into_iter().any(|copied| match &copied.status {
        CopyStatus::Present => false,
        CopyStatus::NoMatch { generated, .. } => *generated,
        _ => true,
    })
}

/// Whether a RUN before may have made files: it runs something else than what is known to make none.
fn may_have_made(text: &str, names: &[&str]) -> bool {
    let makes_none = |command: &Command| {
        let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
        match words.as_slice() {
            [] | ["npm", "ci" | "cache" | "config", ..] | ["npm", "install" | "i", "-g", ..] => true,
            ["python" | "python3", "-m", "pip", "install", ..] => true,
            ["go", "mod", "download" | "verify"] | ["go", "env" | "install" | "build", ..] => true,
            ["corepack" | "gem" | "pip" | "pip3", ..] => true,
            [name, ..] => is_harmless(name),
        }
    };
    let commands = shell::parse_run(text).tree.commands;
    let all_harmless = commands.iter().flat_map(shell::exec_prefix_stripped).all(|one| makes_none(&one));
    may_make(text, names) || !all_harmless
}

/// Whether the text of a RUN fetches, unpacks or makes files, or names one of these.
fn may_make(text: &str, names: &[&str]) -> bool {
    const MAKERS: &[&str] = &[
        " cp ",
        " init",
        " ln ",
        " mv ",
        ".py",
        ".sh",
        ">",
        "aria2",
        "clone",
        "compile",
        "create",
        "curl",
        "export",
        "extract",
        "freeze",
        "generate",
        "go run",
        "import",
        "lock",
        "make ",
        "new ",
        "npm install",
        "npm pkg",
        "sed ",
        "svn ",
        "tar ",
        "tee ",
        "unzip",
        "wget",
    ];
    let mut words = text.split_whitespace().map(file_name);
    MAKERS.iter().any(|maker| text.contains(maker)) || words.any(|word| names.contains(&word))
}

/// Whether an image is one of an operating system or a language, which has no files of a project.
pub(super) fn is_plain_image(name: &str) -> bool {
    const PLAIN: &[&str] = &[
        "alpine",
        "amazoncorretto",
        "busybox",
        "composer",
        "debian",
        "eclipse-temurin",
        "fedora",
        "golang",
        "gradle",
        "maven",
        "node",
        "openjdk",
        "php",
        "python",
        "ruby",
        "rust",
        "ubuntu",
    ];
    let name = name.trim_start_matches("docker.io/").trim_start_matches("library/");
    let (name, tag) = name.split_once([':', '@']).unwrap_or((name, ""));
    PLAIN.contains(&name) && !tag.contains("onbuild")
}
