//! How a deployment can end, as the exit code of the process.

use serde::{Deserialize, Serialize};

/// How a deployment, or an attempt at one, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// The gated bytes serve.
    Done,
    /// Findings refuse; nothing was called.
    Refused,
    /// The command line or the configuration is wrong; nothing was called.
    Usage,
    /// Something could not be judged: an unclean tree, a missing receipt, an unreachable remote.
    Unsure,
    /// Somebody else deploys to the target; worth another try.
    Locked,
    /// A step failed before anything that serves was changed.
    Failed,
    /// The staged version is unhealthy; traffic is untouched.
    Unhealthy,
    /// The staged version failed its validation; traffic is untouched.
    Invalid,
    /// Failed after traffic moved; the state from before is restored and verified.
    RolledBack,
    /// Failed after traffic moved, and the state from before is not restored: hands are needed.
    RollbackFailed,
    /// The validation could not decide; nothing was promoted.
    Inconclusive,
    /// Stopped on the way; the journal says how to go on.
    Interrupted,
}

impl Exit {
    /// The exit code of the process.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Unsure => 3,
            Self::Locked => 4,
            Self::Failed => 5,
            Self::Unhealthy => 6,
            Self::Invalid => 7,
            Self::RolledBack => 8,
            Self::RollbackFailed => 9,
            Self::Inconclusive => 10,
            Self::Interrupted => 130,
        }
    }
}
