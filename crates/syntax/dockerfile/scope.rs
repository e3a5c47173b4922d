//! Which `ARG` and `ENV` values an instruction sees.

use std::collections::BTreeMap;

use super::Dockerfile;
use super::expand::{ExpandError, Expanded, expand};

/// Where a variable comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The builder sets it itself: `TARGETARCH` and the like, and `PATH`.
    Builder,
    /// An `ARG`, with its default or the value given for the build.
    Arg,
    /// An `ENV`; the image carries it.
    Env,
}

/// A variable that an instruction sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its value, expanded. `None`: an `ARG` that was declared and has no value, or a value that cannot be
    /// expanded.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// The instruction that set it; `None` where the builder did.
    pub instruction: Option<usize>,
}

/// What an instruction sees.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    variables: BTreeMap<String, Variable>,
    workdir: Option<String>,
    image: bool,
    escape: char,
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

    /// The working directory, absolute; `None` where it is that of an image or depends on it.
    #[must_use]
    pub fn workdir(&self) -> Option<&str> {
        self.workdir.as_deref()
    }

    /// Whether the stage starts from an image, which may set variables that are not known here.
    #[must_use]
    pub const fn from_image(&self) -> bool {
        self.image
    }

    /// `word` as the builder sees it in this scope.
    ///
    /// # Errors
    /// As for [`expand`].
    pub fn expand(&self, word: &str) -> Result<Expanded, ExpandError> {
        expand(word, self.escape, &|name| self.value(name).map(str::to_owned))
    }
}

/// The variables that the instruction sees before it runs; in a `FROM` those are the arguments before the first
/// `FROM`. `build_args` gives the values of `--build-arg`. Linear in the size of the stages it depends on; to look
/// at every instruction of a file use [`visit_scopes`].
#[must_use]
pub fn variables_at(
    dockerfile: &Dockerfile,
    instruction: usize,
    build_args: &dyn Fn(&str) -> Option<String>,
) -> Scope {
    let _ = (dockerfile, instruction, build_args);
    Scope::default()
}

/// Calls `visit` with every instruction's index and its scope, a stage always after the stage that it starts from.
pub fn visit_scopes(
    dockerfile: &Dockerfile,
    build_args: &dyn Fn(&str) -> Option<String>,
    visit: &mut dyn FnMut(usize, &Scope),
) {
    let _ = (dockerfile, build_args, visit);
}

/// For every stage the earlier stage that its `FROM` names, if it names one. Unlike `--from=`, a `FROM` must write
/// the name in lower case, may use arguments, and means the last stage of that name above it.
#[must_use]
pub fn base_stages(
    dockerfile: &Dockerfile,
    build_args: &dyn Fn(&str) -> Option<String>,
) -> Vec<Option<usize>> {
    let _ = build_args;
    vec![None; dockerfile.stages.len()]
}

/// The stage and those that it is built on, itself first: `[2, 0]` where stage 2 is `FROM` stage 0.
#[must_use]
pub fn stage_chain(
    dockerfile: &Dockerfile,
    stage: usize,
    build_args: &dyn Fn(&str) -> Option<String>,
) -> Vec<usize> {
    let bases = base_stages(dockerfile, build_args);
    let next = |stage: &usize| bases.get(*stage).copied().flatten();
    std::iter::successors((stage < bases.len()).then_some(stage), next).collect()
}
