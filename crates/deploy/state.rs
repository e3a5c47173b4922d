//! The states of a deployment.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a deployment has reached. The names are those of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// The plan is written down.
    Planned,
    /// The files stand in a private folder of their own.
    Snapshot,
    /// The gate has cleared exactly these files.
    Gated,
    /// Nobody else deploys to the target.
    Locked,
    /// What serves now is written down, to be restored if need be.
    Recorded,
    /// The infrastructure is as planned.
    Infra,
    /// The images are built.
    Built,
    /// The images are where the platform takes them from, named by digest.
    Pushed,
    /// The data is migrated; there is no way back from here but by hand.
    Migrated,
    /// The new version runs and serves nobody.
    Staged,
    /// The new version answers as it should.
    Healthy,
    /// The new version has passed what the target asks for.
    Validated,
    /// The new version serves some.
    Canary,
    /// The new version serves all.
    Promoted,
    /// The new version has served all for long enough.
    Settled,
    /// The end that was wanted.
    Done,
    /// The new version is being removed; it never served anybody.
    Unstaging,
    /// Failed before traffic moved.
    FailedSafe,
    /// The state from before is being restored.
    RollingBack,
    /// The state from before is restored and verified.
    RolledBack,
    /// The state from before could not be restored.
    RollbackFailed,
    /// Failed where there is no way back.
    Failed,
}

impl State {
    /// Whether nothing more happens in this state.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::FailedSafe | Self::RolledBack | Self::RollbackFailed | Self::Failed)
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The serialised name is the only name.
        let name = serde_json::to_value(self).ok();
        out.pad(name.as_ref().and_then(serde_json::Value::as_str).unwrap_or("?"))
    }
}
