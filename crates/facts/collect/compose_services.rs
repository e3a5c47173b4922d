//! Services of Compose files, as far as ports, health and memory are concerned.

use source::{Place, directory_of, join};
use syntax::Spanned;
use syntax::compose::{CommandLine, ComposeFile, Dependency, Port, Service};

use crate::collect::compose::default_expanded;
use crate::collect::ports::{after_own_host, path_of, port_of};
use crate::compose_service::{ComposeDependency, ComposeService, OwnHealth, PublishedPort, Stated};
use crate::record::Document;
use crate::{Scope, StatedPort};

/// The record of a service of a file; `dockerfile` is what it is built from, relative to the root.
#[must_use]
pub(crate) fn record(
    document: &Document,
    file: &ComposeFile,
    service: &Service,
    dockerfile: Option<&str>,
) -> ComposeService {
    let variable = service.environment.iter().find(|variable| variable.name.value == "PORT");
    let known = variable.map(|variable| number(&variable.value.as_ref()?.value));
    let health = service.healthcheck.as_ref();
    ComposeService {
        name: service.name.value.clone(),
        at: document.place(service.name.span),
        image: service.image.as_ref().and_then(|image| {
            Some(Stated { value: default_expanded(&image.value)?, at: document.place(image.span) })
        }),
        dockerfile: dockerfile.map(str::to_owned),
        ports: service.ports.iter().filter_map(|port| published(document, port)).collect(),
        exposes: service.expose.iter().filter_map(|port| number(port.value.split('/').next()?)).collect(),
        variable: known.flatten(),
        env_files: env_files(document, service),
        untold_env_files: service
            .env_file
            .iter()
            .map(|file| file.path.value.clone())
            .filter(|path| path.contains('$'))
            .collect(),
        variables: service.environment.iter().map(|variable| variable.name.value.clone()).collect(),
        extra_hosts: service.extra_hosts.clone(),
        other_names: service.other_names.clone(),
        profiles: service.profiles.iter().map(|profile| profile.value.clone()).collect(),
        has_own_networks: service.network_mode.is_none()
            && !service.networks.iter().any(|network| file.external_networks.contains(&network.value))
            && !file.external_networks.iter().any(|network| network == "default"),
        has_own_command: service.command.is_some()
            || service.entrypoint.is_some()
            || service.extends.is_some()
            || !service.env_file.is_empty()
            || known == Some(None),
        given: given(file, service),
        mounted: (service.extends.is_none() && service.configs.is_empty() && service.secrets.is_empty())
            .then(|| service.volumes.iter().map(|volume| volume.target.clone()).collect()),
        command: [&service.entrypoint, &service.command]
            .into_iter()
            .flatten()
            .flat_map(|line| words(document, line))
            .collect(),
        health: health.and_then(|health| asked(document, health.test.as_ref()?)),
        health_path: health.and_then(|health| asked_path(document, health.test.as_ref()?)),
        health_program: health.and_then(|health| program(document, health.test.as_ref()?)),
        own_health: match health {
            None => OwnHealth::Unsaid,
            Some(health) if health.disabled => OwnHealth::Off,
            Some(_) => OwnHealth::Checked,
        },
        depends_on: service.depends_on.iter().map(|other| waited_for(document, other)).collect(),
        file_stands_alone: file.includes.is_empty()
            && file.services.iter().all(|service| service.extends.is_none()),
        memory: service.limits.memory.as_ref().and_then(|memory| {
            Some(Stated { value: bytes(&memory.value)?, at: document.place(memory.span) })
        }),
        scope: Scope { service: Some(service.name.value.clone()), ..Scope::default() },
    }
}

fn given(file: &ComposeFile, service: &Service) -> Option<Vec<String>> {
    let are_all = service.env_file.is_empty()
        && service.extends.is_none()
        && service.volumes.is_empty()
        && file.includes.is_empty();
    let names = service.environment.iter().map(|variable| variable.name.value.clone());
    are_all.then(|| names.collect())
}

/// The env files whose names are known; they are looked up from the file's own folder.
fn env_files(document: &Document, service: &Service) -> Vec<String> {
    let known = service.env_file.iter().filter(|file| !file.path.value.contains('$'));
    known.filter_map(|file| join(directory_of(&document.path), &file.path.value)).collect()
}

fn waited_for(document: &Document, other: &Dependency) -> ComposeDependency {
    let name = &other.service;
    ComposeDependency {
        service: Stated { value: name.value.clone(), at: document.place(name.span) },
        must_be_healthy: other.condition.as_ref().is_some_and(|written| written.value == "service_healthy"),
        is_required: other.required,
    }
}

fn number(text: &str) -> Option<u16> {
    default_expanded(text)?.trim().parse().ok()
}

fn published(document: &Document, port: &Port) -> Option<PublishedPort> {
    let host = port.published.as_deref().and_then(number);
    let target = number(&port.target).filter(|_| port.protocol == "tcp")?;
    let address = port.host_ip.clone().filter(|address| !address.is_empty());
    Some(PublishedPort { host, target, address, at: document.place(port.raw.span) })
}

/// The words of a command; of one that stands as a text each has the place of the text.
fn words(document: &Document, line: &CommandLine) -> Vec<Stated<String>> {
    let stated = |value: String, word: &Spanned<String>| Stated { value, at: document.place(word.span) };
    match line {
        CommandLine::Exec(words) => words.iter().map(|word| stated(word.value.clone(), word)).collect(),
        CommandLine::Shell(text) => {
            let words = line.words().unwrap_or_default();
            words.into_iter().map(|word| stated(word, text)).collect()
        }
    }
}

/// The program that a health check starts: the first word after `CMD` or `CMD-SHELL`.
fn program(document: &Document, test: &CommandLine) -> Option<Stated<String>> {
    let (text, at) = match test {
        CommandLine::Shell(text) => (text.value.as_str(), text.span),
        CommandLine::Exec(words) => {
            let word = words.get(1)?;
            (word.value.as_str(), word.span)
        }
    };
    let value = text.split_whitespace().next()?.to_owned();
    Some(Stated { value, at: document.place(at) })
}

/// The port of its own that a health check asks.
fn asked(document: &Document, test: &CommandLine) -> Option<StatedPort> {
    let (after, at) = after_host(document, test)?;
    let (port, is_default) = port_of(&after)?;
    Some(StatedPort { port, is_default, at })
}

fn asked_path(document: &Document, test: &CommandLine) -> Option<Stated<String>> {
    let (after, at) = after_host(document, test)?;
    Some(Stated { value: path_of(&after)?, at })
}

/// What follows the service's own host in its health check: `8000/health`.
fn after_host(document: &Document, test: &CommandLine) -> Option<(String, Place)> {
    let words = words(document, test);
    let mut parts = words.iter().flat_map(|word| {
        word.value
            .split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ';'))
            .map(|part| (part, &word.at))
    });
    parts.find_map(|(part, at)| Some((after_own_host(part)?.replace("$$", "$"), at.clone())))
}

/// `512M`, `1gb`, `1073741824`: Compose counts in powers of 1024, whatever the letters.
fn bytes(text: &str) -> Option<u64> {
    let text = default_expanded(text)?;
    let text = text.trim();
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" => 10,
        "m" | "mb" => 20,
        "g" | "gb" => 30,
        _ => return None,
    };
    match number.split_once('.') {
        None => number.parse::<u64>().ok()?.checked_mul(1 << shift),
        // One digit after the point is exact enough for a limit.
        Some((whole, part)) => {
            let tenths = whole.parse::<u64>().ok()? * 10 + part.get(..1)?.parse::<u64>().ok()?;
            tenths.checked_mul(1 << shift).map(|tenths| tenths / 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_1024() {
        assert_eq!(bytes("512M"), Some(512 << 20));
        assert_eq!(bytes("1.5gb"), Some(1536 << 20));
        assert_eq!(bytes("${LIMIT:-256m}"), Some(256 << 20));
        assert_eq!((bytes("a lot"), bytes("${LIMIT}"), bytes("")), (None, None, None));
    }
}
