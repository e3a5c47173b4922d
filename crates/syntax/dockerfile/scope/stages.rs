//! Which stages a stage needs.

use std::collections::{BTreeSet, HashMap};

use super::BuildArgs;
use super::walk::Walk;
use crate::dockerfile::{Dockerfile, Flag, Instruction, Kind};

/// For every stage the earlier stage that its `FROM` names, if it names one. Unlike `--from=`, a `FROM` must write
/// the name in lower case, may use arguments, and means the last stage of that name above it.
#[must_use]
pub fn base_stages(dockerfile: &Dockerfile, build_args: &BuildArgs<'_>) -> Vec<Option<usize>> {
    let global = Walk::global(dockerfile, build_args, usize::MAX).into_scope();
    let mut named: HashMap<&str, usize> = HashMap::new();
    let mut bases = Vec::with_capacity(dockerfile.stages.len());
    for stage in &dockerfile.stages {
        let base = global.expand(&stage.base.value).ok();
        bases.push(base.and_then(|base| named.get(base.text.as_str()).copied()));
        if let Some(name) = &stage.name {
            named.insert(&name.value, stage.index);
        }
    }
    bases
}

/// The stage and those that it is built on, itself first: `[2, 0]` where stage 2 is `FROM` stage 0.
#[must_use]
pub fn stage_chain(dockerfile: &Dockerfile, stage: usize, build_args: &BuildArgs<'_>) -> Vec<usize> {
    let bases = base_stages(dockerfile, build_args);
    let next = |stage: &usize| bases.get(*stage).copied().flatten();
    std::iter::successors((stage < bases.len()).then_some(stage), next).collect()
}

/// The stages that a build of `stage` runs, itself included: through `FROM`, `COPY --from`, mounts, and the
/// `ONBUILD` instructions of bases. What is wrong in other stages fails no such build.
#[must_use]
pub fn reachable_stages(
    dockerfile: &Dockerfile,
    stage: usize,
    build_args: &BuildArgs<'_>,
) -> BTreeSet<usize> {
    let bases = base_stages(dockerfile, build_args);
    let names = Names::new(dockerfile);
    let mut reached = BTreeSet::new();
    let mut triggered = BTreeSet::new();
    let mut open = vec![stage];
    while let Some(stage) = open.pop() {
        let Some(base) = bases.get(stage) else { continue };
        if !reached.insert(stage) {
            continue;
        }
        open.extend(base);
        for (_, instruction) in dockerfile.instructions_of(stage) {
            names.sources(instruction, &mut open);
        }
        let Some(base) = base.filter(|base| triggered.insert(*base)) else { continue };
        for (_, instruction) in dockerfile.instructions_of(base) {
            if let Kind::Onbuild(inner) = &instruction.kind {
                names.sources(inner, &mut open);
            }
        }
    }
    reached
}

/// The stages by name, the last one of each.
struct Names<'d> {
    stages: HashMap<&'d str, usize>,
    count: usize,
}

impl<'d> Names<'d> {
    fn new(dockerfile: &'d Dockerfile) -> Self {
        let named = dockerfile.stages.iter().filter_map(|stage| Some((stage.name.as_ref()?, stage.index)));
        let stages = named.map(|(name, index)| (name.value.as_str(), index)).collect();
        Self { stages, count: dockerfile.stages.len() }
    }

    fn named(&self, name: &str) -> Option<usize> {
        self.stages.get(name.to_lowercase().as_str()).copied()
    }

    /// Adds the stages that an instruction takes files from. A mount knows them by name only.
    fn sources(&self, instruction: &Instruction, stages: &mut Vec<usize>) {
        if let Kind::Copy { from: Some(from), .. } = &instruction.kind {
            let numbered = from.value.parse::<usize>().ok().filter(|index| *index < self.count);
            stages.extend(numbered.or_else(|| self.named(&from.value)));
        }
        let mounts = instruction.flags.iter().filter(|flag| flag.name.value == "mount");
        let fields = mounts.flat_map(Flag::fields).filter(|field| field.key.value == "from");
        stages.extend(fields.filter_map(|field| self.named(&field.value?.value)));
    }
}
