//! Lengths of time as people write them.

/// The seconds of `24h`, `1h30m`, `86400s`, `500ms` or a plain number of seconds; `None` for anything else.
#[must_use]
pub fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(plain) = text.parse::<f64>() {
        return (plain.is_finite() && plain >= 0.0).then_some(plain);
    }
    facts::duration::literal(text)
}

/// A number without needless decimals: `86400`, `0.5`.
#[must_use]
pub fn number(value: f64) -> String {
    format!("{value}")
}

/// A length of time for people: `86400 s (24 h)`, `90 s`.
#[must_use]
pub fn for_people(seconds: f64) -> String {
    let exact = |unit: f64| seconds >= unit && (seconds % unit).abs() < f64::EPSILON;
    let plain = format!("{} s", number(seconds));
    if exact(3600.0) {
        format!("{plain} ({} h)", number(seconds / 3600.0))
    } else if exact(60.0) {
        format!("{plain} ({} min)", number(seconds / 60.0))
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, wanted) in [
            ("24h", Some(86400.0)),
            ("1h30m", Some(5400.0)),
            ("86400s", Some(86400.0)),
            ("500ms", Some(0.5)),
            ("30", Some(30.0)),
            ("1.5h", Some(5400.0)),
            ("", None),
            ("h", None),
            ("10 parsecs", None),
            ("-1", None),
        ] {
            assert_eq!(seconds(text), wanted, "{text}");
        }
    }

    #[test]
    fn for_reading() {
        assert_eq!(for_people(86400.0), "86400 s (24 h)");
        assert_eq!(for_people(90.0), "90 s");
        assert_eq!(for_people(0.5), "0.5 s");
    }
}
