//! Which keys are limits, and what they bound.

use source::tokens;

use crate::{Limit, Setting, SettingSource, duration};

/// A documented field: where it stands, and its unit in seconds for a bare number.
struct Field {
    /// The name used by rules.
    name: &'static str,
    /// The key's last part, in lower case without `_` and `-`.
    key: &'static str,
    /// A word that must stand among the maps around it, in lower case; `""` for any place.
    within: &'static str,
    /// Seconds for a bare number; 0 where the field is no duration.
    unit: f64,
}

/// Fields whose bounds the platforms document.
const FIELDS: &[Field] = &[
    Field {
        name: "cloud-run.request-timeout",
        key: "timeoutseconds",
        within: "google_cloud_run_service",
        unit: 1.0,
    },
    Field {
        name: "cloud-run.request-timeout",
        key: "timeout",
        within: "google_cloud_run_v2_service",
        unit: 1.0,
    },
    Field {
        name: "cloud-run.request-timeout",
        key: "timeoutseconds",
        within: "serving.knative.dev",
        unit: 1.0,
    },
    Field { name: "cloud-run.request-timeout", key: "timeoutseconds", within: "cloud_run", unit: 1.0 },
    Field { name: "cloud-run.request-timeout", key: "timeout", within: "cloud_run", unit: 1.0 },
    Field { name: "cloud-run.request-timeout", key: "timeoutsec", within: "cloud_run", unit: 1.0 },
    Field { name: "cloud-run.request-timeout", key: "requesttimeout", within: "cloud_run", unit: 1.0 },
    Field {
        name: "vpc-connector.max-throughput",
        key: "maxthroughput",
        within: "google_vpc_access_connector",
        unit: 0.0,
    },
    Field { name: "vpc-connector.max-throughput", key: "vpcconnectormaxthroughput", within: "", unit: 0.0 },
    Field {
        name: "cloud-run.initial-delay",
        key: "initialdelayseconds",
        within: "google_cloud_run",
        unit: 1.0,
    },
    Field {
        name: "cloud-run.initial-delay",
        key: "initialdelayseconds",
        within: "serving.knative.dev",
        unit: 1.0,
    },
];

/// The limit that a setting states, where its key names one.
#[must_use]
pub(crate) fn limit(setting: &Setting) -> Option<Limit> {
    let field = field(setting);
    if field.is_none() && !names_a_timeout(&setting.key) {
        return None;
    }
    let unit = field.map(|field| field.unit).filter(|unit| *unit > 0.0).or_else(|| unit_of_source(setting));
    let seconds = match field {
        Some(Field { unit: 0.0, .. }) => setting.value.trim().parse().ok(),
        _ => duration::seconds(&setting.key, &setting.value, unit),
    };
    Some(Limit {
        key: setting.key.clone(),
        field: field.map(|field| field.name),
        seconds,
        raw: setting.raw.clone(),
        at: setting.at.clone(),
        scope: setting.scope.clone(),
        source: setting.source,
    })
}

fn field(setting: &Setting) -> Option<&'static Field> {
    let key: String = setting.key.chars().filter(char::is_ascii_alphanumeric).collect();
    let key = key.to_ascii_lowercase();
    FIELDS.iter().find(|field| {
        let inside = |name: &String| {
            let name = name.to_ascii_lowercase().replace('-', "_");
            // A job of Cloud Run has bounds of its own.
            name.contains(field.within) && !name.ends_with("_job")
        };
        // A liveness probe may wait longer.
        let is_of_startup =
            || setting.within.iter().any(|name| matches!(name.as_str(), "startupProbe" | "startup_probe"));
        field.key == key
            && (field.within.is_empty() || setting.within.iter().any(inside))
            && (field.name != "cloud-run.initial-delay" || is_of_startup())
    })
}

/// Terraform's and Kubernetes' bare numbers under such keys are seconds.
fn unit_of_source(setting: &Setting) -> Option<f64> {
    matches!(setting.source, SettingSource::Terraform).then_some(1.0)
}

fn names_a_timeout(key: &str) -> bool {
    let named =
        |word: String| matches!(word.as_str(), "timeout" | "ttl" | "heartbeat" | "keepalive" | "deadline");
    tokens(key).any(named) || key.to_ascii_lowercase().ends_with("timeoutseconds")
}
