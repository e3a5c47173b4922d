//! The cases that `SHIPWORTHY_VECTORS` holds, judged by compose-go 2.14.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::interpolate::interpolate;
use super::project::{self, Project, ProjectError, Request, Stage};
use super::value::{self, Data, Map};
use super::{Build, CommandLine, Port, merge, unique, vectors};
use crate::{Spanned, yaml};

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
    judge("compose_interpolation", 116, |case| {
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
    judge("compose_merge_upstream", 47, |case| {
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

fn loaded(
    files: &HashMap<String, String>,
    config: &[&str],
    env: &Value,
    profiles: &[&str],
) -> (Project, Vec<ProjectError>) {
    let variables = |name: &str| match name {
        "COMPOSE_PROJECT_NAME" => Some("p".to_owned()),
        _ => env.get(name).and_then(Value::as_str).map(str::to_owned),
    };
    let read = |path: &str| files.get(path).cloned();
    project::load(&Request { files: config, directory: "", read: &read, variables: &variables, profiles })
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().map(|items| items.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

/// The parts of a project that are compared, as the oracle prints them.
fn parts_of(project: &Project) -> Value {
    let services = project.services.iter().map(|effective| {
        let service = &effective.service;
        let environment = effective.environment.iter().map(|v| (v.name.clone(), v.value.clone().into()));
        let files = service.env_file.iter().map(|file| format!("<DIR>/{}", file.path.value));
        let mut waits: Vec<_> = service.depends_on.iter().map(|other| other.service.value.clone()).collect();
        waits.sort();
        let parts = json!({
            "environment": environment.collect::<serde_json::Map<_, _>>(),
            "image": text(service.image.as_ref()),
            "command": service.command.as_ref().and_then(CommandLine::words),
            "env_file": files.collect::<Vec<_>>(),
            "depends_on": waits,
            "ports": service.ports.iter().flat_map(spread).collect::<Vec<_>>(),
            "build": service.build.as_ref().map(build_of),
        });
        (service.name.value.clone(), parts)
    });
    services.collect::<serde_json::Map<_, _>>().into()
}

fn text(text: Option<&Spanned<String>>) -> Value {
    text.map(|text| text.value.clone()).into()
}

fn build_of(build: &Build) -> Value {
    let args = build.args.iter().map(|arg| (arg.name.value.clone(), text(arg.value.as_ref())));
    let dockerfile = match (&build.dockerfile, &build.dockerfile_inline) {
        (None, None) => "Dockerfile".into(),
        (dockerfile, _) => text(dockerfile.as_ref()),
    };
    let context = match build.context.value.as_str() {
        "." => "<DIR>".to_owned(),
        other if other.contains("://") => other.to_owned(),
        other => format!("<DIR>/{other}"),
    };
    let args: serde_json::Map<_, _> = args.collect();
    json!({"context": context, "dockerfile": dockerfile, "target": text(build.target.as_ref()), "args": args})
}

/// `host:container` for each port of a range.
fn spread(port: &Port) -> Vec<String> {
    let ends = |text: &str| -> (u32, u32) {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        (first.parse().unwrap(), last.parse().unwrap())
    };
    let (first, last) = ends(&port.target);
    let published = port.published.as_deref().map(ends);
    let host = |at: u32| published.map_or(String::new(), |(first, _)| (first + at).to_string());
    (0..=last - first).map(|at| format!("{}:{}", host(at), first + at)).collect()
}

fn expected_parts(yaml: &str) -> Value {
    let said = said_by(&values(yaml));
    let services = said["services"].as_object().cloned().unwrap_or_default();
    let expected = services.into_iter().map(|(name, service)| {
        let entries = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let items = |key: &str| service[key].as_array().cloned().unwrap_or_default();
        let environment =
            entries(&service["environment"]).into_iter().map(|(name, value)| (name, shown(value)));
        let files = items("env_file").into_iter().map(|file| file.get("path").cloned().unwrap_or(file));
        let ports = items("ports").into_iter().map(|port| {
            let published = port["published"].as_str().unwrap_or("").to_owned();
            format!("{published}:{}", port["target"])
        });
        let build = service.get("build").map(|build| {
            json!({
                "context": build["context"],
                "dockerfile": build["dockerfile"],
                "target": build["target"],
                "args": entries(&build["args"]),
            })
        });
        let expected = json!({
            "environment": environment.collect::<serde_json::Map<_, _>>(),
            "image": shown(service["image"].clone()),
            "command": service["command"],
            "env_file": files.collect::<Vec<_>>(),
            "depends_on": entries(&service["depends_on"]).keys().collect::<Vec<_>>(),
            "ports": ports.collect::<Vec<_>>(),
            "build": build,
        });
        (name, expected)
    });
    expected.collect::<serde_json::Map<_, _>>().into()
}

/// The oracle prints strings bare where that is YAML; what they are read as is a string again.
fn shown(value: Value) -> Value {
    match value {
        Value::Null | Value::String(_) => value,
        other => other.to_string().into(),
    }
}

#[test]
fn compose_projects() {
    judge("compose_projects", 37, |case| {
        let files = case["files"].as_object().unwrap();
        let files =
            files.iter().map(|(path, text)| (path.clone(), text.as_str().unwrap().to_owned())).collect();
        let (project, errors) =
            loaded(&files, &strings(&case["config"]), &case["env"], &strings(&case["profiles"]));
        match case.get("yaml").and_then(Value::as_str) {
            None if errors.is_empty() => Err(format!("accepted instead of {}", case["error"])),
            None => Ok(()),
            Some(_) if !errors.is_empty() => Err(format!("{errors:?}")),
            Some(yaml) => {
                let (found, expected) = (parts_of(&project), expected_parts(yaml));
                if found == expected { Ok(()) } else { Err(format!("{found} instead of {expected}")) }
            }
        }
    });
}

#[test]
fn compose_load_upstream_inputs() {
    judge("compose_load_upstream_inputs", 52, |case| {
        let files = HashMap::from([("c.yaml".to_owned(), case["yaml"].as_str().unwrap().to_owned())]);
        let (_, errors) = loaded(&files, &["c.yaml"], &Value::Null, &[]);
        let errors: Vec<_> = errors.iter().filter(|error| error.stage != Stage::Consistency).collect();
        match (errors.is_empty(), case["accepted_with_empty_env"].as_bool().unwrap()) {
            (true, true) | (false, false) => Ok(()),
            (true, false) => Err(format!("accepted instead of {}", case["error"])),
            (false, true) => Err(format!("{errors:?}")),
        }
    });
}
