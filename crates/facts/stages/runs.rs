//! RUN instructions that build code, and the files that are there when they run.

use source::EntryKind;
use syntax::dockerfile::scope::Scope;
use syntax::dockerfile::{Command, Instruction, Kind};

use super::{Build, Stage, container_path, in_context};
use crate::layout::Layout;

/// A RUN instruction.
#[derive(Debug)]
pub(crate) struct Run {
    /// The instruction.
    pub at: source::Place,
    /// What is run.
    pub command: Command,
    /// The texts of its here-documents, where it runs those.
    pub scripts: Vec<String>,
    /// Its working directory, absolute without the first `/`.
    pub workdir: String,
    /// The files of its stage that come from the context so far.
    pub layout: Layout,
    /// Its stage and those that this one is built on, by number.
    pub lineage: Vec<usize>,
    /// Whether an `ENV` has set `NODE_ENV=production`.
    pub is_production: bool,
}

/// Programs that build code, package managers, and what the paths of programs hold.
const BUILDERS: &[&str] = &[
    "npm",
    "pnpm",
    "yarn",
    "bun",
    "npx",
    "node",
    "tsx",
    "next",
    "vite",
    "tsc",
    "nest",
    "turbo",
    "react-scripts",
    "craco",
    "esbuild",
    "tsup",
    "ncc",
    "ts-node",
    "cargo",
    "pip",
    "poetry",
    "uv ",
    "go build",
    "go install",
    "go mod",
    "go run",
    "go test",
    "bundle",
    "composer",
    "./",
    ".sh",
    "bin/",
    "python",
];

impl Build<'_> {
    /// `turbo prune` lays the packages that one needs into `out/full`: parts of what lies in the working directory.
    pub(super) fn prune(&self, instruction: &Instruction, stage: &mut Stage) {
        if matches!(instruction.kind, Kind::Run(_))
            && self.document.slice(instruction.span).contains("turbo prune")
            && let Some(source) = stage.layout.find(self.inventory, &stage.workdir)
        {
            stage.layout.add_directory(&container_path("out/full", &stage.workdir), &source);
        }
    }

    /// A RUN instruction that names a program of the tree, one which builds code, or the file that tells npm's what to do.
    pub(super) fn run_of(
        &self,
        instruction: &Instruction,
        scope: &Scope,
        stage: &Stage,
        lineage: Vec<usize>,
    ) -> Option<Run> {
        let Kind::Run(command) = &instruction.kind else { return None };
        let written = self.document.slice(instruction.span);
        if !BUILDERS.iter().any(|builder| written.contains(builder)) && !written.contains("package.json") {
            return None;
        }
        let mut layout = stage.layout.clone();
        for flag in instruction.flags.iter().filter(|flag| flag.name.value == "mount") {
            let value = flag.value.as_ref().map_or("", |value| &value.value);
            self.mount(value, &stage.workdir, scope, &mut layout);
        }
        let is_script = matches!(command, Command::Shell(text) if text.value.starts_with("<<"));
        let scripts = instruction.heredocs.iter().filter(|_| is_script);
        Some(Run {
            at: self.document.place(instruction.span),
            command: command.clone(),
            scripts: scripts.map(|heredoc| heredoc.content.clone()).collect(),
            workdir: stage.workdir.clone(),
            layout,
            lineage,
            is_production: scope.environment().any(|(name, variable)| {
                name == "NODE_ENV" && variable.value.as_deref() == Some("production")
            }),
        })
    }

    /// `type=bind,source=src,target=/app/src`: files of the context that are there while the instruction runs.
    fn mount(&self, value: &str, workdir: &str, scope: &Scope, layout: &mut Layout) {
        let part = |names: &[&str]| {
            let mut parts = value.split(',').filter_map(|part| part.split_once('='));
            parts.find(|(name, _)| names.contains(name)).map(|(_, value)| value)
        };
        if part(&["type"]).is_some_and(|kind| kind != "bind") || part(&["from"]).is_some() {
            return;
        }
        let expand = |text: &str| scope.expand(text).ok().map(|expanded| expanded.text);
        let source = expand(part(&["source", "src"]).unwrap_or(""));
        let target = part(&["target", "dst", "destination"]).and_then(expand);
        let (Some(source), Some(target)) = (source, target) else { return };
        let (path, into) = (self.in_tree(&in_context(&source)), container_path(&target, workdir));
        match self.inventory.kind(&path) {
            Some(EntryKind::Directory) => layout.add_directory(&into, &path),
            Some(_) => layout.add_file(&into, &path),
            None => {}
        }
    }
}
