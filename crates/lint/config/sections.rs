//! The sections of a configuration file.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::deploying;
use super::reader::{Key, Reader, Value};
use super::{Affix, Allow, Deploy, Environment, Note, RuleConfig, Service, TimeoutDemand, scope, version};
use crate::{Date, Fault, Level, Pattern, duration};

const TOP: &[&str] = &[
    "required-version",
    "extends",
    "exclude",
    "environment",
    "service",
    "secrets",
    "timeouts",
    "rule",
    "allow",
    "scope",
    "gate",
    "target",
];
const ENVIRONMENT: &[&str] = &["files", "deployed", "hosts", "variables"];
const SERVICE: &[&str] = &["paths", "dockerfile", "context", "builder", "deploy"];
const DEPLOY: &[&str] = &["variables", "complete", "url"];
const SECRETS: &[&str] = &["affix", "environments", "required", "optional"];
const TIMEOUT: &[&str] = &["equals", "at_least", "at_most", "environments"];
const ALLOW: &[&str] = &["rule", "path", "subject", "reason", "until"];
const BUILDERS: &[&str] = &["buildkit", "legacy", "docker20", "buildah", "kaniko", "gcloud"];

/// Reads a whole file.
pub(super) fn read<'d>(table: &'d DeTable<'d>, reader: &mut Reader<'_>) {
    for (key, value) in table {
        match &**key.get_ref() {
            "extends" => {}
            "required-version" => required_version(value, reader),
            "exclude" => {
                let patterns = reader.patterns("exclude", value);
                reader.config.exclude.extend(patterns);
            }
            "environment" => {
                each(reader, "environment", value, environment);
                one_table_each(reader, "environment", value);
            }
            "service" => each(reader, "service", value, service),
            "secrets" => secrets(value, reader),
            "timeouts" => each(reader, "timeouts", value, timeout),
            "rule" => each(reader, "rule", value, rule),
            "allow" => {
                for entry in reader.tables("allow", value) {
                    allow(entry, None, reader);
                }
            }
            "scope" => {
                for entry in reader.tables("scope", value) {
                    scope::read(entry, reader);
                }
            }
            name @ ("gate" | "target") => {
                match name {
                    "gate" => deploying::gate(value, reader),
                    _ => deploying::targets(value, reader),
                }
                let read = reader.any(name, value);
                reader.config.other.extend(read.map(|read| (name.to_owned(), read)));
            }
            _ => reader.unknown_key("", key, TOP),
        }
    }
}

/// Reads every entry of a table of sections.
fn each<'d>(
    reader: &mut Reader<'_>,
    name: &str,
    value: &'d Value<'d>,
    read: fn(&'d Key<'d>, &'d Value<'d>, &mut Reader<'_>),
) {
    for (key, value) in reader.table(name, value).into_iter().flatten() {
        read(key, value, reader);
    }
}

fn required_version(value: &Value<'_>, reader: &mut Reader<'_>) {
    let Some(written) = reader.written("required-version", value) else { return };
    if let Err(message) = version::satisfies(&written.text) {
        reader.problem(&written.at, message);
    }
}

/// The name under which an environment is known: `prod` and `production` are one.
fn canonical(name: &str) -> String {
    facts::environment::canonical(name).map_or_else(|| name.to_owned(), str::to_owned)
}

/// The environments that a list names; that each exists is looked at when the repository is known.
fn canonical_list(name: &str, value: &Value<'_>, reader: &mut Reader<'_>) -> Vec<String> {
    let written = reader.list(name, value);
    let names = written.iter().map(|written| canonical(&written.text)).collect();
    reader.config.named_environments.extend(written);
    names
}

/// Two tables for one environment contradict each other, or will: which of them holds, nobody could tell.
fn one_table_each<'d>(reader: &mut Reader<'_>, section: &str, value: &'d Value<'d>) {
    let DeValue::Table(table) = value.get_ref() else { return };
    let mut first: BTreeMap<String, &Key<'_>> = BTreeMap::new();
    let mut keys: Vec<&Key<'_>> = table.iter().map(|(key, _)| key).collect();
    keys.sort_by_key(|key| key.span().start);
    for key in keys {
        let name = canonical(key.get_ref());
        let Some(earlier) = first.get(&name) else {
            first.insert(name, key);
            continue;
        };
        let (at, line) = (reader.place(key), reader.place(*earlier).line);
        let message = format!(
            "`[{section}.{}]` and `[{section}.{}]` on line {line} are one environment, {name}; write one table",
            key.get_ref(),
            earlier.get_ref()
        );
        reader.problem(&at, message);
    }
}

fn environment<'d>(key: &'d Key<'d>, value: &'d Value<'d>, reader: &mut Reader<'_>) {
    let section = format!("environment.{}", key.get_ref());
    let Some(table) = reader.table(&section, value) else { return };
    let name = canonical(key.get_ref());
    let mut read: Environment = reader.config.environments.remove(&name).unwrap_or_default();
    for (key, value) in table {
        match &**key.get_ref() {
            "files" => read.files = reader.patterns("files", value),
            "deployed" => read.deployed = reader.boolean("deployed", value),
            "hosts" => read.hosts = hosts(&section, value, reader),
            "variables" => read.variables = reader.variables("variables", value),
            _ => reader.unknown_key(&section, key, ENVIRONMENT),
        }
    }
    reader.config.environments.insert(name, read);
}

/// Hosts are compared without scheme, port and path; what has one matches nothing.
fn hosts(section: &str, value: &Value<'_>, reader: &mut Reader<'_>) -> Vec<String> {
    let written = reader.list("hosts", value);
    for host in written.iter().filter(|host| host.text.contains(['/', ':', ' ', '@'])) {
        let rest = host.text.split_once("://").map_or(host.text.as_str(), |(_, rest)| rest);
        let meant = rest.split(['/', ':', ' ', '@']).next().unwrap_or("");
        let message = format!(
            "`{}` in `{section}.hosts` is no name of a host alone, so the entry has no effect. Did you mean `{meant}`?",
            host.text
        );
        let fault = Fault::new(format!("{section}.hosts: {}", host.text), host.at.clone(), message);
        reader.config.notes.push(Note { rule: "config-unmatched", fault });
    }
    written.into_iter().map(|host| host.text).collect()
}

fn service<'d>(key: &'d Key<'d>, value: &'d Value<'d>, reader: &mut Reader<'_>) {
    let section = format!("service.{}", key.get_ref());
    let Some(table) = reader.table(&section, value) else { return };
    let name = key.get_ref().to_string();
    let mut read: Service = reader.config.services.remove(&name).unwrap_or_default();
    for (key, value) in table {
        match &**key.get_ref() {
            "paths" => read.paths = reader.patterns("paths", value),
            "dockerfile" => read.dockerfile = reader.written("dockerfile", value),
            "context" => read.context = reader.written("context", value),
            "builder" => read.builder = builder(value, reader),
            "deploy" => {
                for (key, value) in reader.table("deploy", value).into_iter().flatten() {
                    let deploy = deploy(&format!("{section}.deploy.{}", key.get_ref()), value, reader);
                    read.deploy.extend(deploy.map(|deploy| (canonical(key.get_ref()), deploy)));
                }
                one_table_each(reader, &format!("{section}.deploy"), value);
            }
            _ => reader.unknown_key(&section, key, SERVICE),
        }
    }
    reader.config.services.insert(name, read);
}

fn builder(value: &Value<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let written = reader.written("builder", value)?;
    if BUILDERS.contains(&written.text.as_str()) {
        return Some(written.text);
    }
    let hint = crate::nearest::did_you_mean(&written.text, BUILDERS.iter().copied());
    reader.problem(&written.at, format!("`{}` is none of {}.{hint}", written.text, BUILDERS.join(", ")));
    None
}

fn deploy<'d>(section: &str, value: &'d Value<'d>, reader: &mut Reader<'_>) -> Option<Deploy> {
    let mut read = Deploy::default();
    for (key, value) in reader.table(section, value)? {
        match &**key.get_ref() {
            "variables" => read.variables = reader.variables("variables", value),
            "complete" => read.complete = reader.boolean("complete", value).unwrap_or(false),
            "url" => read.url = url(value, reader),
            _ => reader.unknown_key(section, key, DEPLOY),
        }
    }
    Some(read)
}

/// Where a service answers: an address with its scheme.
fn url(value: &Value<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let written = reader.written("url", value)?;
    let host = written.text.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
    if host.is_some_and(|(_, host)| !host.is_empty() && !host.starts_with('/')) {
        return Some(written.text);
    }
    reader.problem(&written.at, "`url` must be an address such as \"https://api.staging.example.ai\"");
    None
}

fn secrets<'d>(value: &'d Value<'d>, reader: &mut Reader<'_>) {
    let Some(table) = reader.table("secrets", value) else { return };
    for (key, value) in table {
        match &**key.get_ref() {
            "affix" => {
                let Some(written) = reader.written("affix", value) else { continue };
                match Affix::parse(&written.text) {
                    Ok(affix) => reader.config.secrets.affix = Some(affix),
                    Err(message) => reader.problem(&written.at, message),
                }
            }
            "environments" => {
                reader.config.secrets.environments = canonical_list("environments", value, reader);
            }
            "required" => {
                reader.config.secrets.required = reader.strings("required", value);
                reader.config.secrets.required_at = Some(reader.place(key));
            }
            "optional" => reader.config.secrets.optional = reader.strings("optional", value),
            _ => reader.unknown_key("secrets", key, SECRETS),
        }
    }
}

fn timeout<'d>(key: &'d Key<'d>, value: &'d Value<'d>, reader: &mut Reader<'_>) {
    let section = format!("timeouts.{}", key.get_ref());
    let Some(table) = reader.table(&section, value) else { return };
    let at = reader.place(key);
    let mut read = TimeoutDemand {
        key: key.get_ref().to_string(),
        equals: None,
        at_least: None,
        at_most: None,
        environments: Vec::new(),
        at: at.clone(),
    };
    for (key, value) in table {
        match &**key.get_ref() {
            "equals" => read.equals = seconds("equals", value, reader),
            "at_least" => read.at_least = seconds("at_least", value, reader),
            "at_most" => read.at_most = seconds("at_most", value, reader),
            "environments" => read.environments = canonical_list("environments", value, reader),
            _ => reader.unknown_key(&section, key, TIMEOUT),
        }
    }
    if read.equals.or(read.at_least).or(read.at_most).is_none() {
        reader.problem(&at, format!("`{section}` needs one of `equals`, `at_least` and `at_most`"));
        return;
    }
    reader.config.timeouts.retain(|demand| demand.key != read.key);
    reader.config.timeouts.push(read);
}

/// A length of time: `"24h"`, or a number of seconds.
fn seconds(name: &str, value: &Value<'_>, reader: &mut Reader<'_>) -> Option<f64> {
    let read = match value.get_ref() {
        DeValue::String(text) => duration::seconds(text),
        DeValue::Integer(number) => duration::seconds(number.as_str()),
        DeValue::Float(number) => duration::seconds(number.as_str()),
        _ => None,
    };
    if read.is_none() {
        let at = reader.place(value);
        reader.problem(
            &at,
            format!("`{name}` must be a length of time, such as \"24h\" or a number of seconds"),
        );
    }
    read
}

fn rule<'d>(key: &'d Key<'d>, value: &'d Value<'d>, reader: &mut Reader<'_>) {
    let id = key.get_ref().to_string();
    let Some(table) = reader.table(&format!("rule.\"{id}\""), value) else { return };
    let at = reader.place(key);
    let known = reader.config.rules.remove(&id);
    let mut read =
        known.unwrap_or_else(|| RuleConfig { level: None, policy: BTreeMap::default(), at: at.clone() });
    read.at = at;
    for (key, value) in table {
        if *key.get_ref() == "severity" {
            read.level = level(value, reader).or(read.level);
        } else if let Some(given) = reader.any(key.get_ref(), value) {
            read.policy.insert(key.get_ref().to_string(), (given, reader.place(key)));
        }
    }
    reader.config.rules.insert(id, read);
}

pub(super) fn level(value: &Value<'_>, reader: &mut Reader<'_>) -> Option<Level> {
    let written = reader.written("severity", value)?;
    written.text.parse().map_err(|message: String| reader.problem(&written.at, message)).ok()
}

/// Reads one `[[allow]]`; the paths of one in a scope are below its directory.
pub(super) fn allow<'d>(value: &'d Value<'d>, scope: Option<&str>, reader: &mut Reader<'_>) {
    let Some(table) = reader.table("allow", value) else { return };
    let (mut rule, mut path, mut subject, mut reason, mut until) = (None, None, None, String::new(), None);
    for (key, value) in table {
        match &**key.get_ref() {
            "rule" => rule = reader.written("rule", value),
            "path" => path = reader.pattern("path", scope, value),
            "subject" => subject = reader.string("subject", value),
            "reason" => reason = reader.string("reason", value).unwrap_or_default(),
            "until" => until = date(value, reader),
            _ => reader.unknown_key("allow", key, ALLOW),
        }
    }
    if let (None, Some(directory)) = (&path, scope) {
        let at = reader.place(value);
        match Pattern::new(&globset::escape(directory), at.clone()) {
            Ok(pattern) => path = Some(pattern),
            // Without a path it would hold everywhere.
            Err(message) => return reader.problem(&at, message),
        }
    }
    match rule {
        Some(rule) => reader.config.allow.push(Allow { rule, path, subject, reason, until }),
        None => {
            let at = reader.place(value);
            reader.problem(&at, "an `[[allow]]` entry needs the `rule` that it allows");
        }
    }
}

/// A day: `"2027-01-31"`, also without quotes.
fn date(value: &Value<'_>, reader: &mut Reader<'_>) -> Option<Date> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(moment) => moment.to_string(),
        _ => String::new(),
    };
    let at = reader.place(value);
    text.parse().map_err(|message: String| reader.problem(&at, format!("`until`: {message}"))).ok()
}
