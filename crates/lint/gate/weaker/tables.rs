//! `[gate]` and `[target.*]`. Every difference may ask for less, but for those that are known to ask for more. A key that
//! is not written has the value that `deploy` gives it.

use std::collections::BTreeSet;

use source::Place;
use toml::{Table, Value};

use super::super::NEVER_OVERRIDDEN;
use super::Weaker;
use crate::config::{Config, FILE_NAME};
use crate::duration;

/// How old a receipt may be where nothing is said.
const MAX_AGE: &str = "24h";

pub(super) fn gate(now: &Config, before: &Config, weaker: &mut Vec<Weaker>) {
    let (now, before) = (section(now, "gate", None), section(before, "gate", None));
    let receipts = |gate: &Table| gate.get("receipt").and_then(Value::as_table).cloned().unwrap_or_default();
    differences("gate.receipt", &receipts(&now), &receipts(&before), receipt_asks_for_more, weaker);
    let but_receipts = |key: &str, is: Option<&Value>, was: Option<&Value>| {
        key == "receipt" || gate_asks_for_more(key, is, was)
    };
    differences("gate", &now, &before, but_receipts, weaker);
}

/// A target that the protected branch does not have would be under none of the demands that it makes by name.
pub(super) fn target(now: &Config, before: &Config, name: &str, weaker: &mut Vec<Weaker>) {
    let (is, was) = (section(now, "target", Some(name)), section(before, "target", Some(name)));
    let title = format!("target.{name}");
    if !was.is_empty() {
        differences(&title, &is, &was, target_asks_for_more, weaker);
    } else if before.other.contains_key("gate") {
        weaker.push((title.clone(), Place::file(FILE_NAME), format!("`[{title}]` is new")));
    }
}

fn section(config: &Config, name: &str, within: Option<&str>) -> Table {
    let found = config.other.get(name);
    let found = within.map_or(found, |key| found.and_then(|table| table.get(key)));
    found.and_then(Value::as_table).cloned().unwrap_or_default()
}

fn differences(
    title: &str,
    now: &Table,
    before: &Table,
    asks_for_more: impl Fn(&str, Option<&Value>, Option<&Value>) -> bool,
    weaker: &mut Vec<Weaker>,
) {
    let keys: BTreeSet<&String> = now.keys().chain(before.keys()).collect();
    for key in keys {
        let (is, was) = (now.get(key), before.get(key));
        if is == was || asks_for_more(key, is, was) {
            continue;
        }
        let what = match (is, was) {
            (None, _) => "is gone",
            (_, None) => "is new",
            _ => "has another value",
        };
        let message = format!("`{key}` of `[{title}]` {what}");
        weaker.push((format!("{title}.{key}"), Place::file(FILE_NAME), message));
    }
}

fn gate_asks_for_more(key: &str, is: Option<&Value>, was: Option<&Value>) -> bool {
    match key {
        "fail_on" => strictness(is) >= strictness(was),
        "scope" => is.is_none_or(|is| is.as_str() == Some("repository")),
        "allow_dirty" => is.is_none_or(|is| is.as_bool() == Some(false)),
        "require_up_to_date" => was.is_none(),
        "baseline" => is.is_none(),
        "never_override" => holds_all(&patterns(is), &patterns(was)),
        "commands" => holds_all(&items(is), &items(was)),
        _ => false,
    }
}

fn receipt_asks_for_more(key: &str, is: Option<&Value>, was: Option<&Value>) -> bool {
    let seconds = |age: Option<&Value>| match age {
        None => duration::seconds(MAX_AGE),
        Some(Value::String(text)) => duration::seconds(text),
        Some(other) => duration::seconds(&other.to_string()),
    };
    match key {
        "ci_required" => holds_all(&items(is), &items(was)),
        "max_age" => seconds(is).zip(seconds(was)).is_some_and(|(is, was)| is <= was),
        _ => false,
    }
}

/// How a target is deployed to is as the protected branch says; only what can do nothing but refuse may be new.
fn target_asks_for_more(key: &str, is: Option<&Value>, was: Option<&Value>) -> bool {
    match key {
        "allow_dirty" => is.is_none_or(|is| is.as_bool() == Some(false)),
        "health" | "smoke" | "lock" => was.is_none(),
        _ => false,
    }
}

fn strictness(fail_on: Option<&Value>) -> u8 {
    match fail_on.and_then(Value::as_str) {
        Some("info") => 2,
        Some("warning") => 1,
        _ => 0,
    }
}

fn items(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn patterns(value: Option<&Value>) -> Vec<Value> {
    let default = || NEVER_OVERRIDDEN.iter().map(|name| Value::from(*name)).collect();
    value.map_or_else(default, |_| items(value))
}

fn holds_all(now: &[Value], before: &[Value]) -> bool {
    before.iter().all(|was| now.contains(was))
}
