//! Compose files, as compose-go 2.14 reads them.

mod projects;

use serde_json::Value;
use syntax::compose::interpolate::interpolate;
use syntax::compose::merged;
use syntax::compose::project::Stage;
use syntax::compose::value::{Data, Map};
use syntax::yaml::{self, Schema};

use self::projects::{compose_projects, loaded};
use super::Suite;
use super::case::{Answer, field, flag, same, text};
use super::yaml::values;

pub(super) const SUITES: &[Suite] = &[
    Suite { name: "compose_interpolation", judge: interpolation, least: 0.98, columns: &[] },
    Suite { name: "compose_projects", judge: compose_projects, least: 0.95, columns: &[] },
    Suite { name: "compose_merge_upstream", judge: merge_upstream, least: 0.98, columns: &[] },
    Suite { name: "compose_load_upstream_inputs", judge: load_upstream, least: 0.98, columns: &[] },
];

/// A template with variables: a value, or the message of an error.
fn interpolation(case: &Value) -> Result<Answer, String> {
    let variables = field(case, "env")?;
    let lookup = |name: &str| variables.get(name).and_then(Value::as_str).map(str::to_owned);
    let done = interpolate(text(case, "template")?, &lookup);
    let have = done.as_ref().map(|done| done.text.as_str()).map_err(|error| error.message.as_str());
    let want = if case.get("error").is_some() { Err(text(case, "error")?) } else { Ok(text(case, "value")?) };
    same("value", have, want).map(|()| Answer::Agrees)
}

/// A base, called `right` upstream, and an override, called `left`.
fn merge_upstream(case: &Value) -> Result<Answer, String> {
    let [base, over, want] =
        [text(case, "right")?, text(case, "left")?, text(case, "want")?].map(yaml::parse);
    let have = merged(&base.tree, &over.tree);
    same("errors", have.errors, Vec::new())?;
    let want = values(&want.tree, Schema::Go);
    same("merged", &said_by(&have.tree), want.first().unwrap_or(&Value::Null)).map(|()| Answer::Agrees)
}

/// What a value says, without its places and without the order of keys.
fn said(value: &Data) -> Value {
    match value {
        Data::Null => Value::Null,
        Data::Bool(is_on) => (*is_on).into(),
        Data::Int(whole) => i64::try_from(*whole).map_or(Value::Null, Value::from),
        Data::Float(number) => (*number).into(),
        Data::Time(text) | Data::Str(text) | Data::Template(text) => text.as_str().into(),
        Data::List(items) => items.iter().map(|item| said(&item.data)).collect(),
        Data::Map(map) => said_by(map),
    }
}

fn said_by(map: &Map) -> Value {
    let entry = |name: &String, value: &Data| (name.clone(), said(value));
    let mut entries: Vec<_> = map.entries.iter().map(|it| entry(&it.key.name, &it.value.data)).collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    entries.into_iter().collect()
}

/// Whether a file is accepted, consistency apart, where nothing sets a variable.
fn load_upstream(case: &Value) -> Result<Answer, String> {
    let yaml = text(case, "yaml")?;
    let read = |path: &str| (path == "c.yaml").then(|| yaml.to_owned());
    let (_, mut errors) = loaded(&read, &["c.yaml"], &|_| None, &[]);
    errors.retain(|error| error.stage != Stage::Consistency);
    if errors.is_empty() == flag(case, "accepted_with_empty_env")? {
        Ok(Answer::Agrees)
    } else {
        Err(format!("{errors:?} instead of {}", case["error"]))
    }
}
