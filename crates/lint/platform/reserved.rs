//! Names of variables that a platform keeps for itself.

/// One reserved variable.
#[derive(Debug)]
pub(crate) struct Reserved {
    /// Its name.
    pub(crate) name: &'static str,
    /// The platform, as policies name it.
    pub(crate) platform: &'static str,
    /// The platform, for people.
    pub(crate) people: &'static str,
    /// What to do instead.
    pub(crate) instead: &'static str,
    /// Where the platform says so.
    pub(crate) source: &'static str,
}

/// Every reserved variable.
pub(crate) const RESERVED: &[Reserved] = &[
    cloud_run("PORT", "set the container's port instead, and listen on $PORT"),
    cloud_run("K_SERVICE", "drop it"),
    cloud_run("K_REVISION", "drop it"),
    cloud_run("K_CONFIGURATION", "drop it"),
];

const fn cloud_run(name: &'static str, instead: &'static str) -> Reserved {
    Reserved {
        name,
        platform: "cloud-run",
        people: "Cloud Run",
        instead,
        source: "https://cloud.google.com/run/docs/configuring/services/overview-environment-variables",
    }
}
