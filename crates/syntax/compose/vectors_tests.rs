//! The cases that `SHIPWORTHY_VECTORS` holds, judged by compose-go 2.14.

use serde_json::Value;

use super::interpolate::interpolate;
use super::value::{self, Data, Map};
use super::vectors;
use super::{merge, unique};
use crate::yaml;

/// Prints how many of the cases are right and which are not; fails under `minimum`.
fn judge(name: &str, minimum: usize, is_right: impl Fn(&Value) -> Result<(), String>) {
    let Some(cases) = vectors(name) else { return };
    let mut right = 0;
    for case in &cases {
        match is_right(case) {
            Ok(()) => right += 1,
            Err(why) => println!("missed {}: {why}", case["id"]),
        }
    }
    println!("{name}: {right} of {}", cases.len());
    assert!(right >= minimum, "{name}: {right} of {}", cases.len());
}

#[test]
fn compose_interpolation() {
    judge("compose_interpolation", 0, |case| {
        let lookup = |name: &str| case["env"].get(name).and_then(Value::as_str).map(str::to_owned);
        let done = interpolate(case["template"].as_str().unwrap(), &lookup);
        let expected = (case.get("value").and_then(Value::as_str), case.get("error").and_then(Value::as_str));
        match (&done, expected) {
            (Ok(done), (Some(value), None)) if done.text == value => Ok(()),
            (Err(error), (None, Some(message))) if error.message == message => Ok(()),
            _ => Err(format!("{done:?} instead of {expected:?}")),
        }
    });
}

fn values(text: &str) -> Map {
    let parsed = yaml::parse(text);
    match value::load(parsed.tree.documents.first().unwrap(), 0).value.data {
        Data::Map(map) => map,
        other => panic!("{other:?}"),
    }
}

/// What a value says, without its places and without the order of keys.
fn said(value: &Data) -> Value {
    match value {
        Data::Null => Value::Null,
        Data::Bool(is_on) => (*is_on).into(),
        Data::Int(whole) => i64::try_from(*whole).unwrap().into(),
        Data::Float(number) => (*number).into(),
        Data::Time(text) | Data::Str(text) | Data::Template(text) => text.as_str().into(),
        Data::List(items) => items.iter().map(|item| said(&item.data)).collect(),
        Data::Map(map) => said_by(map),
    }
}

fn said_by(map: &Map) -> Value {
    let mut entries: Vec<_> = map.entries.iter().map(|e| (e.key.name.clone(), said(&e.value.data))).collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    entries.into_iter().collect()
}

#[test]
fn compose_merge_upstream() {
    judge("compose_merge_upstream", 0, |case| {
        let [base, over, want] = ["right", "left", "want"].map(|key| values(case[key].as_str().unwrap()));
        let mut errors = Vec::new();
        let mut merged = merge::merge(base, over, &mut errors);
        unique::enforce(&mut merged);
        let (merged, want) = (said_by(&merged), said_by(&want));
        if merged == want && errors.is_empty() {
            Ok(())
        } else {
            Err(format!("{merged} instead of {want} {errors:?}"))
        }
    });
}
