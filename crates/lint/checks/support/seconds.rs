//! Lengths of time in settings: reading them, and writing another one in the same form.

use facts::duration::unit_of_key;
use facts::{Facts, Limit, Setting};
use source::Place;

use crate::duration::number;
use crate::{Edit, Fix, Safety};

/// The seconds that a setting states under this name; `None` where its unit is not known.
pub(in crate::checks) fn of_setting(name: &str, setting: &Setting, facts: &Facts) -> Option<f64> {
    facts::duration::seconds(name, &setting.value, None).or_else(|| limit_at(facts, &setting.at)?.seconds)
}

/// The limit that was understood at a place.
pub(in crate::checks) fn limit_at<'f>(facts: &'f Facts, at: &Place) -> Option<&'f Limit> {
    let index = facts.limits.binary_search_by(|limit| limit.at.cmp(at)).ok()?;
    facts.limits.get(index)
}

/// A fix that writes `seconds` in the form of the value that stands there; `None` where the form is not known.
pub(in crate::checks) fn set_to(
    seconds: f64,
    name: &str,
    raw: &str,
    at: &Place,
    safety: Safety,
) -> Option<Fix> {
    let written = raw.trim().trim_matches(['"', '\'']);
    let text = in_form_of(written, name, seconds)?;
    // Only the value itself is replaced, so the place must be that of exactly the value.
    if at.span.len() != written.len() {
        return None;
    }
    let edit = Edit { path: at.path.to_string(), span: at.span, text: text.clone() };
    Some(Fix { title: format!("Set it to {text}"), safety, edits: vec![edit] })
}

/// `seconds` as `3600`, `3600s` or `1h`, whichever the written value is like.
fn in_form_of(written: &str, name: &str, seconds: f64) -> Option<String> {
    let digits = written.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(written.len());
    let unit = match written.get(digits..)? {
        _ if digits == 0 => return None,
        "" => return whole(seconds / unit_of_key(name).unwrap_or(1.0)).map(number),
        "s" => ("s", 1.0),
        "m" => ("m", 60.0),
        "h" => ("h", 3600.0),
        "ms" => ("ms", 0.001),
        _ => return None,
    };
    match whole(seconds / unit.1) {
        Some(count) => Some(format!("{}{}", number(count), unit.0)),
        None => whole(seconds).map(|count| format!("{}s", number(count))),
    }
}

fn whole(count: f64) -> Option<f64> {
    ((count - count.round()).abs() < 1e-6).then(|| count.round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_form_is_kept() {
        for (written, name, wanted) in [
            ("600", "timeout_sec", Some("86400")),
            ("600000", "timeout_ms", Some("86400000")),
            ("600s", "timeout", Some("86400s")),
            ("1h", "timeout", Some("24h")),
            ("90m", "timeout", Some("1440m")),
            ("soon", "timeout", None),
            ("1h30m", "timeout", None),
        ] {
            assert_eq!(in_form_of(written, name, 86400.0).as_deref(), wanted, "{written}");
        }
        assert_eq!(in_form_of("1h", "timeout", 90.0).as_deref(), Some("90s"));
    }
}
