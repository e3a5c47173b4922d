//! Merging: an override over a base, by the rules of compose-go 2.14 (`override/merge.go`).

use crate::SyntaxError;

use super::path::Path;
use super::value::{Data, Entry, Key, Map, Origin, Value};

/// The base with everything the override says.
pub(super) fn merge(base: Map, over: Map, errors: &mut Vec<SyntaxError>) -> Map {
    Merger { errors }.maps(base, over, Path::ROOT)
}

/// A service with everything that another one, built upon it, says.
pub(super) fn extend_service(base: Map, over: Map, errors: &mut Vec<SyntaxError>) -> Map {
    let services = Path::ROOT.to("services");
    Merger { errors }.maps(base, over, services.to("x"))
}

/// What a resource of one file becomes with what another says of it.
pub(super) fn merge_resource(kind: &str, base: Value, over: Value, errors: &mut Vec<SyntaxError>) -> Value {
    let resources = Path::ROOT.to(kind);
    Merger { errors }.values(base, over, resources.to("x"))
}

/// Forgets what stands at these paths, where a later document says `!reset` or `!override`.
pub(super) fn reset(map: &mut Map, resets: &[Vec<String>]) {
    for path in resets {
        forget(map, path);
    }
}

fn forget(map: &mut Map, path: &[String]) {
    match path {
        [] => {}
        [last] => {
            map.remove(last);
        }
        [first, rest @ ..] => {
            if let Some(Data::Map(below)) = map.get_mut(first).map(|value| &mut value.data) {
                forget(below, rest);
            }
        }
    }
}

/// How two values of one place become one.
enum Rule {
    /// Mappings by key, lists one after the other, anything else replaced.
    Plain,
    /// The override alone.
    Replace,
    /// `KEY=value` lists, one after the other; what is said twice is settled later.
    Sequence,
    /// The same, without what the base has already.
    ExtraHosts,
    /// A string is the context.
    Build,
    DependsOn,
    /// A list of names is a mapping to nothing.
    NamesToNothing,
    /// Mappings by key, where the driver is the same.
    Logging,
    Subnets,
}

fn rule(path: Path<'_>) -> Rule {
    match path.keys().as_slice() {
        ["networks", _, "ipam", "config"] => Rule::Subnets,
        ["services", _, "build"] => Rule::Build,
        ["services", _, "build", "extra_hosts"] | ["services", _, "extra_hosts"] => Rule::ExtraHosts,
        ["services", _, "command" | "entrypoint"]
        | ["services", _, "healthcheck", "test"]
        | ["services", _, "ulimits", _] => Rule::Replace,
        ["services", _, "depends_on"] => Rule::DependsOn,
        ["services", _, "models" | "networks"] => Rule::NamesToNothing,
        ["services", _, "logging"] => Rule::Logging,
        [
            "services",
            _,
            "annotations" | "dns" | "dns_opt" | "dns_search" | "env_file" | "label_file" | "environment"
            | "labels" | "sysctls" | "tmpfs",
        ]
        | ["services", _, "build", "args" | "additional_contexts" | "labels"]
        | ["networks" | "volumes", _, "labels"]
        | ["services", _, "deploy", "labels"]
        | ["services", _, "volumes", _, "volume", "labels"] => Rule::Sequence,
        _ => Rule::Plain,
    }
}

struct Merger<'e> {
    /// Where the override is of another kind than the base; the override is kept then.
    errors: &'e mut Vec<SyntaxError>,
}

impl Merger<'_> {
    fn values(&mut self, base: Value, over: Value, path: Path<'_>) -> Value {
        let origin = over.origin;
        let merged = |map: Map| Value::new(Data::Map(map), origin);
        match rule(path) {
            Rule::Plain => self.plainly(base, over, path),
            Rule::Replace => over,
            Rule::Sequence => appended(sequence(base), sequence(over), origin),
            Rule::ExtraHosts => {
                let base = sequence(base);
                let mut more = sequence(over);
                more.retain(|host| !base.iter().any(|known| known.data == host.data));
                appended(base, more, origin)
            }
            Rule::Build => merged(self.maps(build(base), build(over), path)),
            Rule::DependsOn => {
                let (base, over) = (names_to(base, dependency), names_to(over, dependency));
                merged(self.maps(base, over, path))
            }
            Rule::NamesToNothing => {
                let (base, over) = (names_to(base, nothing), names_to(over, nothing));
                merged(self.maps(base, over, path))
            }
            Rule::Logging => match (base.data, over.data) {
                (Data::Map(base), Data::Map(over)) if drivers_agree(&base, &over) => {
                    merged(self.maps(base, over, path))
                }
                (_, over) => Value::new(over, origin),
            },
            Rule::Subnets => self.subnets(base, over, path),
        }
    }

    fn plainly(&mut self, base: Value, over: Value, path: Path<'_>) -> Value {
        let origin = over.origin;
        match (base.data, over.data) {
            (data, Data::Null) => Value { data, ..base },
            (Data::Map(base), Data::Map(over)) => Value::new(Data::Map(self.maps(base, over, path)), origin),
            (Data::List(base), Data::List(over)) => appended(base, over, origin),
            (base, data) => {
                let over = Value { data, origin, pair: over.pair };
                if matches!(base, Data::Map(_) | Data::List(_)) {
                    let kind = if matches!(base, Data::Map(_)) { "mapping" } else { "list" };
                    self.errors.push(over.fault(format!("`{path}` is a {kind} in what this overrides")));
                }
                over
            }
        }
    }

    fn maps(&mut self, mut base: Map, over: Map, path: Path<'_>) -> Map {
        let names = base.places();
        for entry in over.entries {
            match names.get(&entry.key.name).and_then(|at| base.entries.get_mut(*at)) {
                None => base.entries.push(entry),
                Some(place) => {
                    let nothing = nothing(place.value.origin);
                    let before = std::mem::replace(&mut place.value, nothing);
                    place.value = self.values(before, entry.value, path.to(&place.key.name));
                }
            }
        }
        base
    }

    /// Each base subnet meets each override; those of one subnet are merged.
    fn subnets(&mut self, base: Value, over: Value, path: Path<'_>) -> Value {
        let (Data::List(base), Data::List(more)) = (base.data, &over.data) else {
            self.errors.push(over.fault(format!("`{path}` must be a list")));
            return over;
        };
        if base.len().saturating_mul(more.len()) > MAX_SUBNET_PAIRS {
            self.errors.push(over.fault(format!("`{path}` holds too many subnets to merge")));
            return over;
        }
        let mut merged: Vec<Map> = Vec::new();
        for original in base.iter().filter_map(Value::as_map) {
            let mut right = original.clone();
            for left in more.iter().filter_map(Value::as_map) {
                let is_known = merged.iter().any(|map| subnet(map) == subnet(left));
                if subnet(left) != subnet(&right) && !is_known {
                    merged.push(left.clone());
                    continue;
                }
                right = self.maps(right, left.clone(), path);
                match merged.iter_mut().find(|map| subnet(map) == subnet(&right)) {
                    Some(place) => *place = right.clone(),
                    None => merged.push(right.clone()),
                }
            }
        }
        let items = merged.into_iter().map(|map| Value::new(Data::Map(map), over.origin)).collect();
        Value::new(Data::List(items), over.origin)
    }
}

/// Merging subnets compares each with each.
const MAX_SUBNET_PAIRS: usize = 10_000;

fn subnet(map: &Map) -> Option<&Data> {
    map.get("subnet").map(|subnet| &subnet.data)
}

fn appended(mut base: Vec<Value>, over: Vec<Value>, origin: Origin) -> Value {
    base.extend(over);
    Value::new(Data::List(base), origin)
}

/// A mapping as `KEY=value` strings in their order by text, a string as a list of one.
pub(super) fn sequence(value: Value) -> Vec<Value> {
    match value.data {
        Data::List(items) => items,
        Data::Map(map) => {
            let mut items: Vec<Value> = map.entries.into_iter().flat_map(pairs).collect();
            items.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
            items
        }
        Data::Str(_) | Data::Template(_) => vec![value],
        _ => Vec::new(),
    }
}

/// An entry as strings: one for each item of a list.
fn pairs(entry: Entry) -> Vec<Value> {
    let Entry { key, value } = entry;
    if let Data::List(items) = value.data {
        return items.into_iter().map(|item| pair(key.clone(), &item)).collect();
    }
    vec![pair(key, &value)]
}

fn pair(key: Key, value: &Value) -> Value {
    let text = match value.text() {
        Some(text) => format!("{}={text}", key.name),
        None => key.name.clone(),
    };
    Value { data: Data::Str(text), origin: value.origin, pair: Some(Box::new(key)) }
}

fn build(value: Value) -> Map {
    match value.data {
        Data::Map(map) => map,
        Data::Str(_) | Data::Template(_) => {
            let key = Key::implied("context", value.origin);
            Map { entries: vec![Entry { key, value }] }
        }
        _ => Map::default(),
    }
}

/// A list of names as a mapping to what stands for each.
pub(super) fn names_to(value: Value, of: impl Fn(Origin) -> Value) -> Map {
    match value.data {
        Data::Map(map) => map,
        Data::List(items) => Map::of(items.into_iter().filter_map(|item| {
            let name = item.as_str()?;
            Some(Entry { key: Key::implied(name, item.origin), value: of(item.origin) })
        })),
        _ => Map::default(),
    }
}

pub(super) fn nothing(origin: Origin) -> Value {
    Value::new(Data::Null, origin)
}

/// What the short form of `depends_on` stands for.
pub(super) fn dependency(origin: Origin) -> Value {
    let mut map = Map::default();
    map.set(Key::implied("condition", origin), Value::str("service_started", origin));
    map.set(Key::implied("required", origin), Value::new(Data::Bool(true), origin));
    Value::new(Data::Map(map), origin)
}

fn drivers_agree(base: &Map, over: &Map) -> bool {
    let driver = |map: &Map| map.get("driver").map(|driver| driver.data.clone());
    match (driver(base), driver(over)) {
        (Some(base), Some(over)) => base == over,
        _ => true,
    }
}
