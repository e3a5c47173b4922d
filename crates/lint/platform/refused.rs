//! Settings that a platform refuses on some kind of resource.

/// One attribute that is refused.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The attribute.
    pub(crate) attribute: &'static str,
    /// The value that is taken all the same.
    pub(crate) unless: Option<&'static str>,
    /// What the platform does, as the rest of a sentence.
    pub(crate) consequence: &'static str,
    /// Where the platform says so.
    pub(crate) source: &'static str,
}

/// What a backend service may not have over a serverless network endpoint group.
pub(crate) const SERVERLESS_NEG: &[Refused] = &[
    Refused {
        attribute: "health_checks",
        unless: None,
        consequence: "a backend service over such a group may have no health checks",
        source: "https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts#limitations",
    },
    Refused {
        attribute: "timeout_sec",
        // The provider's own default, with which the field is not sent as a change.
        unless: Some("30"),
        consequence: "a backend service over such a group takes no timeout but the default",
        source: "https://cloud.google.com/load-balancing/docs/backend-service#timeout-setting",
    },
];
