//! Runs through instructions and keeps what they set.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::{BuildArgs, Origin, Scope, Variable};
use crate::dockerfile::{Dockerfile, Instruction, Kind, Pair};

/// What one run over a file may cost: about the number of bytes that its values take.
const BUDGET: u64 = 1 << 24;

/// What a trigger costs at least.
const TRIGGER: usize = 1 << 6;

/// Linux gives a program no longer string than this (`MAX_ARG_STRLEN`), in bytes.
const MAX_VALUE: usize = 1 << 17;

/// Arguments that only ask the builder for something and never become variables.
const REQUESTS: [&str; 2] = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/// The `PATH` of an image that sets none.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A scope that changes while instructions are applied, and can go back.
pub(super) struct Walk<'a> {
    dockerfile: &'a Dockerfile,
    build_args: &'a BuildArgs<'a>,
    /// The arguments before the first `FROM`.
    global: BTreeMap<String, Variable>,
    /// The `ONBUILD` instructions of every stage.
    triggers: Vec<Vec<usize>>,
    scope: Scope,
    log: Vec<Change>,
}

/// What stood there before a change.
enum Change {
    Variable(String, Option<Variable>),
    Environment(String, Option<Variable>),
    Start { workdir: Option<String>, from_image: bool },
}

impl<'a> Walk<'a> {
    /// Before the first `FROM`, with the instructions below `end` applied.
    pub(super) fn global(dockerfile: &'a Dockerfile, build_args: &'a BuildArgs<'a>, end: usize) -> Self {
        let scope = Scope {
            variables: platform(dockerfile, build_args),
            environment: BTreeMap::new(),
            workdir: None,
            from_image: false,
            escape: dockerfile.escape,
            budget: Cell::new(BUDGET),
        };
        let (global, triggers, log) = Default::default();
        let mut walk = Self { dockerfile, build_args, global, triggers, scope, log };
        let outside = dockerfile.instructions.iter().take_while(|it| it.stage.is_none()).count();
        (0..outside.min(end)).for_each(|index| walk.apply_global(index));
        walk
    }

    /// Before any stage.
    pub(super) fn new(dockerfile: &'a Dockerfile, build_args: &'a BuildArgs<'a>) -> Self {
        let mut walk = Self::global(dockerfile, build_args, usize::MAX);
        walk.global = std::mem::take(&mut walk.scope.variables);
        walk.triggers = vec![Vec::new(); dockerfile.stages.len()];
        for (index, instruction) in dockerfile.instructions.iter().enumerate() {
            let triggers = instruction.stage.and_then(|stage| walk.triggers.get_mut(stage));
            if let (Kind::Onbuild(_), Some(triggers)) = (&instruction.kind, triggers) {
                triggers.push(index);
            }
        }
        walk.log.clear();
        walk
    }

    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(super) fn into_scope(self) -> Scope {
        self.scope
    }

    /// A point to go back to.
    pub(super) fn mark(&self) -> usize {
        self.log.len()
    }

    /// Goes back to a mark.
    pub(super) fn undo(&mut self, mark: usize) {
        for change in self.log.drain(mark.min(self.log.len())..).rev() {
            match change {
                Change::Variable(name, before) => restore(&mut self.scope.variables, name, before),
                Change::Environment(name, before) => restore(&mut self.scope.environment, name, before),
                Change::Start { workdir, from_image } => {
                    self.scope.workdir = workdir;
                    self.scope.from_image = from_image;
                }
            }
        }
    }

    /// Starts a stage. Where it is built on another one, that one was walked just before.
    pub(super) fn enter(&mut self, stage: usize, base: Option<usize>) {
        let Some(base) = base else { return self.start(stage) };
        self.restore_environment();
        let dockerfile = self.dockerfile;
        for at in 0.. {
            let Some(index) = self.triggers.get(base).and_then(|triggers| triggers.get(at)).copied() else {
                break;
            };
            // Many stages on one base with many triggers must not cost their product.
            if !self.pay(TRIGGER) {
                break;
            }
            if let Some(Kind::Onbuild(inner)) = dockerfile.instructions.get(index).map(|it| &it.kind) {
                self.run(index, inner);
            }
        }
    }

    /// The `ENV` of the base comes before its `ARG`s, whichever was written last.
    fn restore_environment(&mut self) {
        let Scope { environment, variables, .. } = &self.scope;
        if !self.pay(environment.len()) {
            return;
        }
        let hidden = environment.iter().filter(|(name, variable)| variables.get(*name) != Some(variable));
        let hidden: Vec<_> = hidden.map(|(name, variable)| (name.clone(), variable.clone())).collect();
        for (name, variable) in hidden {
            self.set(&name, variable);
        }
    }

    /// Starts a stage that is built on an image, or on nothing.
    fn start(&mut self, stage: usize) {
        let base = self.dockerfile.stages.get(stage).map_or("", |stage| stage.base.value.as_str());
        let lookup = |name: &str| self.global.get(name)?.value.clone();
        let expanded = crate::dockerfile::expand::expand(base, self.dockerfile.escape, &lookup);
        let scratch = expanded.is_ok_and(|base| base.text == "scratch");
        self.set_start(scratch.then(|| "/".to_owned()), !scratch);
        let path = Variable {
            value: Some(PATH.to_owned()),
            partial: false,
            origin: Origin::Builder,
            instruction: None,
        };
        self.set("PATH", path);
    }

    /// Applies an instruction of a stage.
    pub(super) fn apply(&mut self, index: usize) {
        let dockerfile = self.dockerfile;
        if let Some(instruction) = dockerfile.instructions.get(index) {
            self.run(index, instruction);
        }
    }

    fn run(&mut self, index: usize, instruction: &Instruction) {
        match &instruction.kind {
            Kind::Env(pairs) => self.env(index, pairs),
            Kind::Arg(pairs) => pairs.iter().for_each(|pair| self.arg(index, pair)),
            Kind::Workdir(path) => self.workdir(&path.value),
            _ => {}
        }
    }

    /// Applies an instruction before the first `FROM`.
    pub(super) fn apply_global(&mut self, index: usize) {
        let dockerfile = self.dockerfile;
        if let Some(Kind::Arg(pairs)) = dockerfile.instructions.get(index).map(|it| &it.kind) {
            for pair in pairs {
                self.arg(index, pair);
            }
        }
    }

    /// All pairs see the values from before the instruction.
    fn env(&mut self, index: usize, pairs: &[Pair]) {
        let expanded: Vec<_> = pairs
            .iter()
            .map(|pair| {
                let (key, _) = self.expanded(&pair.key.value);
                let (value, partial) =
                    pair.value.as_ref().map_or((None, false), |value| self.expanded(&value.value));
                let variable = Variable { value, partial, origin: Origin::Env, instruction: Some(index) };
                (key.unwrap_or_else(|| pair.key.value.clone()), variable)
            })
            .collect();
        for (name, variable) in expanded {
            let before = self.scope.environment.insert(name.clone(), variable.clone());
            self.log.push(Change::Environment(name.clone(), before));
            self.set(&name, variable);
        }
    }

    /// A value given for the build wins over the default, and without either that of the global argument is taken.
    fn arg(&mut self, index: usize, pair: &Pair) {
        let name = pair.key.value.as_str();
        if REQUESTS.contains(&name) {
            return;
        }
        let (value, partial) = if let Some(given) = (self.build_args)(name) {
            (self.affordable(given), false)
        } else if let Some(default) = &pair.value {
            self.expanded(&default.value)
        } else if let Some(global) = self.global.get(name) {
            (global.value.clone(), global.partial)
        } else {
            (None, false)
        };
        let keeps = value.is_none() && pair.value.is_none() && self.scope.variables.contains_key(name);
        if !keeps {
            self.set(name, Variable { value, partial, origin: Origin::Arg, instruction: Some(index) });
        }
    }

    /// A word's value, and whether variables without a value went into it.
    fn expanded(&self, word: &str) -> (Option<String>, bool) {
        let Ok(expanded) = self.scope.expand(word) else { return (None, false) };
        let partial = |name: &String| self.scope.variables.get(name).is_some_and(|variable| variable.partial);
        let is_partial = !expanded.unset.is_empty() || expanded.matched.iter().any(partial);
        (self.affordable(expanded.text), is_partial)
    }

    /// A value, unless it is too long or the budget is spent.
    fn affordable(&self, value: String) -> Option<String> {
        (value.len() <= MAX_VALUE && self.pay(value.len())).then_some(value)
    }

    fn workdir(&mut self, path: &str) {
        let workdir = match self.expanded(path) {
            (Some(path), _) if path.starts_with('/') => Some(cleaned(&path)),
            (Some(path), _) => self.scope.workdir.as_ref().map(|base| cleaned(&format!("{base}/{path}"))),
            (None, _) => None,
        };
        let workdir = workdir.and_then(|path| self.affordable(path));
        self.set_start(workdir, self.scope.from_image);
    }

    fn set_start(&mut self, workdir: Option<String>, from_image: bool) {
        let workdir = std::mem::replace(&mut self.scope.workdir, workdir);
        let from_image = std::mem::replace(&mut self.scope.from_image, from_image);
        self.log.push(Change::Start { workdir, from_image });
    }

    fn set(&mut self, name: &str, variable: Variable) {
        let before = self.scope.variables.insert(name.to_owned(), variable);
        self.log.push(Change::Variable(name.to_owned(), before));
    }

    /// Whether the budget still holds that much, which is taken.
    fn pay(&self, cost: usize) -> bool {
        let left = self.scope.budget.get().checked_sub(cost as u64);
        self.scope.budget.set(left.unwrap_or(0));
        left.is_some()
    }
}

fn restore(variables: &mut BTreeMap<String, Variable>, name: String, before: Option<Variable>) {
    match before {
        Some(before) => variables.insert(name, before),
        None => variables.remove(&name),
    };
}

/// What the builder sets for every `FROM`, and for a stage that declares it.
fn platform(dockerfile: &Dockerfile, build_args: &BuildArgs<'_>) -> BTreeMap<String, Variable> {
    let target = dockerfile.stages.last().and_then(|stage| stage.name.as_ref());
    let target = target.map_or("default", |name| name.value.as_str());
    let mut values = vec![("TARGETSTAGE".to_owned(), target)];
    for side in ["BUILD", "TARGET"] {
        let parts = [
            ("PLATFORM", "linux/amd64"),
            ("OS", "linux"),
            ("OSVERSION", ""),
            ("ARCH", "amd64"),
            ("VARIANT", ""),
        ];
        values.extend(parts.map(|(name, value)| (format!("{side}{name}"), value)));
    }
    let variable = |name: &str, value: &str| {
        let value = build_args(name).unwrap_or_else(|| value.to_owned());
        Variable { value: Some(value), partial: false, origin: Origin::Builder, instruction: None }
    };
    values.into_iter().map(|(name, value)| (name.clone(), variable(&name, value))).collect()
}

/// An absolute path without empty, `.` and `..` parts.
fn cleaned(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
