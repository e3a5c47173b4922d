//! From the merged model to services as they would run.

use super::environment::{self, Environment};
use super::model::Loader;
use super::{Effective, Project, Stage, consistency, values};
use crate::compose::merge::dependency;
use crate::compose::value::{Data, Entry, Key, Map, Origin, Value};
use crate::compose::{Service, decode};

/// What Compose adds to a model that says nothing else.
pub(super) fn set_defaults(model: &mut Map) {
    for_each_service(model, |service| {
        if let Some(build) = service.get_mut("build") {
            let origin = build.origin;
            if let Data::Map(build) = &mut build.data
                && build.get("context").is_none_or(|context| context.data == Data::Null)
            {
                build.set(Key::implied("context", origin), Value::str(".", origin));
            }
        }
    });
}

/// The project that a model describes.
pub(super) fn project(loader: &mut Loader<'_>, mut model: Map, environment: &Environment<'_>) -> Project {
    resolve_passed_through(&mut model, environment);
    for_each_service(&mut model, imply_dependencies);
    for error in values::check(&model) {
        loader.tell(Stage::Load, error.span, error.message);
    }
    let file = decode::file(&model);
    let is_on = |service: &Service| has_profile(service, loader.request.profiles);
    let (on, off): (Vec<Service>, Vec<Service>) = file.services.iter().cloned().partition(is_on);
    if loader.told() == 0 {
        for error in consistency::check(&file, &on, &model) {
            loader.tell(Stage::Consistency, error.span, error.message);
        }
    }
    let services = on.into_iter().map(|service| {
        let environment = environment::of_service(loader, &service, environment);
        Effective { service, environment }
    });
    Project {
        services: services.collect(),
        disabled: off.into_iter().map(|service| service.name.value).collect(),
        name: file.name.as_ref().map(|name| name.value.clone()).unwrap_or_default(),
        model: file,
        ..Project::default()
    }
}

fn resolve_passed_through(model: &mut Map, environment: &Environment<'_>) {
    for_each_service(model, |service| {
        if let Some(Data::Map(build)) = service.get_mut("build").map(|build| &mut build.data)
            && let Some(args) = build.get_mut("args")
        {
            environment::resolve(args, environment, false);
        }
        if let Some(own) = service.get_mut("environment") {
            environment::resolve(own, environment, true);
        }
    });
}

/// What a service uses of another one, it also waits for.
fn imply_dependencies(service: &mut Map) {
    let mut names: Vec<(String, Origin)> = Vec::new();
    let texts = |key: &str| -> Vec<(String, Origin)> {
        let items = service.get(key).and_then(Value::as_list).unwrap_or_default();
        items.iter().filter_map(|item| Some((item.as_str()?.to_owned(), item.origin))).collect()
    };
    names.extend(texts("links").into_iter().map(|(link, origin)| match link.split_once(':') {
        Some((name, alias)) if !alias.contains(':') => (name.to_owned(), origin),
        _ => (link, origin),
    }));
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        let Some(value) = service.get(key) else { continue };
        let name = value.as_str().and_then(|text| text.strip_prefix("service:"));
        names.extend(name.map(|name| (name.to_owned(), value.origin)));
    }
    let volumes_from = texts("volumes_from").into_iter().filter(|(from, _)| !from.starts_with("container:"));
    names
        .extend(volumes_from.map(|(from, origin)| (from.split(':').next().unwrap_or("").to_owned(), origin)));
    if names.is_empty() {
        return;
    }
    let mut known = match service.remove("depends_on").map(|value| value.data) {
        Some(Data::Map(map)) => map,
        _ => Map::default(),
    };
    let stated = known.places();
    let implied = names.into_iter().filter(|(name, _)| !stated.contains_key(name));
    known.extend(
        implied.map(|(name, origin)| Entry { key: Key::implied(&name, origin), value: dependency(origin) }),
    );
    let origin = known.entries.first().map(|entry| entry.value.origin).unwrap_or_default();
    service.set(Key::implied("depends_on", origin), Value::new(Data::Map(known), origin));
}

fn for_each_service(model: &mut Map, mut change: impl FnMut(&mut Map)) {
    if let Some(Data::Map(services)) = model.get_mut("services").map(|services| &mut services.data) {
        for entry in &mut services.entries {
            if let Data::Map(service) = &mut entry.value.data {
                change(service);
            }
        }
    }
}

fn has_profile(service: &Service, profiles: &[&str]) -> bool {
    service.profiles.is_empty()
        || profiles.contains(&"*")
        || service.profiles.iter().any(|profile| profiles.contains(&profile.value.as_str()))
}
