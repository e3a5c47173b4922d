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
            tell(text.is_none_or(|text| size(text).is_some()), "must be a size such as `512m`");
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
            Data::List(items) => items.iter().for_each(|item| self::value(item, path.item(), errors)),
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

/// The bytes that `512`, `1.5g` or `64 MiB` mean, as go-units' `RAMInBytes` reads them.
pub(super) fn size(text: &str) -> Option<f64> {
    if let Ok(bytes) = text.parse::<f64>()
        && text.parse::<i64>().is_ok()
    {
        return Some(bytes);
    }
    let last = text.rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' '))?;
    let (number, unit) = text.split_at_checked(last + 1)?;
    let number: f64 = number.strip_suffix(' ').unwrap_or(number).parse().ok()?;
    let unit = unit.to_ascii_lowercase();
    let power = match unit.as_bytes() {
        [] | [b'b'] => 0,
        [prefix] | [prefix, b'b'] | [prefix, b'i', b'b'] => {
            1 + i32::try_from(b"kmgtp".iter().position(|known| known == prefix)?).ok()?
        }
        _ => return None,
    };
    (number >= 0.0).then(|| (number * 1024_f64.powi(power)).trunc())
}

#[cfg(test)]
mod tests {
    use super::{is_duration, size};

    #[test]
    fn durations_and_sizes_have_units() {
        assert!(["0", "10s", "1h30m", "1.5s", "2w1d", "100ms"].iter().all(|text| is_duration(text)));
        assert!(!["90", "1x", "", "s", "1..5s"].iter().any(|text| is_duration(text)));
        let sizes = ["-1", "512", "1g", "1.5GB", "64 MiB", "2b"].map(size);
        let gib = 1024.0 * 1024.0 * 1024.0;
        assert_eq!(sizes, [-1.0, 512.0, gib, 1.5 * gib, gib / 16.0, 2.0].map(Some));
        assert!(["", "g", "1x", "1gx", "-1.5g"].iter().all(|text| size(text).is_none()));
    }
}
