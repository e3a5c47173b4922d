//! Hosts that no service of a Compose project answers to.

use std::collections::BTreeSet;

use facts::{ComposeService, Facts, Setting, SettingSource};
use source::is_illustration;

use super::support::settings;
use crate::nearest::nearest;
use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let known = names(facts);
    let given = facts.settings.iter().filter(|setting| setting.source == SettingSource::Compose);
    let stated = given.filter_map(|setting| {
        let [services, client, _] = setting.within.as_slice() else { return None };
        let mut in_file = facts.compose_services.iter().filter(|one| one.at.path == setting.at.path);
        let client = in_file.find(|one| one.name == *client).filter(|_| services == "services")?;
        fault(setting, client, facts, &known)
    });
    let of_files = facts.compose_services.iter().flat_map(|client| of_env_files(client, facts, &known));
    // A line is one fault, however many services are given the file.
    let mut seen = BTreeSet::new();
    stated.chain(of_files).filter(|fault| seen.insert((fault.at.clone(), fault.subject.clone()))).collect()
}

/// Hosts in the env files of a service, unless its own `environment:` holds against them.
fn of_env_files(client: &ComposeService, facts: &Facts, known: &BTreeSet<String>) -> Vec<Fault> {
    let settings = client.env_files.iter().flat_map(|file| facts.settings_in(file));
    let given = settings.filter(|setting| {
        setting.source == SettingSource::EnvFile
            && setting.scope.deployed
            && !client.variables.contains(&setting.key)
    });
    // The same file may be for programs outside the network.
    given
        .filter_map(|setting| Some(fault(setting, client, facts, known)?.at_most(Severity::Warning)))
        .collect()
}

/// Every name that a service of the repository answers to, or a machine: profiles may say which one a service is for.
pub(super) fn names(facts: &Facts) -> BTreeSet<String> {
    let all = facts.compose_services.iter();
    let of_one = |service: &ComposeService| {
        let others = service.other_names.iter().chain(&service.extra_hosts).chain(&service.profiles).cloned();
        others.chain([service.name.clone()]).collect::<Vec<_>>()
    };
    all.flat_map(of_one).map(|name| name.to_ascii_lowercase()).collect()
}

fn fault(
    setting: &Setting,
    client: &ComposeService,
    facts: &Facts,
    known: &BTreeSet<String>,
) -> Option<Fault> {
    let fallback = fallback(&setting.value);
    let is_replaced = |name: &str| facts.settings.iter().any(|other| other.key == name && !hands_on(other));
    let value = fallback.map_or(setting.value.as_str(), |(_, value)| value);
    let host = service_in(&setting.key, value)?.to_ascii_lowercase();
    if fallback.is_some_and(|(variable, _)| is_replaced(variable)) {
        return None;
    }
    let in_file = || facts.compose_services.iter().filter(|service| service.at.path == client.at.path);
    if !client.has_own_networks || known.contains(&host) {
        return None;
    }
    let others = in_file().filter(|service| service.name != client.name);
    if others.clone().any(|service| is_container_of(&host, &service.name)) {
        return None;
    }
    let near = nearest(&host, others.clone().map(|service| service.name.as_str()));
    let Some(meant) = near.and_then(|near| others.clone().find(|service| service.name == near)) else {
        return another_name(setting, client, &host, others);
    };
    let message = format!(
        "`{}` leads to `{host}`, and no service of a Compose file here has this name: inside the network it is not \
         found, and the connection fails. Did you mean `{}`?",
        setting.key, meant.name
    );
    let fault = Fault::new(settings::subject(setting), setting.at.clone(), message)
        .because(meant.at.clone(), "the service is named here")
        .in_environment(setting.scope.environment.as_deref());
    let is_certain = setting.scope.deployed
        && fallback.is_none()
        && client.file_stands_alone
        && !is_illustration(&setting.at.path);
    // A test may be made to fail.
    let most = if source::is_test(&setting.at.path) { Severity::Info } else { Severity::Warning };
    Some(if is_certain { fault } else { fault.at_most(most) })
}

/// A host that no service of any Compose file here is called, in a file that stands alone with networks of its own, and
/// the store of the URL's kind that has another name there. Other hosts may be names of machines.
fn another_name<'s>(
    setting: &Setting,
    client: &ComposeService,
    host: &str,
    mut others: impl Iterator<Item = &'s ComposeService>,
) -> Option<Fault> {
    let is_judged = setting.source == SettingSource::Compose
        && setting.scope.deployed
        && client.file_stands_alone
        && client.extra_hosts.is_empty()
        && !is_illustration(&setting.at.path);
    let (scheme, _) = setting.value.split_once("://").filter(|_| is_judged)?;
    let meant = others.find(|service| is_store(service, scheme))?;
    let message = format!(
        "`{}` leads to `{host}`, and no service of a Compose file here has this name: the network of this project is its \
         own, so the name is not found there, and the connection fails. Did you mean `{}`?",
        setting.key, meant.name
    );
    let fault = Fault::new(settings::subject(setting), setting.at.clone(), message)
        .because(meant.at.clone(), "the service that speaks this protocol is named here")
        .in_environment(setting.scope.environment.as_deref());
    Some(fault.at_most(Severity::Warning))
}

/// Whether a service runs an image of a program that answers to a scheme, as the image's name says.
fn is_store(service: &ComposeService, scheme: &str) -> bool {
    const IMAGES: &[(&str, &[&str])] = &[
        ("amqp", &["rabbitmq"]),
        ("mariadb", &["mariadb", "mysql"]),
        ("mongodb", &["mongo", "mongodb"]),
        ("mysql", &["mariadb", "mysql", "percona"]),
        ("nats", &["nats"]),
        ("postgres", &["pgvector", "postgis", "postgres", "postgresql", "timescaledb"]),
        ("postgresql", &["pgvector", "postgis", "postgres", "postgresql", "timescaledb"]),
        ("redis", &["keydb", "redis", "valkey"]),
    ];
    let scheme = scheme.split('+').next().unwrap_or(scheme).to_ascii_lowercase();
    let images = IMAGES.iter().find(|(known, _)| *known == scheme).map_or(&[][..], |(_, images)| *images);
    let name = service.image.as_ref().map_or("", |image| image.value.rsplit('/').next().unwrap_or(""));
    images.contains(&name.split([':', '@']).next().unwrap_or(""))
}

/// Whether a host is what Compose calls a container of a service: `shop_db_1`.
pub(super) fn is_container_of(host: &str, service: &str) -> bool {
    let number = host.rsplit(['_', '-']).next().unwrap_or("");
    let before = host.strip_suffix(number).map(|rest| rest.trim_end_matches(['_', '-']));
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && before.is_some_and(|before| before.ends_with(&service.to_ascii_lowercase()))
}

/// The variable and the text of a value that is a variable with a fallback: `${API_URL:-http://api:8000}`.
fn fallback(value: &str) -> Option<(&str, &str)> {
    let (name, text) = value.trim().strip_prefix("${")?.strip_suffix('}')?.split_once('-')?;
    let name = name.strip_suffix(':').unwrap_or(name);
    let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    is_name.then_some((name, text))
}

/// Whether a setting gives a variable only the value that it has already: `API_URL: ${API_URL:-http://api:8000}`.
fn hands_on(setting: &Setting) -> bool {
    setting.value.contains(&format!("${{{}", setting.key))
}

/// The host of a value that can only be the name of a service: one word, in a URL or under a key that says so.
fn service_in<'v>(key: &str, value: &'v str) -> Option<&'v str> {
    let host = host_in(key, value)?;
    let is_word = host.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    is_word.then_some(host)
}

/// The host of a setting's value, see [`host_in`].
pub(super) fn host_of(setting: &Setting) -> Option<&str> {
    host_in(&setting.key, &setting.value)
}

/// The host of a URL, or of a value under a key that says that it is one.
fn host_in<'v>(key: &str, value: &'v str) -> Option<&'v str> {
    let value = value.trim();
    let authority = match value.split_once("://") {
        Some((scheme, rest)) if is_of_network(scheme) => rest.split(['/', '?', '#']).next()?,
        Some(_) => return None,
        // `HOST` and `HOSTNAME` alone are where a server listens and what it is called.
        None if ["_HOST", "_HOSTNAME", "_ADDR", "_ADDRESS", "_SERVER"]
            .iter()
            .any(|ending| key.ends_with(ending)) =>
        {
            value
        }
        None => return None,
    };
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let is_name = host.len() > 1
        && host.starts_with(|first: char| first.is_ascii_alphabetic())
        && host.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'));
    (is_name && !host.eq_ignore_ascii_case("localhost") && !value.contains(['$', '{', ','])).then_some(host)
}

/// Whether what follows a scheme is a host: of `s3://name` it is a bucket.
fn is_of_network(scheme: &str) -> bool {
    const SCHEMES: &[&str] = &[
        "amqp",
        "amqps",
        "bolt",
        "clickhouse",
        "grpc",
        "http",
        "https",
        "ldap",
        "ldaps",
        "mariadb",
        "mongodb",
        "mqtt",
        "mysql",
        "nats",
        "neo4j",
        "postgres",
        "postgresql",
        "redis",
        "rediss",
        "smtp",
        "tcp",
        "ws",
        "wss",
    ];
    let first = scheme.split('+').next().unwrap_or(scheme).to_ascii_lowercase();
    SCHEMES.contains(&first.as_str())
}
