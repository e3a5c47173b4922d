//! Values that the schema takes for any string, but Compose must understand: durations, sizes, hosts, commands.

use crate::SyntaxError;
use crate::compose::path::Path;
use crate::compose::value::{Data, Map, Value};
use crate::compose::words;

/// What Compose does not understand in a model.
pub(super) fn check(model: &Map) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    map(model, Path::ROOT, &mut errors);
    errors
}

fn map(map: &Map, path: Path<'_>, errors: &mut Vec<SyntaxError>) {
    for entry in &map.entries {
        value(&entry.value, path.to(&entry.key.name), errors);
    }
}

fn value(value: &Value, path: Path<'_>, errors: &mut Vec<SyntaxError>) {
    let mut tell = |is_right: bool, what: &str| {
        if !is_right {
            errors.push(value.fault(format!("`{path}` {what}")));
        }
    };
    let text = value.as_str();
    match path.keys().as_slice() {
        ["services", _, "stop_grace_period"]
        | ["services", _, "healthcheck", "interval" | "timeout" | "start_period" | "start_interval"]
        | ["services", _, "deploy", "update_config" | "rollback_config", "delay" | "monitor"]
        | ["services", _, "deploy", "restart_policy", "delay" | "window"] => {
            tell(text.is_none_or(is_duration), "must be a duration such as `1m30s`");
        }
        [
            "services",
            _,
            "mem_limit" | "mem_reservation" | "memswap_limit" | "mem_swappiness" | "shm_size",
        ]
        | ["services", _, "build", "shm_size"]
        | ["services", _, "deploy", "resources", "limits" | "reservations", "memory"] => {
            tell(text.is_none_or(is_size), "must be a size such as `512m`");
        }
        ["services", _, "deploy", "resources", "limits" | "reservations", "cpus"] => {
            tell(text.is_none_or(|text| text.parse::<f64>().is_ok()), "must be a number");
        }
        ["services", _, "command" | "entrypoint"] => {
            if let Some(Err(message)) = text.map(words::split) {
                tell(false, &message);
            }
        }
        ["services", _, "environment"] => {
            for item in value.as_list().unwrap_or_default() {
                let name = item.as_str().and_then(|text| text.split('=').next()).unwrap_or("");
                if name.ends_with(char::is_whitespace) {
                    errors.push(item.fault(format!("`{path}`: the name `{name}` ends with a space")));
                }
            }
        }
        ["services", _, "extra_hosts"] | ["services", _, "build", "extra_hosts"] => {
            for item in value.as_list().unwrap_or_default() {
                if item.as_str().is_some_and(|host| !host.contains(['=', ':'])) {
                    errors.push(item.fault(format!("`{path}` must be written `host=address`")));
                }
            }
        }
        _ => match &value.data {
            Data::Map(entries) => map(entries, path, errors),
            Data::List(items) => items.iter().for_each(|item| self::value(item, path.to_item(), errors)),
            _ => {}
        },
    }
}

/// `1h30m`, `1.5s`, `2d`; also `0`.
fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut parts = 0;
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let length = rest.len() - number.len();
        let digits = rest.get(..length).unwrap_or("");
        if !digits.contains(|c: char| c.is_ascii_digit()) || digits.matches('.').count() > 1 {
            return false;
        }
        let after = number.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '.');
        let unit = number.get(..number.len() - after.len()).unwrap_or("");
        if !["ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "w"].contains(&unit) {
            return false;
        }
        parts += 1;
        rest = after;
    }
    parts > 0
}

/// `512`, `1.5g`, `64 MiB`.
fn is_size(text: &str) -> bool {
    if text.parse::<i64>().is_ok() {
        return true;
    }
    let Some(last) = text.rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ')) else { return false };
    let (number, unit) = text.split_at_checked(last + 1).unwrap_or((text, ""));
    let number = number.strip_suffix(' ').unwrap_or(number);
    let is_number = number.parse::<f64>().is_ok_and(|number| number >= 0.0);
    let unit = unit.to_ascii_lowercase();
    let is_unit = match unit.as_bytes() {
        [] | [b'b'] => true,
        [prefix, rest @ ..] => b"kmgtp".contains(prefix) && matches!(rest, [] | [b'b'] | [b'i', b'b']),
    };
    is_number && is_unit
}

#[cfg(test)]
mod tests {
    use super::{is_duration, is_size};

    #[test]
    fn durations_and_sizes_have_units() {
        assert!(["0", "10s", "1h30m", "1.5s", "2w1d", "100ms"].iter().all(|text| is_duration(text)));
        assert!(!["90", "1x", "", "s", "1..5s"].iter().any(|text| is_duration(text)));
        assert!(["-1", "512", "1g", "1.5GB", "64 MiB", "2b"].iter().all(|text| is_size(text)));
        assert!(!["", "g", "1x", "1gx", "-1.5g"].iter().any(|text| is_size(text)));
    }
}
