//! The settings of a `HEALTHCHECK`.

use std::time::Duration;

/// The shortest interval that is not zero.
const SHORTEST: Duration = Duration::from_millis(1);

/// Reads a duration such as `1m30s` or `0.5h`, as Go's `time.ParseDuration` does, that is zero or at least one
/// millisecond.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits == "0" {
        return Ok(Duration::ZERO);
    }
    let not = |why: &str| format!("`{text}` is not a duration: {why}");
    if digits.is_empty() {
        return Err(not("write a number and a unit, such as 30s"));
    }
    let mut total: u128 = 0;
    let mut rest = digits;
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |c| !(c.is_ascii_digit() || c == '.'));
        let (unit, after) = split_where(after, |c| c.is_ascii_digit() || c == '.');
        let amount = nanoseconds(number, unit).map_err(not)?;
        total = total.saturating_add(amount);
        rest = after;
    }
    let total = u64::try_from(total).ok().filter(|total| i64::try_from(*total).is_ok());
    let total = Duration::from_nanos(total.ok_or_else(|| not("it is too long"))?);
    if total.is_zero() {
        return Ok(total);
    }
    if text.starts_with('-') || total < SHORTEST {
        return Err(format!("`{text}` is too short: use at least 1ms, or 0 for the default"));
    }
    Ok(total)
}

fn split_where(text: &str, at: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(at).unwrap_or(text.len()))
}

/// A decimal number of a unit, in nanoseconds, cut to whole ones.
fn nanoseconds(number: &str, unit: &str) -> Result<u128, &'static str> {
    let scale: u128 = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "" => return Err("a unit is missing, such as s in 30s"),
        _ => return Err("its unit must be one of ns, us, ms, s, m, h"),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err("it must start with a number");
    }
    let too_long = "it is too long";
    let value = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<u128>().ok() };
    let whole = value(whole).and_then(|whole| whole.checked_mul(scale)).ok_or(too_long)?;
    let fraction = fraction.get(..15).unwrap_or(fraction);
    let places = u32::try_from(fraction.len()).unwrap_or(0);
    let part = value(fraction).ok_or(too_long)? * scale / 10_u128.pow(places);
    whole.checked_add(part).ok_or(too_long)
}

/// Reads a number of retries.
pub(super) fn retries(text: &str) -> Result<u32, String> {
    let number = text.parse::<i32>().map_err(|_| format!("`{text}` is not a number of retries"))?;
    u32::try_from(number).map_err(|_| format!("the number of retries must not be negative, as {text} is"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for (text, milliseconds) in
            [("5s", 5_000), ("1m30s", 90_000), ("1.5h", 5_400_000), (".5s", 500), ("0", 0), ("+1000us", 1)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "5", "s", "5x", "1ns", "-5s", ".s", "5 s", "99999999999999999999999h", "1.2.3s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
