//! What a list may say only once: a later item takes the place of the earlier one (compose-go's `EnforceUnicity`).

use std::collections::HashMap;

use super::path::Path;
use super::value::{Data, Map, Value};
use super::volumes;

/// What an item of a list is known by.
#[derive(Clone, Copy)]
enum Identity {
    /// What stands before `=`.
    Name,
    /// Where a volume is mounted.
    Mount,
    /// Where a device appears.
    Device,
    /// Where a secret or config appears; the folder is the place of those that do not say.
    Grant(&'static str),
    Port,
    EnvFile,
    Text,
}

fn identity(path: Path<'_>) -> Option<Identity> {
    Some(match path.keys().as_slice() {
        [
            "services",
            _,
            "annotations" | "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "environment"
            | "labels" | "links" | "profiles" | "sysctls" | "tmpfs",
        ]
        | ["services", _, "build", "args" | "additional_contexts" | "platform" | "tags" | "labels"]
        | ["networks", _, "labels"]
        | ["networks", _, "ipam", "options"]
        | ["services", _, "deploy", "labels"]
        | ["services", _, "networks", _, "aliases" | "link_local_ips"] => Identity::Name,
        ["services", _, "volumes"] => Identity::Mount,
        ["services", _, "devices"] => Identity::Device,
        ["services", _, "configs"] => Identity::Grant(""),
        ["services", _, "secrets"] => Identity::Grant("/run/secrets"),
        ["services", _, "ports"] => Identity::Port,
        ["services", _, "env_file"] => Identity::EnvFile,
        ["services", _, "expose"] => Identity::Text,
        _ => return None,
    })
}

/// Drops what later items of the same list say anew.
pub(super) fn enforce(file: &mut Map) {
    map(file, Path::ROOT);
}

fn map(map: &mut Map, path: Path<'_>) {
    for entry in &mut map.entries {
        value(&mut entry.value, path.to(&entry.key.name));
    }
}

fn value(value: &mut Value, path: Path<'_>) {
    match &mut value.data {
        Data::Map(entries) => map(entries, path),
        Data::List(items) => {
            if let Some(identity) = identity(path) {
                keep_last(items, identity);
            }
        }
        _ => {}
    }
}

/// A later item takes the place of the earlier one; what has no identity stays.
fn keep_last(items: &mut Vec<Value>, identity: Identity) {
    let mut kept: Vec<Value> = Vec::with_capacity(items.len());
    let mut places: HashMap<String, usize> = HashMap::new();
    for item in items.drain(..) {
        let Some(key) = key_of(&item, identity) else {
            kept.push(item);
            continue;
        };
        if let Some(place) = places.get(&key).and_then(|at| kept.get_mut(*at)) {
            *place = item;
        } else {
            places.insert(key, kept.len());
            kept.push(item);
        }
    }
    *items = kept;
}

fn key_of(item: &Value, identity: Identity) -> Option<String> {
    let text_of = |map: &Map, key: &str| map.get(key).and_then(Value::text);
    match (identity, &item.data) {
        (Identity::Name, Data::Str(text)) => Some(text.split('=').next().unwrap_or(text).to_owned()),
        (Identity::Mount, Data::Str(text)) => Some(volumes::parse(text).ok()?.target),
        (Identity::Mount | Identity::Device, Data::Map(map)) => text_of(map, "target"),
        (Identity::Device, Data::Str(text)) => {
            let mut parts = text.split(':');
            let first = parts.next()?;
            Some(parts.next().unwrap_or(first).to_owned())
        }
        (Identity::Grant(folder), Data::Str(text)) => Some(format!("{folder}/{text}")),
        (Identity::Grant(folder), Data::Map(map)) => {
            text_of(map, "target").or_else(|| Some(format!("{folder}/{}", text_of(map, "source")?)))
        }
        (Identity::Port, Data::Map(map)) => {
            let or = |key, other: &str| text_of(map, key).unwrap_or_else(|| other.to_owned());
            let target = text_of(map, "target")?;
            Some(format!(
                "{}:{}:{target}/{}",
                or("host_ip", "0.0.0.0"),
                or("published", ""),
                or("protocol", "tcp")
            ))
        }
        (Identity::EnvFile, Data::Map(map)) => text_of(map, "path"),
        (Identity::Port | Identity::EnvFile | Identity::Text, _) => item.text(),
        _ => None,
    }
}
