//! What `gcloud run services describe` shows.

use std::collections::BTreeMap;

use serde_json::Value;

/// A service as the platform shows it.
pub(super) struct Shown(Value);

impl Shown {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        value.get("status").is_some().then_some(Self(value))
    }

    fn entries(&self) -> &[Value] {
        self.0.pointer("/status/traffic").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The shares of traffic by revision; an entry that says "the latest" is the revision that it stands for now.
    pub(super) fn traffic(&self) -> BTreeMap<String, u8> {
        let mut traffic = BTreeMap::new();
        for entry in self.entries() {
            let share = entry.get("percent").and_then(Value::as_u64).unwrap_or(0);
            let share = u8::try_from(share.min(100)).unwrap_or(100);
            if let Some(name) = entry.get("revisionName").and_then(Value::as_str).filter(|_| share > 0) {
                let all: &mut u8 = traffic.entry(name.to_owned()).or_default();
                *all = all.saturating_add(share);
            }
        }
        traffic
    }

    /// Where the revision with this tag answers.
    pub(super) fn url_of_tag(&self, tag: &str) -> Option<String> {
        let tagged =
            self.entries().iter().find(|entry| entry.get("tag").and_then(Value::as_str) == Some(tag))?;
        tagged.get("url").and_then(Value::as_str).map(str::to_owned)
    }

    /// Where users go.
    pub(super) fn url(&self) -> Option<String> {
        self.0.pointer("/status/url").and_then(Value::as_str).map(str::to_owned)
    }

    /// Why the newest revision will never be ready, if it is this one.
    pub(super) fn failure(&self, revision: &str) -> Option<String> {
        let newest = self.0.pointer("/status/latestCreatedRevisionName").and_then(Value::as_str);
        if newest != Some(revision) {
            return None;
        }
        let conditions = self.0.pointer("/status/conditions").and_then(Value::as_array)?;
        let of_kind =
            |kind: &str| conditions.iter().find(|one| one.get("type").and_then(Value::as_str) == Some(kind));
        let failed = of_kind("ConfigurationsReady")?;
        (failed.get("status").and_then(Value::as_str) == Some("False")).then(|| {
            let why = failed.get("message").and_then(Value::as_str).unwrap_or("no reason given");
            format!("{revision} failed: {}", source::redact::text(why))
        })
    }
}
