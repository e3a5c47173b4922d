//! Whether what a project names exists, and whether what it says fits together (compose-go's `validation` and
//! `checkConsistency`).

use std::collections::{HashMap, HashSet};

use super::values::size;
use crate::compose::value::{Data, Map, Value};
use crate::compose::{CommandLine, ComposeFile, ResourceSource, Service, VolumeKind};
use crate::{Spanned, SyntaxError};

/// Resources that contradict themselves; they are taken out of the model.
pub(super) fn check_resources(model: &mut Map) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    for (kind, sources) in [
        ("volumes", &[][..]),
        ("configs", &["file", "environment", "content"]),
        ("secrets", &["file", "environment"]),
    ] {
        let Some(Data::Map(resources)) = model.get_mut(kind).map(|value| &mut value.data) else { continue };
        resources.entries.retain(|entry| {
            let fault = match (kind, entry.value.as_map()) {
                ("volumes", Some(map)) => conflict_with_external(map),
                (_, Some(map)) => wrong_sources(map, sources),
                _ => None,
            };
            let is_right = fault.is_none();
            let told = fault.map(|fault| entry.value.fault(format!("`{kind}.{}` {fault}", entry.key.name)));
            errors.extend(told);
            is_right
        });
    }
    check_services(model, &mut errors);
    errors
}

fn conflict_with_external(volume: &Map) -> Option<String> {
    if volume.get("external").map(|external| &external.data) != Some(&Data::Bool(true)) {
        return None;
    }
    let names = volume.entries.iter().map(|entry| entry.key.name.as_str());
    let mut others = names.filter(|name| !matches!(*name, "name" | "external") && !name.starts_with("x-"));
    others.next().map(|other| format!("is external, so it cannot have `{other}`"))
}

fn wrong_sources(resource: &Map, sources: &[&str]) -> Option<String> {
    let has = |key: &str| resource.get(key).is_some();
    let stated = sources.iter().filter(|source| has(source)).count();
    let choice = sources.join("`, `");
    match stated {
        0 if !has("driver") && !has("external") => Some(format!("needs one of `{choice}`")),
        0 | 1 => None,
        _ => Some(format!("may have only one of `{choice}`")),
    }
}

fn check_services(model: &Map, errors: &mut Vec<SyntaxError>) {
    for entry in model.map("services").into_iter().flat_map(|services| &services.entries) {
        let Some(service) = entry.value.as_map() else { continue };
        let items = |map: &Map, key: &str| -> Vec<Value> {
            map.get(key).and_then(Value::as_list).map(<[Value]>::to_vec).unwrap_or_default()
        };
        for port in items(service, "ports") {
            let ip = port.as_map().and_then(|port| port.get("host_ip")).and_then(Value::text);
            let bare = ip.as_deref().map(|ip| ip.trim_start_matches('[').trim_end_matches(']'));
            if bare.is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_err()) {
                errors.push(port.fault(format!("`{}` is not an IP address", ip.unwrap_or_default())));
            }
        }
        for volume in items(service, "volumes") {
            let Some(map) = volume.as_map() else { continue };
            if map.get("type").and_then(Value::as_str) == Some("bind") && map.get("source").is_none() {
                errors.push(volume.fault("a mount of type `bind` needs a `source`"));
            }
            if map.get("target").is_none() {
                errors.push(volume.fault("a volume needs a `target`"));
            }
        }
        let path = ["deploy", "resources", "reservations"];
        let reservations = path.iter().try_fold(service, |map, key| map.map(key));
        let devices = reservations.map(|map| items(map, "devices")).unwrap_or_default();
        for device in devices.iter().chain(&items(service, "gpus")) {
            if device
                .as_map()
                .is_some_and(|map| map.get("count").is_some() && map.get("device_ids").is_some())
            {
                errors.push(device.fault("`count` and `device_ids` exclude each other"));
            }
        }
    }
}

/// What the services that are on name and say. `model` holds what the typed view leaves out.
pub(super) fn check(file: &ComposeFile, on: &[Service], model: &Map) -> Vec<SyntaxError> {
    let mut checker = Checker {
        services: on.iter().map(|service| (service.name.value.as_str(), service)).collect(),
        all: file.services.iter().map(|service| service.name.value.as_str()).collect(),
        volumes: names(&file.volumes),
        networks: names(&file.networks),
        secrets: file.secrets.iter().map(|secret| secret.name.value.as_str()).collect(),
        configs: file.configs.iter().map(|config| config.name.value.as_str()).collect(),
        errors: Vec::new(),
    };
    let entries = model.map("services").into_iter().flat_map(|services| &services.entries);
    let maps: HashMap<&str, &Map> =
        entries.filter_map(|entry| Some((entry.key.name.as_str(), entry.value.as_map()?))).collect();
    for service in on {
        if let Some(map) = maps.get(service.name.value.as_str()) {
            checker.service(service, map);
        }
    }
    for secret in &file.secrets {
        if matches!(secret.source, ResourceSource::Content(_) | ResourceSource::Unstated) {
            checker.tell(&secret.name, "needs `file` or `environment`");
        }
    }
    checker.cycles(on);
    checker.errors
}

fn names(names: &[Spanned<String>]) -> HashSet<&str> {
    names.iter().map(|name| name.value.as_str()).collect()
}

struct Checker<'f> {
    services: HashMap<&'f str, &'f Service>,
    /// Also those that are off.
    all: HashSet<&'f str>,
    volumes: HashSet<&'f str>,
    networks: HashSet<&'f str>,
    secrets: HashSet<&'f str>,
    configs: HashSet<&'f str>,
    errors: Vec<SyntaxError>,
}

impl<'f> Checker<'f> {
    fn tell(&mut self, what: &Spanned<String>, message: &str) {
        let message = format!("`{}` {message}", what.value);
        self.errors.push(SyntaxError { span: what.span, message });
    }

    fn service(&mut self, service: &Service, map: &Map) {
        let has = |key: &str| map.get(key).is_some();
        if service.build.is_none() && service.image.is_none() && !has("provider") {
            self.tell(&service.name, "has neither `image` nor `build`");
        }
        if let Some(build) = &service.build
            && let (Some(_), Some(inline)) = (&build.dockerfile, &build.dockerfile_inline)
        {
            let message = "`dockerfile` and `dockerfile_inline` exclude each other".to_owned();
            self.errors.push(SyntaxError { span: inline.span, message });
        }
        self.contexts(service);
        self.network(service);
        self.dependencies(service);
        self.resources(service, map);
        self.limits(service, map);
        if let Some(CommandLine::Exec(words)) =
            service.healthcheck.as_ref().and_then(|check| check.test.as_ref())
            && let Some(first) =
                words.first().filter(|w| !matches!(w.value.as_str(), "CMD" | "CMD-SHELL" | "NONE"))
        {
            self.tell(first, "must be `CMD`, `CMD-SHELL` or `NONE`, the first word of `healthcheck.test`");
        }
        self.mounts(service);
        self.platforms(service, map);
        self.watches(map);
    }

    fn contexts(&mut self, service: &Service) {
        for context in service.build.iter().flat_map(|build| &build.additional_contexts) {
            let Some(place) = &context.value else { continue };
            let Some(name) = place.value.strip_prefix("service:") else { continue };
            match self.services.get(name) {
                None => self.tell(place, "names a service that does not exist"),
                Some(other) if other.build.is_none() => self.tell(place, "names a service that is not built"),
                Some(_) => {}
            }
        }
    }

    fn network(&mut self, service: &Service) {
        for network in &service.networks {
            if network.value != "default" && !self.networks.contains(network.value.as_str()) {
                self.tell(network, "is not among the `networks` of the project");
            }
        }
        let Some(mode) = &service.network_mode else { return };
        if !service.networks.is_empty() && !mode.value.is_empty() {
            self.tell(mode, "is a `network_mode`, which excludes `networks`");
        }
        if let Some(name) = mode.value.strip_prefix("service:")
            && !self.services.contains_key(name)
        {
            self.tell(mode, "names a service that does not exist");
        }
    }

    fn dependencies(&mut self, service: &Service) {
        for dependency in &service.depends_on {
            let name = dependency.service.value.as_str();
            if self.services.contains_key(name) {
                continue;
            }
            match (self.all.contains(name), dependency.required) {
                (true, false) => {}
                (true, true) => {
                    self.tell(&dependency.service, "is switched off by its profiles, but needed here");
                }
                (false, _) => self.tell(&dependency.service, "is not a service of the project"),
            }
        }
    }

    fn resources(&mut self, service: &Service, map: &Map) {
        for volume in service.volumes.iter().filter(|volume| volume.kind == VolumeKind::Named) {
            if let Some(source) = &volume.source
                && !self.volumes.contains(source.value.as_str())
            {
                self.tell(source, "is not among the `volumes` of the project");
            }
        }
        let build_secrets = map.map("build").and_then(|build| build.get("secrets")).and_then(Value::as_list);
        for secret in build_secrets.unwrap_or_default() {
            let source = secret.as_map().and_then(|map| map.get("source")).and_then(Value::text);
            if source.as_ref().is_some_and(|source| !self.secrets.contains(source.as_str())) {
                let message =
                    format!("`{}` is not among the `secrets` of the project", source.unwrap_or_default());
                self.errors.push(secret.fault(message));
            }
        }
        for secret in &service.secrets {
            if !self.secrets.contains(secret.source.value.as_str()) {
                self.tell(&secret.source, "is not among the `secrets` of the project");
            }
        }
        for config in &service.configs {
            if !self.configs.contains(config.source.value.as_str()) {
                self.tell(&config.source, "is not among the `configs` of the project");
            }
        }
    }

    fn limits(&mut self, service: &Service, map: &Map) {
        let count = |value: Option<&Value>| match value.map(|value| &value.data) {
            Some(Data::Int(count)) => Some(*count),
            _ => None,
        };
        let scale = count(map.get("scale"));
        let replicas = count(map.map("deploy").and_then(|deploy| deploy.get("replicas")));
        if let (Some(scale), Some(replicas)) = (scale, replicas)
            && scale != replicas
        {
            self.tell(&service.name, "says different things in `scale` and `deploy.replicas`");
        }
        self.distinct_limits(service, map);
        let copies = scale.or(replicas).unwrap_or(1);
        if copies < 0 {
            self.tell(&service.name, "cannot have fewer than 0 copies");
        }
        if copies > 1 && map.get("container_name").is_some() {
            self.tell(&service.name, "has a `container_name`, so it cannot have several copies");
        }
    }

    /// An old key and its new place under `deploy` may not differ, and the old one may not stand alone there.
    fn distinct_limits(&mut self, service: &Service, map: &Map) {
        let Some(resources) = map.map("deploy").and_then(|deploy| deploy.map("resources")) else { return };
        let number = |key: &str, value: Option<&Value>| -> Option<f64> {
            let text = value.and_then(Value::text)?;
            if key == "cpus" { text.parse().ok() } else { size(&text) }
        };
        for (old, part, new) in [
            ("cpus", "limits", "cpus"),
            ("mem_limit", "limits", "memory"),
            ("mem_reservation", "reservations", "memory"),
            ("pids_limit", "limits", "pids"),
        ] {
            let Some(part_map) = resources.map(part) else { continue };
            let Some(stated) = number(old, map.get(old)).filter(|stated| *stated != 0.0) else { continue };
            let other = number(old, part_map.get(new)).unwrap_or(0.0);
            if (stated - other).abs() > f64::EPSILON {
                let message = format!("says different things in `{old}` and `deploy.resources.{part}.{new}`");
                self.tell(&service.name, &message);
            }
        }
    }

    fn platforms(&mut self, service: &Service, map: &Map) {
        let Some(platform) = map.get("platform").filter(|platform| platform.as_str() != Some("")) else {
            return;
        };
        let platforms = map.map("build").and_then(|build| build.get("platforms")).and_then(Value::as_list);
        if platforms.is_some_and(|all| !all.is_empty() && !all.iter().any(|one| one.data == platform.data)) {
            self.tell(&service.name, "is not built for its own `platform`");
        }
    }

    fn watches(&mut self, map: &Map) {
        let watches = map.map("develop").and_then(|develop| develop.get("watch")).and_then(Value::as_list);
        for watch in watches.unwrap_or_default() {
            let text = |key: &str| watch.as_map().and_then(|map| map.get(key)).and_then(Value::as_str);
            if text("target").unwrap_or("").is_empty()
                && !matches!(text("action"), Some("rebuild" | "restart"))
            {
                self.errors.push(watch.fault("needs a `target`, unless it rebuilds or restarts"));
            }
        }
    }

    fn mounts(&mut self, service: &Service) {
        let mut seen = HashSet::new();
        let tmpfs_first = |volume: &&_| -> bool {
            matches!(volume, crate::compose::Volume { kind: VolumeKind::Tmpfs, .. })
        };
        let (tmpfs, others): (Vec<_>, Vec<_>) = service.volumes.iter().partition(tmpfs_first);
        for volume in tmpfs.into_iter().chain(others) {
            if !seen.insert(volume.target.as_str()) {
                self.tell(&volume.raw, "is mounted where something else is mounted already");
            }
        }
    }

    /// Services that wait for each other.
    fn cycles(&mut self, on: &'f [Service]) {
        let mut done: HashSet<&str> = HashSet::new();
        for service in on {
            let mut chain: Vec<(&'f Service, usize)> = vec![(service, 0)];
            let mut open: HashSet<&str> = HashSet::from([service.name.value.as_str()]);
            if done.contains(service.name.value.as_str()) {
                continue;
            }
            while let Some((at, next)) = chain.last_mut() {
                let at = *at;
                let Some(dependency) = at.depends_on.get(*next) else {
                    done.insert(&at.name.value);
                    open.remove(at.name.value.as_str());
                    chain.pop();
                    continue;
                };
                *next += 1;
                let name = dependency.service.value.as_str();
                if open.contains(name) {
                    self.tell(&dependency.service, "waits for this service, which waits for it");
                } else if !done.contains(name)
                    && let Some(other) = self.services.get(name)
                {
                    open.insert(&other.name.value);
                    chain.push((other, 0));
                }
            }
        }
    }
}
