//! Bounds that a platform enforces.

/// One bound.
#[derive(Debug)]
pub(crate) struct PlatformLimit {
    /// The field, as [`facts::Limit::field`] names it.
    pub(crate) field: &'static str,
    /// What it bounds, for people.
    pub(crate) what: &'static str,
    /// The greatest value that the platform accepts.
    pub(crate) most: f64,
    /// The unit for people; `s` is written as a length of time.
    pub(crate) unit: &'static str,
    /// Where the platform says so.
    pub(crate) source: &'static str,
}

/// Every bound, by field.
pub(crate) const LIMITS: &[PlatformLimit] = &[
    PlatformLimit {
        field: "cloud-run.initial-delay",
        what: "the initial delay of a Cloud Run start-up probe",
        most: 240.0,
        unit: "s",
        source: "https://cloud.google.com/run/docs/configuring/healthchecks",
    },
    PlatformLimit {
        field: "cloud-run.request-timeout",
        what: "the request timeout of a Cloud Run service",
        most: 3600.0,
        unit: "s",
        source: "https://cloud.google.com/run/docs/configuring/request-timeout",
    },
    PlatformLimit {
        field: STARTUP_BUDGET,
        what: "the time a Cloud Run start-up probe allows (failure threshold x period)",
        most: 240.0,
        unit: "s",
        source: "https://cloud.google.com/run/docs/configuring/healthchecks",
    },
    PlatformLimit {
        field: "vpc-connector.max-throughput",
        what: "the throughput of a Serverless VPC Access connector",
        most: 1000.0,
        unit: "Mbps",
        source: "https://cloud.google.com/vpc/docs/serverless-vpc-access",
    },
];

/// The product of a start-up probe's failure threshold and period, which no single setting states.
pub(crate) const STARTUP_BUDGET: &str = "cloud-run.startup-budget";

/// The bound of a field.
pub(crate) fn limit_of(field: &str) -> Option<&'static PlatformLimit> {
    LIMITS.iter().find(|limit| limit.field == field)
}
