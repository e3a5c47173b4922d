//! The proof that a tree passed the gate.

use facts::Problem;

use super::GateScope;

/// What the gate counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files that were read.
    pub files: usize,
    /// Findings that the deployment breaks or is unsafe.
    pub errors: usize,
    /// Findings that break under a condition.
    pub warnings: usize,
    /// Findings that an allowance with a last day covers.
    pub suppressed: usize,
    /// Findings that the baseline covers.
    pub baselined: usize,
}

/// The proof that one tree of files may be deployed to one target. It cannot be made but by the gate.
#[derive(Debug, PartialEq, Eq)]
pub struct Clearance {
    pub(super) target: String,
    pub(super) environment: String,
    pub(super) commit: String,
    pub(super) tree: String,
    pub(super) dirty: bool,
    pub(super) scope: GateScope,
    pub(super) policy: String,
    pub(super) counts: Counts,
    pub(super) notes: Vec<Problem>,
    pub(super) overridden: Option<Override>,
}

/// What break-glass passed over, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The rules whose findings were passed over, in order.
    pub rules: Vec<String>,
    /// Why, in the words of the person who did it.
    pub reason: String,
}

impl Clearance {
    /// The target.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The environment that was judged, by canonical name.
    #[must_use]
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The id of the commit.
    #[must_use]
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The id of the tree of files.
    #[must_use]
    pub fn tree(&self) -> &str {
        &self.tree
    }

    /// Whether the tree holds changes that the commit does not.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Which findings would have refused.
    #[must_use]
    pub fn scope(&self) -> GateScope {
        self.scope
    }

    /// SHA-256 in hexadecimal over the program's version, every rule, the configuration and the baseline.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What is worth knowing although it does not refuse: entries of the baseline that stand for nothing any more.
    #[must_use]
    pub fn notes(&self) -> &[Problem] {
        &self.notes
    }

    /// What was passed over; `None` where every rule was held.
    #[must_use]
    pub fn overridden(&self) -> Option<&Override> {
        self.overridden.as_ref()
    }
}
