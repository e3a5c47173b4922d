//! From checked values, in short form or long, to the types that readers of this crate see.

use source::Span;

use super::value::{Data, Entry, Key, Map, Value};
use super::variables::switch;
use super::{
    Build, CommandLine, ComposeFile, Dependency, EnvFileRef, Extends, Grant, Healthcheck, Include, Limits,
    Port, Resource, ResourceSource, Service, Setting, Volume, VolumeKind, ports, volumes,
};
use crate::Spanned;

pub(super) fn file(map: &Map) -> ComposeFile {
    ComposeFile {
        name: text(map, "name"),
        services: entries(map, "services").filter_map(service).collect(),
        includes: items(map, "include").iter().filter_map(include).collect(),
        volumes: entries(map, "volumes").map(|entry| name(&entry.key)).collect(),
        secrets: entries(map, "secrets").map(resource).collect(),
        configs: entries(map, "configs").map(resource).collect(),
        networks: entries(map, "networks").map(|entry| name(&entry.key)).collect(),
        external_networks: entries(map, "networks").filter(|entry| is_external(entry)).map(named).collect(),
        variables: Vec::new(),
    }
}

pub(super) fn service(entry: &Entry) -> Option<Service> {
    let map = entry.value.as_map()?;
    Some(Service {
        name: name(&entry.key),
        line: entry.key.line,
        image: text(map, "image"),
        pull_policy: text(map, "pull_policy"),
        build: map.get("build").map(build),
        environment: settings(map, "environment"),
        env_file: one_or_more(map, "env_file").iter().filter_map(env_file).collect(),
        command: map.get("command").and_then(command),
        entrypoint: map.get("entrypoint").and_then(command),
        healthcheck: map.get("healthcheck").and_then(healthcheck),
        ports: items(map, "ports").iter().filter_map(port).collect(),
        expose: texts(map, "expose"),
        volumes: all_volumes(map),
        depends_on: depends_on(map),
        profiles: texts(map, "profiles"),
        extends: map.get("extends").and_then(extends),
        secrets: items(map, "secrets").iter().filter_map(grant).collect(),
        configs: items(map, "configs").iter().filter_map(grant).collect(),
        networks: names(map, "networks"),
        working_dir: text(map, "working_dir"),
        labels: settings(map, "labels"),
        network_mode: text(map, "network_mode"),
        extra_hosts: host_names(map),
        other_names: other_names(map),
        limits: limits(map),
        stop_grace_period: text(map, "stop_grace_period"),
        restart: text(map, "restart"),
    })
}

fn name(key: &Key) -> Spanned<String> {
    Spanned::new(key.name.clone(), key.span)
}

fn spanned(value: &Value) -> Option<Spanned<String>> {
    Some(Spanned::new(value.text()?, value.origin.span))
}

fn text(map: &Map, key: &str) -> Option<Spanned<String>> {
    map.get(key).and_then(spanned)
}

fn items<'m>(map: &'m Map, key: &str) -> &'m [Value] {
    map.get(key).and_then(Value::as_list).unwrap_or_default()
}

fn entries<'m>(map: &'m Map, key: &str) -> impl Iterator<Item = &'m Entry> {
    map.map(key).into_iter().flat_map(|map| &map.entries)
}

/// The items of a list; the value itself where it is a scalar.
fn one_or_more<'m>(map: &'m Map, key: &str) -> &'m [Value] {
    match map.get(key) {
        Some(value) => value.as_list().unwrap_or_else(|| match value.data {
            Data::Null => &[],
            _ => std::slice::from_ref(value),
        }),
        None => &[],
    }
}

fn texts(map: &Map, key: &str) -> Vec<Spanned<String>> {
    one_or_more(map, key).iter().filter_map(spanned).collect()
}

/// The keys of a mapping, or the items of a list.
fn names(map: &Map, key: &str) -> Vec<Spanned<String>> {
    entries(map, key)
        .map(|entry| name(&entry.key))
        .chain(items(map, key).iter().filter_map(spanned))
        .collect()
}

/// The names of `- "name:address"`, `- name=address` and `name: address`.
fn host_names(map: &Map) -> Vec<String> {
    let names = names(map, "extra_hosts").into_iter();
    names.filter_map(|written| written.value.split([':', '=']).next().map(str::to_owned)).collect()
}

fn other_names(map: &Map) -> Vec<String> {
    let own = ["container_name", "hostname"].into_iter().filter_map(|key| text(map, key));
    let networks = entries(map, "networks").filter_map(|entry| entry.value.as_map());
    let aliases = networks.flat_map(|network| texts(network, "aliases"));
    let plain = own.chain(aliases).map(|name| name.value);
    // `service:alias`
    let links = ["links", "external_links"].into_iter().flat_map(|key| texts(map, key));
    plain.chain(links.filter_map(|link| link.value.rsplit(':').next().map(str::to_owned))).collect()
}

fn named(entry: &Entry) -> String {
    entry.key.name.clone()
}

fn is_external(entry: &Entry) -> bool {
    let external = entry.value.as_map().and_then(|map| map.get("external"));
    external.is_some_and(|external| !matches!(external.data, Data::Bool(false) | Data::Null))
}

fn settings(map: &Map, key: &str) -> Vec<Setting> {
    let from_entries = entries(map, key).map(|entry| setting(&entry.key, Some(&entry.value)));
    let split = items(map, key).iter().filter_map(Value::split);
    from_entries.chain(split.map(|(key, value)| setting(&key, value.as_ref()))).collect()
}

fn setting(key: &Key, value: Option<&Value>) -> Setting {
    let inner = value.map_or(Span::at(key.span.end), |value| value.origin.inner);
    Setting { name: name(key), value: value.and_then(spanned), inner, line: key.line }
}

fn build(value: &Value) -> Build {
    let span = value.origin.span;
    let Some(map) = value.as_map() else {
        let context = spanned(value).unwrap_or_default();
        return Build { context, span, ..Build::default() };
    };
    Build {
        context: text(map, "context").unwrap_or_else(|| Spanned::new(".".to_owned(), span)),
        dockerfile: text(map, "dockerfile"),
        dockerfile_inline: text(map, "dockerfile_inline"),
        target: text(map, "target"),
        args: settings(map, "args"),
        additional_contexts: settings(map, "additional_contexts"),
        span,
    }
}

fn env_file(value: &Value) -> Option<EnvFileRef> {
    let Some(map) = value.as_map() else {
        return Some(EnvFileRef { path: spanned(value)?, required: true, format: None });
    };
    let required = map.get("required").is_none_or(is_on);
    Some(EnvFileRef { path: text(map, "path")?, required, format: text(map, "format") })
}

fn is_on(value: &Value) -> bool {
    match &value.data {
        Data::Bool(is_on) => *is_on,
        Data::Str(text) => switch(text).unwrap_or(true),
        _ => true,
    }
}

fn command(value: &Value) -> Option<CommandLine> {
    match value.as_list() {
        Some(words) => Some(CommandLine::Exec(words.iter().filter_map(spanned).collect())),
        None => spanned(value).map(CommandLine::Shell),
    }
}

fn healthcheck(value: &Value) -> Option<Healthcheck> {
    let map = value.as_map()?;
    let test = map.get("test").and_then(command);
    let is_none = matches!(&test, Some(CommandLine::Exec(words))
        if words.first().is_some_and(|word| word.value == "NONE"));
    Some(Healthcheck {
        disabled: is_none || map.get("disable").is_some_and(is_on),
        test,
        interval: text(map, "interval"),
        timeout: text(map, "timeout"),
        retries: text(map, "retries"),
        start_period: text(map, "start_period"),
        span: value.origin.span,
    })
}

fn port(value: &Value) -> Option<Port> {
    let owned = |text: &str| text.to_owned();
    let Some(map) = value.as_map() else {
        let raw = spanned(value)?;
        let short = ports::divide(&raw.value);
        return Some(Port {
            published: short.published.map(owned),
            target: owned(short.target),
            host_ip: short.host_ip.map(owned),
            protocol: owned(short.protocol),
            raw,
        });
    };
    let stated = |key| map.get(key).and_then(Value::text);
    let raw = text(map, "target")?;
    Some(Port {
        published: stated("published"),
        target: raw.value.clone(),
        host_ip: stated("host_ip"),
        protocol: stated("protocol").unwrap_or_else(|| "tcp".to_owned()),
        raw,
    })
}

fn all_volumes(map: &Map) -> Vec<Volume> {
    let tmpfs = one_or_more(map, "tmpfs").iter().filter_map(|value| {
        let raw = spanned(value)?;
        let target = raw.value.split(':').next().unwrap_or("").to_owned();
        Some(Volume { raw, source: None, target, kind: VolumeKind::Tmpfs, read_only: false })
    });
    items(map, "volumes").iter().filter_map(volume).chain(tmpfs).collect()
}

fn volume(value: &Value) -> Option<Volume> {
    let Some(map) = value.as_map() else { return short_volume(value) };
    let source = text(map, "source").filter(|source| !source.value.is_empty());
    let kind = match (map.get("type").and_then(Value::as_str), &source) {
        (Some("bind"), _) => VolumeKind::Bind,
        (Some("volume"), Some(_)) => VolumeKind::Named,
        (Some("volume"), None) => VolumeKind::Anonymous,
        (Some("tmpfs"), _) => VolumeKind::Tmpfs,
        _ => VolumeKind::Other,
    };
    let raw = text(map, "target")?;
    let read_only = map.get("read_only").is_some_and(is_on);
    Some(Volume { source, target: raw.value.clone(), kind, read_only, raw })
}

fn short_volume(value: &Value) -> Option<Volume> {
    let raw = spanned(value)?;
    let short = volumes::parse(&raw.value).ok()?;
    let source = short.source.map(|range| {
        let span = value.origin.part(range.start, range.end);
        Spanned::new(raw.value.get(range).unwrap_or("").to_owned(), span)
    });
    Some(Volume { source, target: short.target, kind: short.kind, read_only: short.read_only, raw })
}

fn depends_on(map: &Map) -> Vec<Dependency> {
    let short = items(map, "depends_on")
        .iter()
        .filter_map(|item| Some(Dependency { service: spanned(item)?, condition: None, required: true }));
    let long = entries(map, "depends_on").map(|entry| {
        let map = entry.value.as_map();
        Dependency {
            service: name(&entry.key),
            condition: map.and_then(|map| text(map, "condition")),
            required: map.and_then(|map| map.get("required")).is_none_or(is_on),
        }
    });
    short.chain(long).collect()
}

pub(super) fn extends(value: &Value) -> Option<Extends> {
    match value.as_map() {
        Some(map) => Some(Extends { file: text(map, "file"), service: text(map, "service")? }),
        None => Some(Extends { file: None, service: spanned(value)? }),
    }
}

fn grant(value: &Value) -> Option<Grant> {
    match value.as_map() {
        Some(map) => Some(Grant { source: text(map, "source")?, target: text(map, "target") }),
        None => Some(Grant { source: spanned(value)?, target: None }),
    }
}

fn limits(map: &Map) -> Limits {
    let stated = ["deploy", "resources", "limits"].iter().try_fold(map, |map, key| map.map(key));
    let limit = |key| stated.and_then(|limits| text(limits, key));
    Limits {
        memory: limit("memory").or_else(|| text(map, "mem_limit")),
        cpus: limit("cpus").or_else(|| text(map, "cpus")),
    }
}

pub(super) fn include(value: &Value) -> Option<Include> {
    let Some(map) = value.as_map() else {
        return Some(Include {
            paths: vec![spanned(value)?],
            project_directory: None,
            env_files: Vec::new(),
        });
    };
    Some(Include {
        paths: texts(map, "path"),
        project_directory: text(map, "project_directory"),
        env_files: texts(map, "env_file"),
    })
}

fn resource(entry: &Entry) -> Resource {
    let map = entry.value.as_map();
    let stated = |key| map.and_then(|map| text(map, key));
    let is_external = map.and_then(|map| map.get("external")).is_some_and(is_on);
    let source = if is_external {
        ResourceSource::External
    } else if let Some(file) = stated("file") {
        ResourceSource::File(file)
    } else if let Some(variable) = stated("environment") {
        ResourceSource::Environment(variable)
    } else if let Some(content) = stated("content") {
        ResourceSource::Content(content)
    } else {
        ResourceSource::Unstated
    };
    Resource { name: name(&entry.key), source }
}
