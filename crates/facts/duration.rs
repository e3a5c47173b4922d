//! Durations: a written value and its unit, in seconds.

/// The number of seconds that `value` says under `key`.
///
/// The unit is the key's suffix (`_sec`, `_ms`) before the literal's (`24h`, `86400s`) before `default_unit`, the
/// field's documented one, in seconds. `None` where no unit is known or the text is no duration.
#[must_use]
pub fn seconds(key: &str, value: &str, default_unit: Option<f64>) -> Option<f64> {
    let value = value.trim();
    if let Ok(number) = value.parse::<f64>() {
        let unit = unit_of_key(key).or(default_unit)?;
        return Some(number * unit).filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
    }
    literal(value)
}

/// The unit in seconds that a key's last word names.
#[must_use]
pub fn unit_of_key(key: &str) -> Option<f64> {
    let key = key.to_ascii_lowercase();
    let last = key.rsplit(['_', '-', '.']).next().unwrap_or("");
    let camel = |suffix: &str| key.ends_with(suffix) && key.len() > suffix.len();
    match last {
        "sec" | "secs" | "seconds" | "second" | "s" => Some(1.0),
        "ms" | "msec" | "millis" | "milliseconds" => Some(0.001),
        "min" | "mins" | "minutes" | "minute" => Some(60.0),
        "hours" | "hour" | "hrs" | "h" => Some(3600.0),
        "days" | "day" => Some(86400.0),
        _ if camel("milliseconds") || camel("millis") => Some(0.001),
        _ if camel("seconds") => Some(1.0),
        _ if camel("minutes") => Some(60.0),
        _ => None,
    }
}

/// A literal with its own units: `24h`, `86400s`, `1m30s`, `500ms`.
#[must_use]
pub fn literal(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|at| *at > 0)?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let unit = match unit {
            "ns" => 1e-9,
            "us" => 1e-6,
            "ms" => 1e-3,
            "s" | "sec" | "seconds" => 1.0,
            "m" | "min" | "minutes" => 60.0,
            "h" | "hr" | "hours" => 3600.0,
            "d" | "days" => 86400.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * unit;
        rest = after;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_names_the_unit_before_the_literal_and_the_field() {
        assert_eq!(seconds("backend_timeout_sec", "30", None), Some(30.0));
        assert_eq!(seconds("timeout_ms", "30", Some(1.0)), Some(0.03));
        assert_eq!(seconds("timeout", "24h", None), Some(86400.0));
        assert_eq!(seconds("timeout", "1m30s", None), Some(90.0));
        assert_eq!(seconds("timeout", "30", None), None);
        assert_eq!(seconds("timeout", "30", Some(1.0)), Some(30.0));
        assert_eq!(seconds("timeoutSeconds", "300", None), Some(300.0));
        assert_eq!(seconds("timeout", "soon", Some(1.0)), None);
    }
}
