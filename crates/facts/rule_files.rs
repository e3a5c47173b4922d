//! Files of rules that Prometheus is told to read, where a Compose service gives it its configuration.
//!
//! Source: <https://prometheus.io/docs/prometheus/latest/configuration/configuration/#configuration-file>, `rule_files`;
//! the image's default: <https://hub.docker.com/r/prom/prometheus>.

use std::sync::Arc;

use source::{EntryKind, MAX_CONFIG_BYTES, directory_of};
use syntax::yaml::{self, Budget};

use crate::container::image_name;
use crate::inventory::Inventory;
use crate::record::{Document, Use, UseKind};
use crate::wildcard::{is_wildcard, literal_directory, matches};
use crate::{ComposeService, Stated};

/// Images that hold no rules themselves.
const IMAGES: &[&str] = &["prom/prometheus", "docker.io/prom/prometheus", "quay.io/prometheus/prometheus"];

/// The configuration that the images read where the command names none.
const DEFAULT_CONFIG: &str = "/etc/prometheus/prometheus.yml";

/// Rules that Prometheus is told to read and does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmatchedRules {
    /// The file or pattern as written.
    pub pattern: Stated<String>,
    /// Where the container would have it.
    pub path: String,
    /// The Compose file of the service.
    pub compose_file: Arc<str>,
    /// The service that runs Prometheus.
    pub service: String,
}

/// A file or folder of the tree that a container has.
struct Mount<'u> {
    /// In the container, without `/` at the end.
    target: &'u str,
    /// In the tree.
    source: &'u str,
}

/// What is missing of the rules that services with a known image and known volumes are told to read.
#[must_use]
pub(crate) fn unmatched_rules(
    inventory: &Inventory<'_>,
    uses: &[Use],
    services: &[ComposeService],
) -> Vec<UnmatchedRules> {
    let mut found = Vec::new();
    for service in services {
        let is_known = service.dockerfile.is_none()
            && service.image.as_ref().is_some_and(|image| IMAGES.contains(&image_name(&image.value)));
        let Some(mounted) = service.mounted.as_ref().filter(|_| is_known) else { continue };
        let mounts = mounts(inventory, uses, service);
        // What lies in a volume of another kind is not known.
        let unknown: Vec<&str> = mounted
            .iter()
            .map(|target| target.trim_end_matches('/'))
            .filter(|target| mounts.iter().all(|mount| mount.target != *target))
            .collect();
        for pattern in rule_files(inventory, &mounts, &config_path(service)) {
            let path = absolute(&pattern.value, &config_path(service));
            if !is_there(inventory, &mounts, &unknown, &path) {
                let (compose_file, service) = (Arc::clone(&service.at.path), service.name.clone());
                found.push(UnmatchedRules { pattern, path, compose_file, service });
            }
        }
    }
    found
}

fn mounts<'u>(inventory: &Inventory<'_>, uses: &'u [Use], service: &ComposeService) -> Vec<Mount<'u>> {
    let own = uses.iter().filter(|used| used.at.path == service.at.path);
    let bound = own.filter_map(|used| match &used.what {
        UseKind::Bind { service: name, target, .. } if *name == service.name => {
            Some(Mount { target: target.trim_end_matches('/'), source: &used.path })
        }
        _ => None,
    });
    bound.filter(|mount| inventory.kind(mount.source).is_some()).collect()
}

fn config_path(service: &ComposeService) -> String {
    let words = service.command.iter().map(|word| word.value.as_str());
    let named = words.clone().find_map(|word| word.strip_prefix("--config.file="));
    let after = || words.clone().skip_while(|word| *word != "--config.file").nth(1);
    named.or_else(after).unwrap_or(DEFAULT_CONFIG).to_owned()
}

/// The patterns of the configuration at a path of the container.
fn rule_files(inventory: &Inventory<'_>, mounts: &[Mount<'_>], config: &str) -> Vec<Stated<String>> {
    let file = mounts.iter().find_map(|mount| {
        let rest = config.strip_prefix(mount.target)?;
        Some(format!("{}{rest}", mount.source)).filter(|_| rest.is_empty() || rest.starts_with('/'))
    });
    let bytes = file.as_ref().and_then(|path| inventory.tree().read(path, MAX_CONFIG_BYTES).ok());
    let Some((path, text)) = file.zip(bytes.and_then(|bytes| source::decode(bytes).ok())) else {
        return Vec::new();
    };
    let document = Document::new(&path, text);
    let stream = yaml::parse(&document.text).tree;
    let budget = Budget::default();
    let roots = stream.documents.iter().map(|part| part.view(&budget));
    let lists = roots.filter_map(|root| root.get("rule_files"));
    let named = lists.flat_map(|list| list.items()).filter_map(|item| {
        let value = item.as_str().filter(|text| !text.contains(['$', '{', '\\']))?.to_owned();
        Some(Stated { value, at: document.place(item.node().inner) })
    });
    named.collect()
}

/// A path as seen from the configuration.
fn absolute(written: &str, config: &str) -> String {
    if written.starts_with('/') {
        return written.to_owned();
    }
    format!("{}/{}", directory_of(config), written.trim_start_matches("./"))
}

/// Whether a pattern leads to something, or may.
fn is_there(inventory: &Inventory<'_>, mounts: &[Mount<'_>], unknown: &[&str], path: &str) -> bool {
    let folder = literal_directory(path);
    let is_below = |path: &str, folder: &str| {
        path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if path.contains("..") || unknown.iter().any(|target| is_below(path, target) || is_below(target, folder))
    {
        return true;
    }
    mounts.iter().any(|mount| {
        if inventory.is_file(mount.source) {
            return matches(path, mount.target);
        }
        // A folder that is there may be filled later on.
        let is_open = is_wildcard(path)
            && (is_below(folder, mount.target)
                && inventory.is_directory(&format!("{}{}", mount.source, rest(folder, mount.target))));
        let inside = inventory.below(mount.source).iter().filter(|entry| entry.kind == EntryKind::File);
        is_open
            || inside
                .filter_map(|entry| entry.path.strip_prefix(mount.source))
                .any(|rest| matches(path, &format!("{}{rest}", mount.target)))
    })
}

/// What follows a folder in a path.
fn rest<'p>(path: &'p str, folder: &str) -> &'p str {
    path.strip_prefix(folder).unwrap_or("")
}
