//! Variables in all values of a file, and the types that Compose then makes of some of them.

use crate::SyntaxError;

use super::VariableUse;
use super::interpolate::{fault, interpolate, references};
use super::path::Path;
use super::value::{Data, Map, Value};

/// Replaces the variables of every string value (keys are left alone) and gives those that must be numbers or
/// switches their type. What cannot be done is told and taken out.
pub(super) fn replace(file: &mut Map, lookup: &dyn Fn(&str) -> Option<String>) -> Vec<SyntaxError> {
    run(file, Some(lookup))
}

/// Gives types only; a string that holds a variable stays.
pub(super) fn cast(file: &mut Map) -> Vec<SyntaxError> {
    run(file, None)
}

type Lookup<'l> = dyn Fn(&str) -> Option<String> + 'l;

fn run(file: &mut Map, lookup: Option<&Lookup<'_>>) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    map(file, Path::ROOT, lookup, &mut errors);
    errors
}

fn map(map: &mut Map, path: Path<'_>, lookup: Option<&Lookup<'_>>, errors: &mut Vec<SyntaxError>) {
    map.entries.retain_mut(|entry| value(&mut entry.value, path.to(&entry.key.name), lookup, errors));
}

/// Whether the value may stay.
fn value(
    value: &mut Value,
    path: Path<'_>,
    lookup: Option<&Lookup<'_>>,
    errors: &mut Vec<SyntaxError>,
) -> bool {
    match &mut value.data {
        Data::Map(entries) => map(entries, path, lookup, errors),
        Data::List(items) => {
            items.retain_mut(|item| self::value(item, path.item(), lookup, errors));
        }
        Data::Str(text) => {
            if let Some(lookup) = lookup {
                match interpolate(text, lookup) {
                    Ok(done) => {
                        value.origin.exact = value.origin.exact.min(common_start(text, &done.text));
                        *text = done.text;
                    }
                    Err(error) => {
                        let span = value.origin.part(error.span.start, error.span.end);
                        errors.push(SyntaxError { span, message: format!("`{path}`: {}", error.message) });
                        return false;
                    }
                }
            } else if text.contains('$') {
                return true;
            }
            match typed(path, text) {
                Ok(None) => {}
                Ok(Some(data)) => value.data = data,
                Err(message) => {
                    errors.push(value.fault(format!("`{path}` {message}")));
                    return false;
                }
            }
        }
        _ => {}
    }
    true
}

/// Every variable that a file whose variables are not replaced names, in the order of the file, and the templates
/// that are invalid.
pub(super) fn used(file: &Map) -> (Vec<VariableUse>, Vec<SyntaxError>) {
    let mut found = (Vec::new(), Vec::new());
    used_in_map(file, Path::ROOT, &mut found);
    found.0.sort_by_key(|variable: &VariableUse| variable.span);
    found
}

fn used_in_map(map: &Map, path: Path<'_>, found: &mut (Vec<VariableUse>, Vec<SyntaxError>)) {
    for entry in &map.entries {
        used_in(&entry.value, path.to(&entry.key.name), found);
    }
}

fn used_in(value: &Value, path: Path<'_>, found: &mut (Vec<VariableUse>, Vec<SyntaxError>)) {
    match &value.data {
        Data::Map(map) => used_in_map(map, path, found),
        Data::List(items) => items.iter().for_each(|item| used_in(item, path.item(), found)),
        Data::Str(text) if text.contains('$') => {
            let part = |span: source::Span| value.origin.part(span.start, span.end);
            found.0.extend(references(text).into_iter().map(|reference| VariableUse {
                name: reference.name,
                default: reference.default,
                required: reference.required,
                at: path.to_string(),
                span: part(reference.span),
                line: value.origin.line,
            }));
            found.1.extend(fault(text).map(|error| SyntaxError {
                span: part(error.span),
                message: format!("`{path}`: {}; write `$$` for a dollar sign", error.message),
            }));
        }
        _ => {}
    }
}

/// How many bytes two texts have in common at their start, whole characters only.
fn common_start(one: &str, other: &str) -> usize {
    let common = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    one.floor_char_boundary(common)
}

/// What a string must become at a place.
enum Type {
    Whole,
    Number,
    Switch,
}

fn type_at(path: Path<'_>) -> Option<Type> {
    Some(match path.keys().as_slice() {
        [
            "services",
            _,
            "cpu_count" | "cpu_period" | "cpu_quota" | "cpu_rt_period" | "cpu_rt_runtime" | "cpu_shares"
            | "oom_score_adj" | "pids_limit" | "scale",
        ]
        | ["services", _, "deploy", "replicas"]
        | ["services", _, "deploy", "update_config" | "rollback_config", "parallelism"]
        | ["services", _, "deploy", "restart_policy", "max_attempts"]
        | ["services", _, "deploy", "placement", "max_replicas_per_node"]
        | ["services", _, "healthcheck", "retries"]
        | ["services", _, "ports", "[]", "target"]
        | ["services", _, "ulimits", _]
        | ["services", _, "ulimits", _, "hard" | "soft"] => Type::Whole,
        ["services", _, "cpu_percent" | "cpus"]
        | ["services", _, "deploy", "update_config" | "rollback_config", "max_failure_ratio"] => Type::Number,
        ["services", _, "init" | "oom_kill_disable" | "privileged" | "read_only" | "stdin_open" | "tty"]
        | ["services", _, "depends_on", _, "required" | "restart"]
        | ["services", _, "healthcheck", "disable"]
        | ["services", _, "volumes", "[]", "read_only"]
        | ["services", _, "volumes", "[]", "volume", "nocopy"]
        | ["networks", _, "external" | "internal" | "attachable" | "enable_ipv4" | "enable_ipv6"]
        | ["volumes" | "secrets" | "configs", _, "external"] => Type::Switch,
        _ => return None,
    })
}

fn typed(path: Path<'_>, text: &str) -> Result<Option<Data>, String> {
    let Some(expected) = type_at(path) else { return Ok(None) };
    match expected {
        Type::Whole => whole(text).map(Data::Int).ok_or(format!("must be a whole number, not `{text}`")),
        Type::Number => text.parse().map(Data::Float).map_err(|_| format!("must be a number, not `{text}`")),
        Type::Switch => {
            switch(text).map(Data::Bool).ok_or(format!("must be `true` or `false`, not `{text}`"))
        }
    }
    .map(Some)
}

fn whole(text: &str) -> Option<i128> {
    text.parse::<i64>().ok().map(i128::from)
}

/// Also the words of YAML 1.1.
pub(super) fn switch(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Some(true),
        "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}
