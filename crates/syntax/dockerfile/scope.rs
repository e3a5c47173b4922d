//! Which `ARG` and `ENV` values an instruction sees.
//!
//! As in `BuildKit` (`frontend/dockerfile/dockerfile2llb` at commit 73ed682): an `ARG` before the first `FROM` is
//! seen by `FROM`s only, and by a stage that declares it again without a default; a value given for the build wins
//! over a default; `ARG` and `ENV` write to the same names and the later one wins (so does an engine 20.10 with
//! `BuildKit`; its classic builder lets `ENV` win always). A stage inherits all of it from the stage that it is
//! `FROM`, where `ENV` then wins over `ARG`, and runs that stage's `ONBUILD` instructions first.

mod stages;
mod walk;

use std::cell::Cell;
use std::collections::BTreeMap;

use super::expand::{ExpandError, Expanded, expand_within};
use super::{Dockerfile, Kind};
pub use stages::{base_stages, reachable_stages, stage_chain};
use walk::Walk;

/// The values given for a build, as `--build-arg` does: the value of a name, if there is one.
pub type BuildArgs<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Where a variable comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The builder sets it: `TARGETARCH` and the like, where `linux/amd64` is assumed unless the build arguments
    /// say otherwise, and `PATH`, which an image may set otherwise.
    Builder,
    /// An `ARG`, with its default or the value given for the build.
    Arg,
    /// An `ENV`.
    Env,
}

/// A variable that an instruction sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its value, expanded. `None`: an `ARG` that was declared and has no value, or a value that cannot be
    /// expanded.
    pub value: Option<String>,
    /// Whether a variable without a value went into it, directly or through others. An image or a build argument
    /// that is not known here may have given one.
    pub partial: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// The instruction that set it; `None` where the builder did.
    pub instruction: Option<usize>,
}

/// What an instruction sees.
#[derive(Debug, Clone)]
pub struct Scope {
    variables: BTreeMap<String, Variable>,
    environment: BTreeMap<String, Variable>,
    workdir: Option<String>,
    from_image: bool,
    escape: char,
    budget: Cell<u64>,
}

impl Scope {
    /// The variable of that name, if the file or the builder declares it.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// The value of that name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.variables.get(name)?.value.as_deref()
    }

    /// All variables, by name.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.variables.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    /// What `ENV` has set so far, by name: this is what the image carries and the container sees, also where a
    /// later `ARG` of the same name hides it from the build.
    pub fn environment(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.environment.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    /// The working directory, absolute and without `.` and `..`; `None` where it is that of an image or relative
    /// to it.
    #[must_use]
    pub fn workdir(&self) -> Option<&str> {
        self.workdir.as_deref()
    }

    /// Whether the stage starts from an image, which may set variables that are not known here.
    #[must_use]
    pub const fn from_image(&self) -> bool {
        self.from_image
    }

    /// `word` as the builder sees it in this scope. All calls on one scope share a limit of work, so that no file
    /// can make them expensive.
    ///
    /// # Errors
    /// As for [`expand`](super::expand::expand()).
    pub fn expand(&self, word: &str) -> Result<Expanded, ExpandError> {
        expand_within(word, self.escape, &|name| self.value(name).map(str::to_owned), &self.budget)
    }
}

/// What the instruction sees before it runs: for a `FROM` the arguments before the first `FROM`. Linear in the
/// stages that it depends on; to look at all instructions of a file use [`visit_scopes`].
#[must_use]
pub fn variables_at(dockerfile: &Dockerfile, instruction: usize, build_args: &BuildArgs<'_>) -> Scope {
    let stage = dockerfile.instructions.get(instruction).and_then(|instruction| instruction.stage);
    let starts_stage = |stage: usize| {
        dockerfile.stages.get(stage).is_none_or(|stage| stage.instructions.start == instruction)
    };
    match stage.filter(|stage| !starts_stage(*stage)) {
        None => Walk::global(dockerfile, build_args, instruction).into_scope(),
        Some(stage) => scope_in(dockerfile, stage, instruction, build_args),
    }
}

/// What stands at the end of a stage; its [`Scope::environment`] and [`Scope::workdir`] are those of the image.
#[must_use]
pub fn variables_after(dockerfile: &Dockerfile, stage: usize, build_args: &BuildArgs<'_>) -> Scope {
    scope_in(dockerfile, stage, usize::MAX, build_args)
}

fn scope_in(dockerfile: &Dockerfile, stage: usize, end: usize, build_args: &BuildArgs<'_>) -> Scope {
    let mut walk = Walk::new(dockerfile, build_args);
    let mut base = None;
    for stage in stage_chain(dockerfile, stage, build_args).into_iter().rev() {
        walk.enter(stage, base.replace(stage));
        let before = |(index, _): &(usize, _)| *index < end;
        dockerfile.instructions_of(stage).take_while(before).for_each(|(index, _)| walk.apply(index));
    }
    walk.into_scope()
}

/// Calls `visit` with every instruction's index and what it sees before it runs. A stage comes after the stage
/// that it starts from; otherwise the order is that of the file. Linear in the file.
pub fn visit_scopes(
    dockerfile: &Dockerfile,
    build_args: &BuildArgs<'_>,
    visit: &mut dyn FnMut(usize, &Scope),
) {
    let mut global = Walk::global(dockerfile, build_args, 0);
    for (index, _) in dockerfile.instructions.iter().enumerate().take_while(|(_, it)| it.stage.is_none()) {
        visit(index, global.scope());
        global.apply_global(index);
    }
    let mut children = (0..dockerfile.stages.len()).map(|_| Vec::new()).collect::<Vec<_>>();
    let mut open = Vec::new();
    for (stage, base) in base_stages(dockerfile, build_args).into_iter().enumerate().rev() {
        let siblings = base.and_then(|base| children.get_mut(base)).unwrap_or(&mut open);
        siblings.push(Step::Enter(stage, base));
    }
    let mut walk = Walk::new(dockerfile, build_args);
    while let Some(step) = open.pop() {
        let (stage, base) = match step {
            Step::Leave(mark) => {
                walk.undo(mark);
                continue;
            }
            Step::Enter(stage, base) => (stage, base),
        };
        open.push(Step::Leave(walk.mark()));
        walk.enter(stage, base);
        for (index, instruction) in dockerfile.instructions_of(stage) {
            let is_from = matches!(instruction.kind, Kind::From { .. });
            visit(index, if is_from { global.scope() } else { walk.scope() });
            walk.apply(index);
        }
        open.extend(children.get_mut(stage).map(std::mem::take).unwrap_or_default());
    }
}

/// A step of a walk over stages, bases first.
enum Step {
    /// A stage, and the stage that it is built on.
    Enter(usize, Option<usize>),
    /// Forget what was set since the mark.
    Leave(usize),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::parse;

    fn at(text: &str, keyword: &str) -> Scope {
        let dockerfile = parse(text).tree;
        let index = dockerfile.instructions.iter().rposition(|it| it.keyword.value == keyword).unwrap();
        variables_at(&dockerfile, index, &|name| (name == "GIVEN").then(|| "given".to_owned()))
    }

    #[test]
    fn a_global_argument_is_seen_where_it_is_declared_again() {
        let scope = at("ARG V=1\nARG W=2\nFROM scratch\nARG V\nARG GIVEN=x\nUSER $V\n", "USER");
        assert_eq!(
            (scope.value("V"), scope.value("W"), scope.value("GIVEN")),
            (Some("1"), None, Some("given"))
        );
        assert_eq!(at("ARG V=1\nFROM scratch\n", "FROM").value("V"), Some("1"));
    }

    #[test]
    fn a_stage_inherits_from_its_base_and_runs_its_triggers() {
        let text = "FROM alpine AS a\nARG V=1\nENV E=$V\nWORKDIR /srv\nONBUILD ENV T=$E\nFROM scratch\nFROM a\nWORKDIR app/../x\nRUN x\n";
        let scope = at(text, "RUN");
        assert_eq!((scope.value("V"), scope.value("E"), scope.value("T")), (Some("1"), Some("1"), Some("1")));
        assert_eq!(scope.workdir(), Some("/srv/x"));
        assert!(scope.from_image());
        assert_eq!(scope.environment().map(|(name, _)| name).collect::<Vec<_>>(), ["E", "T"]);
        assert_eq!(stage_chain(&parse(text).tree, 2, &|_| None), [2, 0]);
    }

    #[test]
    fn stages_are_reached_through_from_copies_and_mounts() {
        let text = "FROM a AS x\nONBUILD COPY --from=seed /s /\nFROM b AS y\nFROM c AS unused\nFROM d AS seed\nFROM x\nRUN --mount=from=Y,target=/y x\n";
        let tree = parse(text).tree;
        assert_eq!(reachable_stages(&tree, 4, &|_| None).into_iter().collect::<Vec<_>>(), [0, 1, 3, 4]);
        assert_eq!(reachable_stages(&tree, 2, &|_| None).into_iter().collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn one_env_sees_the_values_before_it_and_one_arg_those_in_it() {
        let scope = at("FROM scratch\nENV A=1\nENV A=2 B=$A\nARG C=3 D=$C\nRUN x\n", "RUN");
        assert_eq!((scope.value("B"), scope.value("D")), (Some("1"), Some("3")));
    }

    #[test]
    fn a_value_made_of_an_unknown_one_is_partial() {
        let scope = at("FROM python\nENV A=$HOME/x B=1\nENV C=$A D=$B\nRUN x\n", "RUN");
        let partial = ["A", "B", "C", "D"].map(|name| scope.variable(name).unwrap().partial);
        assert_eq!((scope.value("C"), partial), (Some("/x"), [true, false, true, false]));
    }

    #[test]
    fn a_later_arg_hides_an_env_in_its_own_stage_only() {
        let text = "FROM scratch AS a\nENV A=env\nARG A=arg\nUSER $A\nFROM a\nRUN x\n";
        let here = at(text, "USER");
        assert_eq!(here.value("A"), Some("arg"));
        assert_eq!(here.environment().next().unwrap().1.value.as_deref(), Some("env"));
        assert_eq!(at(text, "RUN").value("A"), Some("env"));
    }

    #[test]
    fn a_walk_over_all_instructions_sees_what_one_look_sees() {
        let text = "ARG G=1\nFROM a AS x\nENV A=$G\nFROM b AS y\nARG G\nENV A=$G$A\nFROM x AS z\nENV A=z$A\nRUN x\nFROM y\nRUN x\n";
        let dockerfile = parse(text).tree;
        let mut seen = 0;
        visit_scopes(&dockerfile, &|_| None, &mut |index, scope| {
            let one = variables_at(&dockerfile, index, &|_| None);
            assert_eq!(scope.variables, one.variables, "{index}");
            assert_eq!(scope.workdir, one.workdir);
            seen += 1;
        });
        assert_eq!(seen, dockerfile.instructions.len());
    }

    #[test]
    fn values_that_double_stay_small() {
        let text = format!("FROM scratch\nENV A=xx\n{}RUN x\n", "ENV A=$A$A\n".repeat(100_000));
        assert!(at(&text, "RUN").value("A").is_none_or(|value| value.len() <= 1 << 17));
    }
}
