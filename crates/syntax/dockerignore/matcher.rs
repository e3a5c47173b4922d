//! Which paths a builder leaves out.

use super::{Builder, IgnoreFile};
use crate::Parsed;

/// The patterns of an ignore file, compiled for one builder.
#[derive(Debug, Clone)]
pub struct Matcher {
    builder: Builder,
}

/// What a directory's verdict means for its children.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParentState {}

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
    /// Compiles the patterns for `builder`. Patterns that it refuses are errors, and are left out of the tree; where
    /// [`Builder::stops_on_bad_pattern`] they stop the build, kaniko leaves nothing out then.
    #[must_use]
    pub fn new(file: &IgnoreFile, builder: Builder) -> Parsed<Self> {
        let _ = file;
        Parsed { tree: Self { builder }, errors: Vec::new() }
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
        let _ = (parent, path, is_dir);
        Decision { excluded: false, by: None, state: ParentState::default() }
    }

    /// Whether an excluded directory has to be looked into: false where the builder does not, and where nothing
    /// below it could come back.
    #[must_use]
    pub fn may_reinclude_below(&self, directory: &str, decision: &Decision) -> bool {
        let _ = (directory, decision);
        true
    }

    /// Decides one path on its own, by deciding the directories above it first.
    #[must_use]
    pub fn explain(&self, path: &str, is_dir: bool) -> Decision {
        self.decide(&self.root(), path, is_dir)
    }
}
