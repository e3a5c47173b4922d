//! Whole projects: files, variables and profiles, and what services they make.

use serde_json::{Map, Value, json};
use syntax::Spanned;
use syntax::compose::project::{DotenvPair, Project, ProjectError, Request, load};
use syntax::compose::{Build, CommandLine, Port};
use syntax::dotenv::{self, Dialect};
use syntax::yaml::{self, Schema};

use super::super::case::{Answer, field, same, text, texts};
use super::super::yaml::values;

/// A project as `docker compose config` prints it, or an error.
pub(super) fn compose_projects(case: &Value) -> Result<Answer, String> {
    let (files, env) = (field(case, "files")?, field(case, "env")?);
    let (config, profiles) = (texts(case, "config")?, texts(case, "profiles")?);
    let string = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let variables = |name: &str| match name {
        "COMPOSE_PROJECT_NAME" => Some("p".to_owned()),
        _ => string(env, name),
    };
    let config: Vec<_> = config.iter().map(String::as_str).collect();
    let profiles: Vec<_> = profiles.iter().map(String::as_str).collect();
    let (project, errors) = loaded(&|path| string(files, path), &config, &variables, &profiles);
    if case.get("error").is_some() {
        let refused =
            if errors.is_empty() { Err(format!("is accepted, not {}", case["error"])) } else { Ok(()) };
        return refused.map(|()| Answer::Agrees);
    }
    same("errors", errors, Vec::new())?;
    same("services", parts_of(&project), wanted_parts(text(case, "yaml")?)).map(|()| Answer::Agrees)
}

/// Loads a project from the root's folder.
pub(super) fn loaded(
    read: &dyn Fn(&str) -> Option<String>,
    files: &[&str],
    variables: &dyn Fn(&str) -> Option<String>,
    profiles: &[&str],
) -> (Project, Vec<ProjectError>) {
    load(&Request { files, directory: "", read, dotenv: &read_dotenv, variables, profiles })
}

fn read_dotenv(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Vec<DotenvPair>, String> {
    let parsed = dotenv::parse(text, Dialect::Compose);
    let resolved = dotenv::resolve(&parsed.tree, lookup);
    if let Some(error) = parsed.errors.first().or(resolved.errors.first()) {
        return Err(error.message.clone());
    }
    let pairs = resolved.tree.into_iter().map(|(index, value)| {
        let entry = &parsed.tree.entries[index];
        DotenvPair { name: entry.key.value.clone(), value, span: entry.value_span, line: entry.line }
    });
    Ok(pairs.collect())
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
            "environment": environment.collect::<Map<_, _>>(),
            "image": written(service.image.as_ref()),
            "command": service.command.as_ref().and_then(CommandLine::words),
            "env_file": files.collect::<Vec<_>>(),
            "depends_on": waits,
            "ports": service.ports.iter().flat_map(spread).collect::<Vec<_>>(),
            "build": service.build.as_ref().map(build_of),
        });
        (service.name.value.clone(), parts)
    });
    services.collect::<Map<_, _>>().into()
}

fn written(text: Option<&Spanned<String>>) -> Value {
    text.map(|text| text.value.clone()).into()
}

fn build_of(build: &Build) -> Value {
    let args = build.args.iter().map(|arg| (arg.name.value.clone(), written(arg.value.as_ref())));
    let dockerfile = match (&build.dockerfile, &build.dockerfile_inline) {
        (None, None) => "Dockerfile".into(),
        (dockerfile, _) => written(dockerfile.as_ref()),
    };
    let context = match build.context.value.as_str() {
        "." => "<DIR>".to_owned(),
        other if other.contains("://") => other.to_owned(),
        other => format!("<DIR>/{other}"),
    };
    let args: Map<_, _> = args.collect();
    json!({"context": context, "dockerfile": dockerfile, "target": written(build.target.as_ref()), "args": args})
}

/// `host:container` for each port of a range.
fn spread(port: &Port) -> Vec<String> {
    let ends = |text: &str| -> Option<(u32, u32)> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some((first.parse().ok()?, last.parse().ok()?))
    };
    let Some((first, last)) = ends(&port.target) else { return vec![port.raw.value.clone()] };
    let published = port.published.as_deref().and_then(ends);
    let host = |at: u32| published.map_or(String::new(), |(first, _)| (first + at).to_string());
    (0..=last.saturating_sub(first)).map(|at| format!("{}:{}", host(at), first + at)).collect()
}

fn wanted_parts(printed: &str) -> Value {
    let said = values(&yaml::parse(printed).tree, Schema::Go);
    let services = said.first().and_then(|said| said["services"].as_object().cloned()).unwrap_or_default();
    let wanted = services.into_iter().map(|(name, service)| {
        let entries = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let items = |key: &str| service[key].as_array().cloned().unwrap_or_default();
        let environment = entries(&service["environment"]).into_iter().map(|(name, value)| (name, string(value)));
        let files = items("env_file").into_iter().map(|file| file.get("path").cloned().unwrap_or(file));
        let ports = items("ports").into_iter().map(|port| {
            let published = port["published"].as_str().unwrap_or("").to_owned();
            format!("{published}:{}", port["target"])
        });
        let build = service.get("build").map(|build| {
            let [context, dockerfile, target] = ["context", "dockerfile", "target"].map(|key| build[key].clone());
            json!({"context": context, "dockerfile": dockerfile, "target": target, "args": entries(&build["args"])})
        });
        let parts = json!({
            "environment": environment.collect::<Map<_, _>>(),
            "image": string(service["image"].clone()),
            "command": service["command"],
            "env_file": files.collect::<Vec<_>>(),
            "depends_on": entries(&service["depends_on"]).keys().collect::<Vec<_>>(),
            "ports": ports.collect::<Vec<_>>(),
            "build": build,
        });
        (name, parts)
    });
    wanted.collect::<Map<_, _>>().into()
}

/// The oracle prints strings bare where that is YAML; what they are read as is a string again.
fn string(value: Value) -> Value {
    match value {
        Value::Null | Value::String(_) => value,
        other => other.to_string().into(),
    }
}
