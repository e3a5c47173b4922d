//! Deliberately broken builds: one for each promise, to show that the tests would notice.

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Traffic goes to a version that nobody asked whether it is well.
    SkipsChecks,
    /// Something is done before it is written that it will be.
    ActsBeforeIntent,
    /// What a platform says of its own success is believed.
    BelievesAnswers,
    /// The end is not written.
    ForgetsTheEnd,
    /// The way back leads to any other version instead of to what was recorded.
    GuessesPrevious,
    /// The lock stays after the run.
    KeepsLock,
    /// A torn line is left where it is.
    KeepsTornLine,
}

impl Broken {
    pub(crate) const ALL: [Self; 7] = [
        Self::SkipsChecks,
        Self::ActsBeforeIntent,
        Self::BelievesAnswers,
        Self::ForgetsTheEnd,
        Self::GuessesPrevious,
        Self::KeepsLock,
        Self::KeepsTornLine,
    ];
}
