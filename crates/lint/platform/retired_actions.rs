//! Actions whose old versions the platform no longer runs.

/// One action with its retired versions.
#[derive(Debug)]
pub(crate) struct RetiredAction {
    /// Owner and repository.
    pub(crate) name: &'static str,
    /// The greatest major version that is retired.
    pub(crate) last_retired: u32,
    /// The day on which it stopped working.
    pub(crate) since: &'static str,
    /// Where the platform says so.
    pub(crate) source: &'static str,
}

/// Every retired action.
pub(crate) const RETIRED: &[RetiredAction] = &[
    RetiredAction {
        name: "actions/cache",
        last_retired: 2,
        since: "2025-03-01",
        source: "https://github.blog/changelog/2024-12-05-notice-of-upcoming-releases-and-breaking-changes-for-github-actions/",
    },
    RetiredAction {
        name: "actions/download-artifact",
        last_retired: 3,
        since: "2025-01-30",
        source: "https://github.blog/changelog/2024-04-16-deprecation-notice-v3-of-the-artifact-actions/",
    },
    RetiredAction {
        name: "actions/upload-artifact",
        last_retired: 3,
        since: "2025-01-30",
        source: "https://github.blog/changelog/2024-04-16-deprecation-notice-v3-of-the-artifact-actions/",
    },
];

/// The row of an action at this version (`v3`, `v3.1.2`), where it is retired.
pub(crate) fn retired(name: &str, version: &str) -> Option<&'static RetiredAction> {
    let major: u32 = version.strip_prefix('v')?.split('.').next()?.parse().ok()?;
    RETIRED.iter().find(|row| row.name == name && major <= row.last_retired)
}
