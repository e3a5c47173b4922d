//! Addresses in configuration that a Compose service is given: what Prometheus asks, where nginx sends requests.

mod nginx;
mod prometheus;

use std::collections::BTreeMap;
use std::sync::Arc;

use source::{EntryKind, MAX_CONFIG_BYTES, Place, Span, directory_of, file_name, join};

use crate::image::{CopyStatus, Image};
use crate::inventory::Inventory;
use crate::record::{Document, Use, UseKind};
use crate::{ComposeService, Stated};

/// Who reads an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetReader {
    /// Prometheus, as a target to ask.
    Prometheus,
    /// nginx, as a server to send requests to, which it looks up when it starts.
    Nginx,
}

/// An address of the network of a Compose project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTarget {
    /// Who reads it.
    pub reader: TargetReader,
    /// The host: one word, as services of Compose have for names.
    pub host: Stated<String>,
    /// The port that is asked.
    pub port: u16,
    /// The Compose file whose service is given the configuration.
    pub compose_file: Arc<str>,
    /// That service.
    pub service: String,
}

/// An address as a reader finds it.
struct Target {
    host: String,
    port: u16,
    at: Span,
}

/// The targets in every configuration that a Compose service mounts, by itself or in its folder, or that its image takes.
#[must_use]
pub(crate) fn service_targets(
    inventory: &Inventory<'_>,
    uses: &[Use],
    images: &[Image],
    services: &[ComposeService],
) -> Vec<ServiceTarget> {
    let mut given: BTreeMap<(Arc<str>, String), Vec<String>> = BTreeMap::new();
    for used in uses {
        let UseKind::Bind { service, .. } = &used.what else { continue };
        let files = given.entry((Arc::clone(&used.at.path), service.clone())).or_default();
        files.extend(files_at(inventory, &used.path));
    }
    let mounts_nginx = |files: &[String]| files.iter().any(|path| nginx::may_be(path));
    for service in services {
        let files = given.entry((Arc::clone(&service.at.path), service.name.clone())).or_default();
        // What is mounted may lie over what the image holds.
        if !mounts_nginx(files) {
            files.extend(copied(inventory, images, service).into_iter().filter(|path| nginx::may_be(path)));
        }
    }
    let mut found = Vec::new();
    for ((compose_file, service), mut paths) in given {
        paths.sort_unstable();
        paths.dedup();
        for (reader, at, target) in of_files(inventory, &paths) {
            let host = Stated { value: target.host, at };
            let (compose_file, service) = (Arc::clone(&compose_file), service.clone());
            found.push(ServiceTarget { reader, host, port: target.port, compose_file, service });
        }
    }
    found.sort_by(|one, other| {
        (&one.host.at, &one.compose_file, &one.service).cmp(&(
            &other.host.at,
            &other.compose_file,
            &other.service,
        ))
    });
    found
}

/// The file of a path, or those of the folder.
fn files_at(inventory: &Inventory<'_>, path: &str) -> Vec<String> {
    if inventory.is_file(path) {
        return vec![path.to_owned()];
    }
    if path.is_empty() || !inventory.is_directory(path) {
        return Vec::new();
    }
    let inside = inventory.below(path).iter().filter(|entry| entry.kind == EntryKind::File);
    inside.map(|entry| entry.path.clone()).filter(|file| directory_of(file) == path).collect()
}

/// The files that the image of a service takes by name, or with their folder.
fn copied(inventory: &Inventory<'_>, images: &[Image], service: &ComposeService) -> Vec<String> {
    let built = images.iter().filter(|image| {
        service.dockerfile.as_deref() == Some(&*image.dockerfile)
            && image.built_by.iter().any(|by| by.path == service.at.path)
    });
    let copies = built.flat_map(|image| image.copies.iter().map(move |copy| (image, copy)));
    let taken = copies.filter(|(_, copy)| copy.from.is_none() && copy.status == CopyStatus::Present);
    taken
        .filter_map(|(image, copy)| join(&image.context, &copy.source))
        .flat_map(|path| files_at(inventory, &path))
        .collect()
}

fn of_files(inventory: &Inventory<'_>, paths: &[String]) -> Vec<(TargetReader, Place, Target)> {
    let read = |path: &String| {
        let bytes = inventory.tree().read(path, MAX_CONFIG_BYTES).ok()?;
        (prometheus::is_one(path, &bytes) || nginx::is_one(path, &bytes)).then_some(())?;
        Some(Document::new(path, source::decode(bytes).ok()?))
    };
    let documents: Vec<Document> = paths.iter().filter_map(read).collect();
    let (proxies, others): (Vec<&Document>, Vec<&Document>) =
        documents.iter().partition(|document| nginx::may_be(&document.path));
    let mut found = Vec::new();
    for document in others {
        found.extend(
            prometheus::targets(document)
                .into_iter()
                .map(|target| (TargetReader::Prometheus, document.place(target.at), target)),
        );
    }
    for (document, target) in nginx::targets(&proxies) {
        found.push((TargetReader::Nginx, document.place(target.at), target));
    }
    found
}

/// The host and the port of `api:8000`, where it can be the name of a service.
fn service_host(target: &str, default_port: u16) -> Option<(&str, u16)> {
    let (host, port) = match target.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (target, default_port),
    };
    let is_name = host.len() > 1
        && host.starts_with(|first: char| first.is_ascii_alphabetic())
        && host.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    (is_name && host != "localhost").then_some((host, port))
}

/// Whether a file has one of several endings.
fn ends_with(path: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| file_name(path).ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::service_host;

    #[test]
    fn names_of_services() {
        for (target, expected) in [
            ("api:8000", Some(("api", 8000))),
            ("api", Some(("api", 80))),
            ("node_exporter:9100", Some(("node_exporter", 9100))),
            ("localhost:9090", None),
            ("10.0.0.7:9100", None),
            ("host.docker.internal:8000", None),
            ("http://api:8000", None),
            ("${HOST}:80", None),
            ("unix:/run/app.sock", None),
        ] {
            assert_eq!(service_host(target, 80), expected, "{target}");
        }
    }
}
