//! Which paths a builder leaves out.

use super::compiled::{AnyGlob, CompiledPattern, depth_of};
use super::{Builder, IgnoreFile, Pattern};
use crate::{Parsed, SyntaxError};

/// The most patterns of one file that take a regular expression: negated brackets, backslashes, `a**b`. Each
/// takes time and memory before a single path is read.
const MAX_REGEXPS: usize = 1_000;

/// The patterns of an ignore file, compiled for one builder.
#[derive(Debug, Clone)]
pub struct Matcher {
    pub(super) builder: Builder,
    pub(super) patterns: Vec<CompiledPattern>,
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
    /// Whether it is left out. A directory that is left out may still be sent as the parent of a file that is
    /// not.
    pub excluded: bool,
    /// The index in [`IgnoreFile::patterns`] of the pattern that decided: the last one that changed the
    /// verdict, by matching the path or a directory above it. `None` where no pattern did.
    pub by: Option<usize>,
    /// For the children of a directory; without meaning for a file.
    pub state: ParentState,
}

impl Matcher {
    /// Compiles the patterns for `builder`, which should have been read with [`super::parse_as`] for it.
    /// Patterns that it refuses are errors and match nothing; where [`Builder::stops_on_bad_pattern`] they
    /// stop the build. kaniko leaves nothing out as soon as one pattern is bad, and so does its matcher.
    #[must_use]
    pub fn new(file: &IgnoreFile, builder: Builder) -> Parsed<Self> {
        let mut errors = Vec::new();
        let mut patterns = Vec::with_capacity(file.patterns.len());
        let mut is_asked = false;
        let mut regexps = 0;
        for pattern in &file.patterns {
            if regexps + errors.len() == MAX_REGEXPS {
                errors.push(too_many_regexps(pattern));
                break;
            }
            // Today's docker compiles a pattern when it first asks it, and a `!` before all others is never
            // asked.
            is_asked |= !pattern.negated;
            let compiled = CompiledPattern::new(pattern, builder, is_asked, &mut errors);
            regexps += usize::from(compiled.glob.is_regexp());
            patterns.push(compiled);
        }
        if builder == Builder::Kaniko && !errors.is_empty() {
            patterns.iter_mut().for_each(CompiledPattern::disable);
        }
        Parsed { tree: Self { builder, patterns }, errors }
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

    /// Decides one path, given the state of the directory it stands in. `path` is relative to the context,
    /// with `/`. The caller does not descend where [`Matcher::may_reinclude_below`] is false for an excluded
    /// directory.
    #[must_use]
    pub fn decide(&self, parent: &ParentState, path: &str, is_dir: bool) -> Decision {
        let mut decision = Decision { excluded: false, by: None, state: ParentState::default() };
        let mut bits = Bits::new(is_dir, self.patterns.len());
        let asks_all = is_dir && self.asks_all_of_directories();
        let depth = depth_of(path);
        for (index, pattern) in self.patterns.iter().enumerate() {
            let could_change = pattern.negated == decision.excluded;
            let inherited = parent.holds(index);
            if !inherited && !((could_change || asks_all) && pattern.glob.matches(path, is_dir)) {
                continue;
            }
            if could_change {
                decision.excluded = !pattern.negated;
                decision.by = Some(index);
            }
            if is_dir && (inherited || self.holds_below(pattern, depth)) {
                bits.set(index);
            }
        }
        decision.state = bits.state();
        decision
    }

    /// Today's docker asks a pattern only where it could change the verdict, and what it found of a directory
    /// holds for all below. So `docs/README.md` and then `!docs` leave `docs/README.md` out: at `docs` there
    /// was nothing to bring back, and below it `docs` does not match. The others ask every pattern of every
    /// path.
    const fn asks_all_of_directories(&self) -> bool {
        !matches!(self.builder, Builder::Buildkit | Builder::Legacy)
    }

    /// Whether a match of a directory with `depth` parts is a match of all below it.
    fn holds_below(&self, pattern: &CompiledPattern, depth: usize) -> bool {
        match (self.builder, &pattern.glob) {
            (Builder::Buildkit | Builder::Legacy, _) => true,
            // Of the directories above a path only the one is asked that has as many parts as the pattern.
            (Builder::Docker20 | Builder::Kaniko, _) => pattern.depth == depth,
            (_, AnyGlob::Docker(glob)) => glob.is_plain(),
            (_, AnyGlob::Gcloud(_)) => false,
        }
    }

    /// Decides one path on its own, by deciding the directories above it first. What stands in a directory
    /// that the builder does not enter has that directory's decision.
    #[must_use]
    pub fn explain(&self, path: &str, is_dir: bool) -> Decision {
        self.explain_with_place(path, is_dir).0
    }

    /// Where the pattern that decides `path` matched: `path` itself, or a directory above it. `None` where no
    /// pattern decided.
    #[must_use]
    pub fn decided_at<'p>(&self, path: &'p str, is_dir: bool) -> Option<&'p str> {
        let (decision, stop) = self.explain_with_place(path, is_dir);
        let by = decision.by?;
        let mut state = self.root();
        for directory in directories_above(stop) {
            state = self.decide(&state, directory, true).state;
            if state.holds(by) {
                return Some(directory);
            }
        }
        Some(stop)
    }

    /// The decision, and the path that it was made for: `path`, or a directory above it that the builder does
    /// not enter.
    pub(super) fn explain_with_place<'p>(&self, path: &'p str, is_dir: bool) -> (Decision, &'p str) {
        let mut state = self.root();
        for directory in directories_above(path) {
            let decision = self.decide(&state, directory, true);
            if decision.excluded && !self.enters(directory) {
                return (decision, directory);
            }
            state = decision.state;
        }
        (self.decide(&state, path, is_dir), path)
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

fn too_many_regexps(pattern: &Pattern) -> SyntaxError {
    let message = format!(
        "only the first {MAX_REGEXPS} patterns with brackets, backslashes or a `**` inside a name are read; \
         this one and all below it have no effect here; write them with `*` and `/**/`"
    );
    SyntaxError { span: pattern.span, message }
}

/// `a` and `a/b` for `a/b/c`.
pub(super) fn directories_above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}
