//! What Prometheus is told to ask, where a Compose service is given its configuration.

use std::sync::Arc;

use source::{EntryKind, FileKind, MAX_CONFIG_BYTES, directory_of};
use syntax::yaml::{self, Budget, View};

use crate::Stated;
use crate::inventory::Inventory;
use crate::record::{Document, Use, UseKind};

/// A host that Prometheus is told to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScrapeTarget {
    /// The host: one word, as services of Compose have for names.
    pub host: Stated<String>,
    /// The Compose file whose service is given the configuration.
    pub compose_file: Arc<str>,
    /// That service.
    pub service: String,
}

/// The targets of every configuration that a Compose service mounts, by itself or in its folder.
/// Source: <https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config>.
#[must_use]
pub(crate) fn scrape_targets(inventory: &Inventory<'_>, uses: &[Use]) -> Vec<ScrapeTarget> {
    let mut found = Vec::new();
    for used in uses {
        let UseKind::Bind { service, .. } = &used.what else { continue };
        for path in mounted(inventory, &used.path) {
            let Some(document) = configuration(inventory, path) else { continue };
            found.extend(hosts(&document).into_iter().map(|host| ScrapeTarget {
                host,
                compose_file: Arc::clone(&used.at.path),
                service: service.clone(),
            }));
        }
    }
    found.sort_by(|one, other| {
        (&one.host.at, &one.compose_file, &one.service).cmp(&(
            &other.host.at,
            &other.compose_file,
            &other.service,
        ))
    });
    found.dedup();
    found
}

/// The YAML files that are mounted: the file itself, or those of the folder.
fn mounted<'i>(inventory: &'i Inventory<'_>, path: &'i str) -> Vec<&'i str> {
    let is_yaml = |path: &str| FileKind::of(path) == FileKind::Yaml;
    if is_yaml(path) && inventory.is_file(path) {
        return vec![path];
    }
    if path.is_empty() || !inventory.is_directory(path) {
        return Vec::new();
    }
    let inside = inventory.below(path).iter().filter(|entry| entry.kind == EntryKind::File);
    let paths = inside.map(|entry| entry.path.as_str());
    paths.filter(|file| directory_of(file) == path && is_yaml(file)).collect()
}

fn configuration(inventory: &Inventory<'_>, path: &str) -> Option<Document> {
    let bytes = inventory.tree().read(path, MAX_CONFIG_BYTES).ok()?;
    memchr::memmem::find(&bytes, b"scrape_configs:")?;
    Some(Document::new(path, source::decode(bytes).ok()?))
}

fn items<'v>(map: View<'v>, key: &str) -> Vec<View<'v>> {
    map.get(key).map(|list| list.items()).unwrap_or_default()
}

fn hosts(document: &Document) -> Vec<Stated<String>> {
    let stream = yaml::parse(&document.text).tree;
    let budget = Budget::default();
    let mut found = Vec::new();
    for part in &stream.documents {
        let root = part.view(&budget);
        // Of a probe through an exporter the targets are what that asks, wherever it is.
        let direct = items(root, "scrape_configs").into_iter().filter(|job| job.get("params").is_none());
        for group in direct.flat_map(|job| items(job, "static_configs")) {
            found.extend(items(group, "targets").into_iter().filter_map(|target| {
                let value = host(target.as_str()?)?.to_owned();
                Some(Stated { value, at: document.place(target.node().inner) })
            }));
        }
    }
    found
}

/// The host of `api:8000`, where it can be the name of a service.
fn host(target: &str) -> Option<&str> {
    let (host, port) = target.split_once(':').unwrap_or((target, ""));
    let is_name = host.len() > 1
        && host.starts_with(|first: char| first.is_ascii_alphabetic())
        && host.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    (is_name && host != "localhost" && port.chars().all(|letter| letter.is_ascii_digit())).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn names_of_services() {
        for (target, expected) in [
            ("api:8000", Some("api")),
            ("node_exporter:9100", Some("node_exporter")),
            ("localhost:9090", None),
            ("10.0.0.7:9100", None),
            ("host.docker.internal:8000", None),
            ("http://api:8000", None),
            ("${HOST}:80", None),
        ] {
            assert_eq!(host(target), expected, "{target}");
        }
    }
}
