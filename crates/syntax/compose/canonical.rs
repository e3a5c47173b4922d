//! One form for everything that may be written in several (compose-go's `transform.Canonical`).

use crate::SyntaxError;

use super::merge::{dependency, names_to, nothing};
use super::path::Path;
use super::value::{Data, Entry, Key, Map, Origin, Value};
use super::{VolumeKind, ports, volumes};

/// Brings a checked file into its long form. What has none is told and taken out.
pub(super) fn canonical(file: &mut Map) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    map(file, Path::ROOT, &mut errors);
    errors
}

fn map(map: &mut Map, path: Path<'_>, errors: &mut Vec<SyntaxError>) {
    map.entries.retain_mut(|entry| {
        let path = path.to(&entry.key.name);
        told(value(&mut entry.value, path, errors), path, errors)
    });
}

fn told(done: Result<(), SyntaxError>, path: Path<'_>, errors: &mut Vec<SyntaxError>) -> bool {
    let is_right = done.is_ok();
    if let Err(mut error) = done {
        error.message = format!("`{path}`: {}", error.message);
        errors.push(error);
    }
    is_right
}

fn value(value: &mut Value, path: Path<'_>, errors: &mut Vec<SyntaxError>) -> Result<(), SyntaxError> {
    match path.keys().as_slice() {
        ["services", _, "build"] => under_key(value, "context"),
        ["services", _, "extends"] => under_key(value, "service"),
        ["include", _] => under_key(value, "path"),
        ["services", _, "build", "secrets", _] | ["services", _, "secrets" | "configs", _] => {
            under_key(value, "source");
        }
        ["services", _, "build", "additional_contexts"] => return contexts(value),
        ["services", _, "build", "ssh"] => return ssh(value),
        ["services", _, "depends_on"] => depends_on(value),
        ["services", _, "env_file"] => env_files(value),
        ["services", _, "label_file" | "dns"]
        | ["services", _, "develop", "watch", _, "ignore" | "include"] => as_list(value),
        ["services", _, "networks" | "models"] => as_names(value),
        ["services", _, "volumes", _] => return volume(value),
        ["services", _, "ports", _] => return port(value),
        ["services", _, "devices", _] => return device(value),
        ["volumes" | "networks" | "secrets" | "configs", _] => return external(value),
        _ => {}
    }
    match &mut value.data {
        Data::Map(entries) => map(entries, path, errors),
        Data::List(items) => items.retain_mut(|item| {
            let path = path.item();
            told(self::value(item, path, errors), path, errors)
        }),
        _ => {}
    }
    Ok(())
}

/// A string becomes a mapping with one key.
fn under_key(value: &mut Value, key: &str) {
    if matches!(value.data, Data::Str(_) | Data::Template(_)) {
        let entry = Entry { key: Key::implied(key, value.origin), value: value.clone() };
        value.data = Data::Map(Map { entries: vec![entry] });
    }
}

fn as_list(value: &mut Value) {
    if matches!(value.data, Data::Str(_) | Data::Template(_)) {
        value.data = Data::List(vec![value.clone()]);
    }
}

fn as_names(value: &mut Value) {
    if let Data::List(_) = value.data {
        value.data = Data::Map(names_to(value.clone(), nothing));
    }
}

fn depends_on(value: &mut Value) {
    let mut map = names_to(value.clone(), dependency);
    for entry in &mut map.entries {
        let Data::Map(stated) = dependency(entry.value.origin).data else { continue };
        let Data::Map(found) = &mut entry.value.data else { continue };
        for implied in stated.entries {
            default(found, implied);
        }
    }
    value.data = Data::Map(map);
}

fn default(map: &mut Map, implied: Entry) {
    if map.get(&implied.key.name).is_none() {
        map.entries.push(implied);
    }
}

fn env_files(value: &mut Value) {
    as_list(value);
    let Data::List(items) = &mut value.data else { return };
    for item in items {
        under_key(item, "path");
        let origin = item.origin;
        if let Data::Map(map) = &mut item.data {
            let required = Value::new(Data::Bool(true), origin);
            default(map, Entry { key: Key::implied("required", origin), value: required });
        }
    }
}

fn contexts(value: &mut Value) -> Result<(), SyntaxError> {
    let Data::List(items) = &value.data else { return Ok(()) };
    let entries = items.iter().map(|item| match item.split() {
        Some((key, Some(value))) => Ok(Entry { key, value }),
        _ => Err(item.fault("must be written `name=place`")),
    });
    let entries = entries.collect::<Result<Vec<_>, _>>()?;
    value.data = Data::Map(Map::of(entries.into_iter()));
    Ok(())
}

fn ssh(value: &mut Value) -> Result<(), SyntaxError> {
    let Data::List(items) = &value.data else { return Ok(()) };
    let entries = items.iter().map(|item| match item.split() {
        Some((key, Some(value))) => Ok(Entry { key, value }),
        Some((key, None)) if key.name == "default" => Ok(Entry { key, value: nothing(item.origin) }),
        _ => Err(item.fault("must be `default` or `id=path`")),
    });
    let entries = entries.collect::<Result<Vec<_>, _>>()?;
    value.data = Data::Map(Map::of(entries.into_iter()));
    Ok(())
}

/// A mapping of what a short form states, all of it at the place of the short form.
fn stated(origin: Origin, entries: &[(&str, Option<&str>)]) -> Data {
    let entries = entries.iter().filter_map(|(key, text)| {
        let value = Value::str((*text)?, Origin { exact: 0, ..origin });
        Some(Entry { key: Key::implied(key, origin), value })
    });
    Data::Map(Map { entries: entries.collect() })
}

fn volume(value: &mut Value) -> Result<(), SyntaxError> {
    let Some(spec) = value.as_str() else { return Ok(()) };
    let short = volumes::parse(spec).map_err(|message| value.fault(message))?;
    let kind = if short.kind == VolumeKind::Bind { "bind" } else { "volume" };
    let source = short.source.clone().and_then(|range| spec.get(range));
    let target = clean(&short.target);
    let Data::Map(mut map) =
        stated(value.origin, &[("type", Some(kind)), ("source", source), ("target", Some(&target))])
    else {
        return Ok(());
    };
    if let (Some(source), Some(range)) = (map.get_mut("source"), short.source) {
        let span = value.origin.part(range.start, range.end);
        source.origin = Origin { span, inner: span, exact: range.len().min(span.len()), ..source.origin };
    }
    if short.read_only {
        let read_only = Value::new(Data::Bool(true), value.origin);
        map.set(Key::implied("read_only", value.origin), read_only);
    }
    value.data = Data::Map(map);
    Ok(())
}

fn port(value: &mut Value) -> Result<(), SyntaxError> {
    let spec = match &value.data {
        Data::Int(port) => port.to_string(),
        Data::Str(spec) => spec.clone(),
        Data::Float(_) => return Err(value.fault("must be a whole number")),
        _ => return Ok(()),
    };
    let short = ports::parse(&spec).map_err(|message| value.fault(message))?;
    let protocol = short.protocol.to_ascii_lowercase();
    value.data = stated(
        value.origin,
        &[
            ("mode", Some("ingress")),
            ("host_ip", short.host_ip),
            ("target", Some(short.target)),
            ("published", short.published),
            ("protocol", Some(&protocol)),
        ],
    );
    Ok(())
}

fn device(value: &mut Value) -> Result<(), SyntaxError> {
    let Some(spec) = value.as_str() else { return Ok(()) };
    let parts: Vec<&str> = spec.split(':').collect();
    let (source, target, permissions) = match parts.as_slice() {
        [source] | [source, ""] => (*source, *source, "rwm"),
        [source, target] => (*source, *target, "rwm"),
        [source, target, permissions] => (*source, *target, *permissions),
        _ => return Err(value.fault("has too many colons; use the long form")),
    };
    value.data = stated(
        value.origin,
        &[("source", Some(source)), ("target", Some(target)), ("permissions", Some(permissions))],
    );
    Ok(())
}

/// `external: {name: x}` is `external: true` with `name: x`.
fn external(value: &mut Value) -> Result<(), SyntaxError> {
    let Data::Map(map) = &mut value.data else { return Ok(()) };
    let Some(external) = map.get_mut("external") else { return Ok(()) };
    let Data::Map(old) = &mut external.data else { return Ok(()) };
    let name = old.remove("name");
    external.data = Data::Bool(true);
    let Some(name) = name else { return Ok(()) };
    match map.get("name") {
        Some(other) if other.data != name.data => Err(name.fault("differs from `name`; use `name` alone")),
        Some(_) => Ok(()),
        None => {
            map.set(Key::implied("name", name.origin), name);
            Ok(())
        }
    }
}

/// A path of a container without `.`, `..` and doubled slashes, as Go's `path.Clean` gives it.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let is_absolute = path.starts_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}
