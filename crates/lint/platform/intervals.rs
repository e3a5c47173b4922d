//! Pairs of timeout and interval that a platform compares.

/// One pair.
#[derive(Debug)]
pub(crate) struct Pair {
    /// The resource's type.
    pub(crate) kind: &'static str,
    /// The timeout: the kinds of the blocks and the key.
    pub(crate) timeout: &'static str,
    /// The interval.
    pub(crate) interval: &'static str,
    /// The interval in seconds where none is written.
    pub(crate) default_interval: f64,
    /// Where the platform says so.
    pub(crate) source: &'static str,
}

const HEALTH_CHECK: &str = "https://cloud.google.com/compute/docs/reference/rest/v1/healthChecks";
const CLOUD_RUN: &str = "https://cloud.google.com/run/docs/configuring/healthchecks";

/// Every pair of which the timeout may not be the longer one.
pub(crate) const PAIRS: &[Pair] = &[
    Pair {
        kind: "google_compute_health_check",
        timeout: "timeout_sec",
        interval: "check_interval_sec",
        default_interval: 5.0,
        source: HEALTH_CHECK,
    },
    Pair {
        kind: "google_compute_region_health_check",
        timeout: "timeout_sec",
        interval: "check_interval_sec",
        default_interval: 5.0,
        source: HEALTH_CHECK,
    },
    Pair {
        kind: "google_compute_http_health_check",
        timeout: "timeout_sec",
        interval: "check_interval_sec",
        default_interval: 5.0,
        source: HEALTH_CHECK,
    },
    Pair {
        kind: "google_cloud_run_v2_service",
        timeout: "template.containers.startup_probe.timeout_seconds",
        interval: "template.containers.startup_probe.period_seconds",
        default_interval: 10.0,
        source: CLOUD_RUN,
    },
    Pair {
        kind: "google_cloud_run_v2_service",
        timeout: "template.containers.liveness_probe.timeout_seconds",
        interval: "template.containers.liveness_probe.period_seconds",
        default_interval: 10.0,
        source: CLOUD_RUN,
    },
];
