//! What Prometheus is told to ask.
//!
//! Source: <https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config>.

use syntax::yaml::{self, Budget, View};

use super::{Target, ends_with, service_host};
use crate::record::Document;

pub(super) fn is_one(path: &str, bytes: &[u8]) -> bool {
    ends_with(path, &[".yml", ".yaml"]) && memchr::memmem::find(bytes, b"scrape_configs:").is_some()
}

fn items<'v>(map: View<'v>, key: &str) -> Vec<View<'v>> {
    map.get(key).map(|list| list.items()).unwrap_or_default()
}

pub(super) fn targets(document: &Document) -> Vec<Target> {
    let stream = yaml::parse(&document.text).tree;
    let budget = Budget::default();
    let mut found = Vec::new();
    for part in &stream.documents {
        let root = part.view(&budget);
        // Of a probe through an exporter the targets are what that asks, wherever it is.
        // So they are where a rule puts another address in their place.
        let is_replaced = |job: &View<'_>| {
            let mut rules = items(*job, "relabel_configs").into_iter();
            rules.any(|rule| rule.get("target_label").and_then(|label| label.as_str()) == Some("__address__"))
        };
        let jobs = items(root, "scrape_configs").into_iter();
        let direct = jobs.filter(|job| job.get("params").is_none() && !is_replaced(job));
        for job in direct {
            let is_secured = job.get("scheme").and_then(|scheme| scheme.as_str()) == Some("https");
            let groups = items(job, "static_configs").into_iter();
            found.extend(groups.flat_map(|group| items(group, "targets")).filter_map(|target| {
                let (host, port) = service_host(target.as_str()?, if is_secured { 443 } else { 80 })?;
                Some(Target { host: host.to_owned(), port, at: target.node().inner })
            }));
        }
    }
    found
}
