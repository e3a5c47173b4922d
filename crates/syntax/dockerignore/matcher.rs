//! Which paths a builder leaves out.

use super::gcloud_glob::GcloudGlob;
use super::glob::{Dialect, Glob};
use super::{Builder, IgnoreFile, Pattern};
use crate::{Parsed, SyntaxError};

/// The patterns of an ignore file, compiled for one builder.
#[derive(Debug, Clone)]
pub struct Matcher {
    pub(super) builder: Builder,
    pub(super) rules: Vec<Rule>,
}

/// One pattern, compiled.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) test: Test,
    pub(super) negated: bool,
    /// The pattern without `!`, as the builders' walk compares it with the names of directories.
    pub(super) text: Box<str>,
    /// How many parts it has, counted by its slashes.
    pub(super) depth: usize,
}

/// How a path is compared with a pattern.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// As the docker family and buildah do.
    Docker(Glob),
    /// As gcloud does.
    Gcloud(GcloudGlob),
}

/// What a directory's verdict means for its children.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParentState {
    /// One bit a pattern: whether it matches all that stands below. Empty where none does.
    inherited: Box<[u64]>,
}

/// What a builder does with one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is left out. A directory that is left out may still be sent as the parent of a file that is not.
    pub excluded: bool,
    /// The index in [`IgnoreFile::patterns`] of the pattern that decided: the last one that matched the path or a
    /// directory above it. `None` where no pattern did.
    pub by: Option<usize>,
    /// For the children of a directory; without meaning for a file.
    pub state: ParentState,
}

impl Matcher {
    /// Compiles the patterns for `builder`, which should have been read with [`super::parse_as`] for it. Patterns
    /// that it refuses are errors and match nothing; where [`Builder::stops_on_bad_pattern`] they stop the build.
    /// kaniko leaves nothing out as soon as one pattern is bad, and so does its matcher.
    #[must_use]
    pub fn new(file: &IgnoreFile, builder: Builder) -> Parsed<Self> {
        let mut errors = Vec::new();
        let mut rules: Vec<Rule> =
            file.patterns.iter().map(|pattern| Rule::compile(pattern, builder, &mut errors)).collect();
        if builder == Builder::Kaniko && !errors.is_empty() {
            for rule in &mut rules {
                rule.test = Test::Docker(Glob::Never);
            }
        }
        Parsed { tree: Self { builder, rules }, errors }
    }

    /// The builder it answers for.
    #[must_use]
    pub const fn builder(&self) -> Builder {
        self.builder
    }

    /// The state for what stands directly in the context.
    #[must_use]
    pub fn root(&self) -> ParentState {
        ParentState::default()
    }

    /// Decides one path, given the state of the directory it stands in. `path` is relative to the context, with `/`.
    /// The caller does not descend where [`Matcher::may_reinclude_below`] is false for an excluded directory.
    #[must_use]
    pub fn decide(&self, parent: &ParentState, path: &str, is_dir: bool) -> Decision {
        match self.builder {
            Builder::Buildkit | Builder::Legacy => self.decide_in_turn(parent, path, is_dir),
            _ if is_dir => self.decide_directory(parent, path),
            _ => self.decide_file(parent, path),
        }
    }

    /// A pattern is asked only where it could change the verdict so far, and what it said of a directory holds for
    /// all below. So `docs/README.md` and then `!docs` leave `docs/README.md` out: at `docs` there was nothing to
    /// bring back, and below it `docs` does not match.
    fn decide_in_turn(&self, parent: &ParentState, path: &str, is_dir: bool) -> Decision {
        let mut decision = Decision::undecided();
        let mut bits = Bits::new(is_dir, self.rules.len());
        for (index, rule) in self.rules.iter().enumerate() {
            let could_change = rule.negated == decision.excluded;
            if parent.holds(index) || could_change && rule.test.matches(path, is_dir) {
                bits.set(index);
                decision.excluded = !rule.negated;
                decision.by = Some(index);
            }
        }
        decision.state = bits.state();
        decision
    }

    /// Every pattern is asked, and the last one that matches wins.
    fn decide_directory(&self, parent: &ParentState, path: &str) -> Decision {
        let mut decision = Decision::undecided();
        let mut bits = Bits::new(true, self.rules.len());
        let depth = depth_of(path);
        for (index, rule) in self.rules.iter().enumerate() {
            let inherited = parent.holds(index);
            let matches = inherited || rule.test.matches(path, true);
            if inherited || matches && self.holds_below(rule, depth) {
                bits.set(index);
            }
            if matches {
                decision.excluded = !rule.negated;
                decision.by = Some(index);
            }
        }
        decision.state = bits.state();
        decision
    }

    fn decide_file(&self, parent: &ParentState, path: &str) -> Decision {
        let matches = |(index, rule): &(usize, &Rule)| parent.holds(*index) || rule.test.matches(path, false);
        match self.rules.iter().enumerate().rev().find(matches) {
            Some((index, rule)) => {
                Decision { excluded: !rule.negated, by: Some(index), state: ParentState::default() }
            }
            None => Decision::undecided(),
        }
    }

    /// Whether a match of a directory with `depth` parts is a match of all below it.
    fn holds_below(&self, rule: &Rule, depth: usize) -> bool {
        match (self.builder, &rule.test) {
            (Builder::Buildkit | Builder::Legacy, _) => true,
            // Of the directories above a path only the one is asked that has as many parts as the pattern.
            (Builder::Docker20 | Builder::Kaniko, _) => rule.depth == depth,
            (_, Test::Docker(glob)) => glob.is_plain(),
            (_, Test::Gcloud(_)) => false,
        }
    }

    /// Decides one path on its own, by deciding the directories above it first.
    #[must_use]
    pub fn explain(&self, path: &str, is_dir: bool) -> Decision {
        let mut state = self.root();
        for directory in directories_above(path) {
            let decision = self.decide(&state, directory, true);
            if decision.excluded && !self.may_reinclude_below(directory, &decision) {
                return decision;
            }
            state = decision.state;
        }
        self.decide(&state, path, is_dir)
    }
}

impl Rule {
    fn compile(pattern: &Pattern, builder: Builder, errors: &mut Vec<SyntaxError>) -> Self {
        let text = pattern.cleaned.as_str();
        let dialect = match builder {
            Builder::Buildkit | Builder::Legacy | Builder::Kaniko => Some(Dialect::Moby),
            Builder::Docker20 => Some(Dialect::Fileutils),
            Builder::Buildah => Some(Dialect::Containers),
            Builder::Gcloud => None,
        };
        let test = match dialect.map(|dialect| Glob::compile(text, dialect)) {
            Some(Ok(glob)) => Test::Docker(glob),
            Some(Err(malformed)) => {
                let message = format!("the pattern `{}` {}", pattern.text, malformed.advice());
                errors.push(SyntaxError { span: pattern.span, message });
                Test::Docker(Glob::Never)
            }
            None => Test::Gcloud(GcloudGlob::compile(text)),
        };
        Self { test, negated: pattern.negated, text: text.into(), depth: depth_of(text) }
    }
}

impl Test {
    pub(super) fn matches(&self, path: &str, is_dir: bool) -> bool {
        match self {
            Self::Docker(glob) => glob.matches(path),
            Self::Gcloud(glob) => glob.matches(path, is_dir),
        }
    }
}

impl Decision {
    fn undecided() -> Self {
        Self { excluded: false, by: None, state: ParentState::default() }
    }
}

impl ParentState {
    /// Whether the pattern matches all that stands below.
    pub(super) fn holds(&self, index: usize) -> bool {
        self.inherited.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }
}

/// The state of a directory in the making. Nothing is kept for a file.
struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    fn new(is_dir: bool, patterns: usize) -> Self {
        Self { words: Vec::new(), len: if is_dir { patterns.div_ceil(64) } else { 0 } }
    }

    fn set(&mut self, index: usize) {
        if self.words.is_empty() {
            self.words.resize(self.len, 0);
        }
        if let Some(word) = self.words.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    fn state(self) -> ParentState {
        ParentState { inherited: self.words.into() }
    }
}

/// How many parts a path has.
pub(super) fn depth_of(path: &str) -> usize {
    path.bytes().filter(|byte| *byte == b'/').count() + 1
}

/// `a` and `a/b` for `a/b/c`.
pub(super) fn directories_above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}
