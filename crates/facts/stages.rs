//! The stages of a Dockerfile that a build runs, and the files that each holds.

mod renamed;
mod runs;

use source::{EntryKind, file_name, join};
use syntax::Spanned;
use syntax::dockerfile::scope::{Scope, base_stages, visit_scopes};
use syntax::dockerfile::{Command, Dockerfile, Instruction, Kind};

use crate::collect::python::SETTINGS_MODULE;
use crate::context::Context;
use crate::image::{Copied, CopiedFrom, CopyStatus, Link, is_shell_operator};
use crate::inventory::Inventory;
use crate::layout::Layout;
use crate::record::Document;
use crate::wildcard::{is_wildcard, literal_directory, matches};

pub(crate) use runs::Run;

/// One build of a Dockerfile.
pub(crate) struct Build<'b> {
    /// The paths of the tree.
    pub inventory: &'b Inventory<'b>,
    /// The Dockerfile's text.
    pub document: &'b Document,
    /// The Dockerfile.
    pub dockerfile: &'b Dockerfile,
    /// What the builder sees.
    pub context: &'b Context<'b>,
    /// The stage to build; the last one where none is named.
    pub target: Option<&'b str>,
    /// Build arguments by name; `None` where one is given and its value is not told.
    pub arguments: &'b [(String, Option<String>)],
}

/// What a build gives.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// The sources of COPY and ADD, in order.
    pub copies: Vec<Copied>,
    /// The files of the built stage that come from the context.
    pub layout: Layout,
    /// The RUN instructions that may build code, in order.
    pub runs: Vec<Run>,
    /// The command that the container starts: ENTRYPOINT, then CMD.
    pub start: Vec<Spanned<String>>,
    /// Whether the command begins with an ENTRYPOINT of this Dockerfile.
    pub has_entrypoint: bool,
    /// Its words, before which arguments are put; a text takes none.
    pub entrypoint: Option<Vec<Spanned<String>>>,
    /// The working directory of that command, absolute without the first `/`.
    pub workdir: String,
    /// `PYTHONPATH`, split.
    pub python_path: Vec<String>,
    /// The module of `DJANGO_SETTINGS_MODULE`, and the last place that sets it.
    pub settings: Option<Link>,
}

#[derive(Debug, Default, Clone)]
struct Stage {
    layout: Layout,
    entrypoint: Option<Command>,
    cmd: Option<Command>,
    workdir: String,
    python_path: Vec<String>,
    settings: Option<Link>,
}

impl Build<'_> {
    /// Runs the instructions of the stages that the target needs.
    #[must_use]
    pub(crate) fn run(&self) -> Built {
        let argument = |name: &str| {
            self.arguments.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.clone())
        };
        let bases = base_stages(self.dockerfile, &argument);
        let target = self.target_stage();
        let needed = self.needed(target, &bases);
        let mut stages: Vec<Stage> = vec![Stage::default(); self.dockerfile.stages.len()];
        let mut copies = Vec::new();
        let mut runs = Vec::new();
        visit_scopes(self.dockerfile, &argument, &mut |index, scope| {
            let Some(instruction) = self.dockerfile.instructions.get(index) else { return };
            let Some(at) = instruction.stage.filter(|stage| needed.get(*stage) == Some(&true)) else {
                return;
            };
            if matches!(instruction.kind, Kind::From { .. }) {
                let base = bases.get(at).copied().flatten().and_then(|base| stages.get(base)).cloned();
                if let (Some(base), Some(stage)) = (base, stages.get_mut(at)) {
                    *stage = base;
                }
                return;
            }
            self.instruction(instruction, scope, at, &mut stages, &mut copies);
            let lineage = || lineage(at, &bases);
            runs.extend(stages.get(at).and_then(|stage| self.run_of(instruction, scope, stage, lineage())));
        });
        copies.sort_by_key(|copied: &Copied| copied.at.span.start);
        runs.sort_by_key(|run: &Run| run.at.span.start);
        let Some(stage) = stages.into_iter().nth(target) else { return Built::default() };
        Built {
            copies,
            start: started(&stage),
            has_entrypoint: stage.entrypoint.is_some(),
            entrypoint: match &stage.entrypoint {
                Some(Command::Exec(words)) => Some(words.clone()),
                _ => None,
            },
            layout: stage.layout,
            runs,
            workdir: stage.workdir,
            python_path: stage.python_path,
            settings: stage.settings,
        }
    }

    fn target_stage(&self) -> usize {
        let last = self.dockerfile.stages.len().saturating_sub(1);
        self.target.and_then(|name| self.dockerfile.stage(name)).unwrap_or(last)
    }

    /// The stages that the target is built on or copies from; BuildKit runs no others.
    fn needed(&self, target: usize, bases: &[Option<usize>]) -> Vec<bool> {
        let mut needed = vec![false; self.dockerfile.stages.len()];
        let mut waiting = vec![target];
        while let Some(stage) = waiting.pop() {
            match needed.get_mut(stage) {
                Some(known) if !*known => *known = true,
                _ => continue,
            }
            waiting.extend(bases.get(stage).copied().flatten());
            for (_, instruction) in self.dockerfile.instructions_of(stage) {
                if let Kind::Copy { from: Some(from), .. } = &instruction.kind {
                    waiting.extend(self.dockerfile.stage(&from.value));
                }
                let mounts = instruction.flags.iter().filter(|flag| flag.name.value == "mount");
                let values = mounts.filter_map(|flag| flag.value.as_ref());
                let sources = values
                    .flat_map(|value| value.value.split(','))
                    .filter_map(|part| part.strip_prefix("from="));
                waiting.extend(sources.filter_map(|from| self.dockerfile.stage(from)));
            }
        }
        needed
    }

    fn instruction(
        &self,
        instruction: &Instruction,
        scope: &Scope,
        at: usize,
        stages: &mut [Stage],
        copies: &mut Vec<Copied>,
    ) {
        // Images start in the root as a rule, from where a relative WORKDIR goes on.
        let known = scope.workdir().or_else(|| stages.get(at).map(|stage| stage.workdir.as_str()));
        let workdir = known.unwrap_or("").trim_matches('/').to_owned();
        match &instruction.kind {
            Kind::Copy { sources, destination, from: Some(from) } => {
                let number = self.dockerfile.stage(&from.value);
                let other = number.and_then(|from| stages.get(from)).cloned();
                let renamed = |source: &Spanned<String>| {
                    self.renamed_in(number?, other.as_ref()?, &expanded(source, scope)?)
                };
                copies.extend(sources.iter().map(|source| {
                    let copied = self.copied_from(source, destination, from);
                    let status = renamed(source).unwrap_or(copied.status);
                    Copied { status, ..copied }
                }));
                if let (Some(other), Some(stage)) = (other, stages.get_mut(at)) {
                    copy_from_stage(&other, stage, sources, destination, scope, &workdir);
                }
            }
            Kind::Copy { sources, destination, from: None } | Kind::Add { sources, destination, .. } => {
                let Some(stage) = stages.get_mut(at) else { return };
                for source in sources {
                    // A variable may hold an address.
                    if expanded(source, scope).is_some_and(|text| is_remote(&text)) {
                        continue;
                    }
                    let copied = self.copied(source, sources.len(), destination, scope);
                    let into = container_path(&expanded(destination, scope).unwrap_or_default(), &workdir);
                    self.lay(&copied, sources.len(), &destination.value, &into, &workdir, stage);
                    copies.push(copied);
                }
            }
            Kind::Entrypoint(command) => {
                if let Some(stage) = stages.get_mut(at) {
                    stage.entrypoint = Some(command.clone());
                    // An ENTRYPOINT makes the CMD of its base void.
                    stage.cmd = None;
                }
            }
            Kind::Cmd(command) => {
                if let Some(stage) = stages.get_mut(at) {
                    stage.cmd = Some(command.clone());
                }
            }
            _ => {}
        }
        if let Some(stage) = stages.get_mut(at) {
            self.prune(instruction, stage);
            stage.workdir = after_workdir(instruction, scope, workdir);
            if let Some(settings) = self.settings_of(instruction, scope) {
                stage.settings = Some(settings);
            }
            let path = after_env(instruction, scope, "PYTHONPATH").unwrap_or_default();
            stage.python_path = path
                .split(':')
                .filter(|part| !part.is_empty())
                .map(|part| container_path(part, &stage.workdir))
                .collect();
        }
    }

    /// The settings of Django that an ENV names; an empty name where the value is not known.
    fn settings_of(&self, instruction: &Instruction, scope: &Scope) -> Option<Link> {
        let Kind::Env(pairs) = &instruction.kind else { return None };
        let pair = pairs.iter().rev().find(|pair| pair.key.value == SETTINGS_MODULE)?;
        let value = pair.value.as_ref()?;
        let module = expanded(value, scope).unwrap_or_default();
        Some(Link { at: self.document.place(value.span), module })
    }

    /// A source that lies in another stage or image.
    fn copied_from(
        &self,
        source: &Spanned<String>,
        destination: &Spanned<String>,
        from: &Spanned<String>,
    ) -> Copied {
        let is_operator = is_shell_operator(&source.value);
        let missing = CopyStatus::Missing { generated: false, similar: None };
        Copied {
            written: source.value.clone(),
            source: String::new(),
            destination: destination.value.clone(),
            at: self.document.place(source.span),
            from: Some(CopiedFrom { name: from.value.clone(), at: self.document.place(from.span) }),
            status: if is_operator { missing } else { CopyStatus::Unknown },
            made: false,
        }
    }

    /// A source of which nothing is left since nothing sets its variable.
    fn vanished(&self, source: &Spanned<String>, scope: &Scope) -> Option<CopyStatus> {
        let expanded = scope.expand(&source.value).ok()?;
        let variable = expanded.unset.first()?.clone();
        // An ARG without a value may be given one by whoever builds.
        let is_declared = expanded.unset.iter().any(|name| scope.variable(name).is_some());
        if !expanded.text.trim().is_empty() || is_declared {
            return None;
        }
        let before_stages =
            self.dockerfile.instructions.iter().take_while(|instruction| instruction.stage.is_none());
        let mut outside = before_stages.filter_map(|instruction| match &instruction.kind {
            Kind::Arg(pairs) => pairs.iter().find(|pair| pair.key.value == variable),
            _ => None,
        });
        let outside = outside.next().map(|pair| self.document.place(pair.key.span));
        Some(CopyStatus::WholeContext { variable, outside, may_be_inherited: scope.from_image() })
    }

    /// What the context holds of one source.
    fn copied(
        &self,
        source: &Spanned<String>,
        count: usize,
        destination: &Spanned<String>,
        scope: &Scope,
    ) -> Copied {
        let text = expanded(source, scope);
        let inside = text.as_deref().map(in_context);
        let status = match &inside {
            // Each platform has a program of its own, which is there when it is built for.
            Some(inside) if names_platform(&source.value) && !self.is_there(inside) => CopyStatus::Unknown,
            None => self.vanished(source, scope).unwrap_or(CopyStatus::Unknown),
            Some(inside) if is_wildcard(inside) => self.wildcard(inside, count),
            Some(inside) => self.literal(inside),
        };
        Copied {
            written: source.value.clone(),
            source: inside.unwrap_or_default(),
            destination: destination.value.clone(),
            at: self.document.place(source.span),
            from: None,
            status,
            made: false,
        }
    }

    fn is_there(&self, inside: &str) -> bool {
        self.inventory.kind(&self.in_tree(inside)).is_some()
    }

    fn in_tree(&self, inside: &str) -> String {
        join(&self.context.directory, inside).unwrap_or_default()
    }

    fn literal(&self, inside: &str) -> CopyStatus {
        let path = self.in_tree(inside);
        // Every checkout has the one, and fills the other, of which the tree of a commit holds neither.
        let is_empty = || self.inventory.kind(&path).is_none() || self.inventory.below(&path).is_empty();
        let is_checkout =
            path == ".git" || path.starts_with(".git/") || self.inventory.is_of_submodule(&path);
        if is_checkout && is_empty() && self.context.exclusion(&path).is_none() {
            return CopyStatus::Unknown;
        }
        if self.inventory.kind(&path).is_none() {
            let similar = self.inventory.misspelt(&path).or_else(|| self.inventory.similar(&path));
            let similar = similar.map(str::to_owned);
            return CopyStatus::Missing { generated: false, similar };
        }
        match self.context.first_sent(&path) {
            Ok(_) => CopyStatus::Present,
            Err(reason) => {
                let silently = self.inventory.is_directory(&path) && self.context.exclusion(&path).is_none();
                CopyStatus::Excluded { by: reason.by, pattern: reason.pattern, silently }
            }
        }
    }

    fn wildcard(&self, pattern: &str, count: usize) -> CopyStatus {
        let mut excluded_by = None;
        for path in self.matching(pattern) {
            match self.context.first_sent(&path) {
                Ok(_) => return CopyStatus::Present,
                Err(reason) => excluded_by = excluded_by.or(Some((reason.by, reason.pattern))),
            }
        }
        CopyStatus::NoMatch { excluded_by, only_source: count == 1, generated: false }
    }

    /// The paths of the tree that a wildcard matches, whether sent or not.
    fn matching(&self, pattern: &str) -> Vec<String> {
        let directory = self.in_tree(literal_directory(pattern));
        let whole = self.in_tree(pattern);
        let candidates = self.inventory.below(&directory).iter();
        candidates.filter(|entry| matches(&whole, &entry.path)).map(|entry| entry.path.clone()).collect()
    }

    /// Lays what a source brings into the stage.
    fn lay(
        &self,
        copied: &Copied,
        count: usize,
        written: &str,
        into: &str,
        workdir: &str,
        stage: &mut Stage,
    ) {
        if copied.status == CopyStatus::Unknown {
            return;
        }
        let wild = is_wildcard(&copied.source);
        let paths = if wild { self.matching(&copied.source) } else { vec![self.in_tree(&copied.source)] };
        let directory =
            count > 1 || wild || written.ends_with('/') || written.ends_with('.') || into == workdir;
        for path in paths {
            match self.inventory.kind(&path) {
                Some(EntryKind::Directory) => stage.layout.add_directory(into, &path),
                Some(_) if directory => stage.layout.add_file(&format!("{into}/{}", file_name(&path)), &path),
                Some(_) => stage.layout.add_file(into, &path),
                None => {}
            }
        }
    }
}

/// A stage and those that it is built on.
fn lineage(stage: usize, bases: &[Option<usize>]) -> Vec<usize> {
    let base = |at: &usize| bases.get(*at).copied().flatten().filter(|base| base < at);
    std::iter::successors(Some(stage), base).collect()
}

fn copy_from_stage(
    other: &Stage,
    stage: &mut Stage,
    sources: &[Spanned<String>],
    destination: &Spanned<String>,
    scope: &Scope,
    workdir: &str,
) {
    let Some(into) = expanded(destination, scope).map(|text| container_path(&text, workdir)) else { return };
    for source in sources {
        let Some(from) = expanded(source, scope).map(|text| container_path(&text, "")) else { continue };
        let named = destination.value.ends_with('/') && other.layout.directories().all(|(at, _)| at != from);
        let is_file = named && file_name(&from).contains('.');
        let into = if is_file { format!("{into}/{}", file_name(&from)) } else { into.clone() };
        stage.layout.add_from(&other.layout, &from, &into);
    }
}

/// The words that start the container; a shell form is the argument of `sh -c`.
fn started(stage: &Stage) -> Vec<Spanned<String>> {
    let words = |command: &Command| match command {
        Command::Exec(words) => words.clone(),
        Command::Shell(text) => {
            let shell = |word: &str| Spanned::new(word.to_owned(), text.span);
            vec![shell("sh"), shell("-c"), text.clone()]
        }
    };
    match (&stage.entrypoint, &stage.cmd) {
        // The shell form of ENTRYPOINT takes no arguments.
        (Some(entrypoint @ Command::Shell(_)), _) | (Some(entrypoint), None) => words(entrypoint),
        (Some(entrypoint), Some(cmd)) => [words(entrypoint), words(cmd)].concat(),
        (None, Some(cmd)) => words(cmd),
        (None, None) => Vec::new(),
    }
}

/// A word with its variables; `None` where one of them is not known here, or made of one that is not.
fn expanded(word: &Spanned<String>, scope: &Scope) -> Option<String> {
    let expanded = scope.expand(&word.value).ok()?;
    let is_partial = |name: &String| scope.variable(name).is_some_and(|variable| variable.partial);
    let is_known = expanded.unset.is_empty() && !expanded.matched.iter().any(is_partial);
    is_known.then_some(expanded.text)
}

/// A source as the builder looks it up: `/x`, `./x` and `../x` all start at the context's root.
pub(crate) fn in_context(source: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

fn container_path(path: &str, workdir: &str) -> String {
    join(workdir, path).unwrap_or_default()
}

/// Whether a source depends on the platform that is built for: <https://docs.docker.com/build/building/variables/>.
fn names_platform(source: &str) -> bool {
    ["TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT"].iter().any(|name| source.contains(name))
}

pub(crate) fn is_remote(source: &str) -> bool {
    source.contains("://") || source.starts_with("git@")
}

fn after_workdir(instruction: &Instruction, scope: &Scope, before: String) -> String {
    match &instruction.kind {
        Kind::Workdir(path) => {
            expanded(path, scope).map_or(before.clone(), |path| container_path(&path, &before))
        }
        _ => before,
    }
}

/// The value of a variable after an instruction.
fn after_env(instruction: &Instruction, scope: &Scope, name: &str) -> Option<String> {
    let set = match &instruction.kind {
        Kind::Env(pairs) => {
            pairs.iter().rev().find(|pair| pair.key.value == name).and_then(|pair| pair.value.as_ref())
        }
        _ => None,
    };
    match set {
        // `/app:$PYTHONPATH` keeps its known part.
        Some(value) => scope.expand(&value.value).ok().map(|expanded| expanded.text),
        None => scope.value(name).map(str::to_owned),
    }
}
