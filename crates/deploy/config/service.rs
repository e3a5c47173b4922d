//! `[[target.NAME.service]]`, `[[target.NAME.infra]]` and `health`.

use std::time::Duration;

use lint::config::keys;
use toml::de::DeValue;

use super::reader::{ConfigError, Reader, Value};
use super::{Health, Infra, ProviderKind, Service};

/// One answer may take this long where nothing is said.
const WITHIN: Duration = Duration::from_secs(2);
/// Platforms let an instance start for this long.
const DEADLINE: Duration = Duration::from_mins(4);
const CONSECUTIVE: u32 = 3;

type Read<T> = Result<T, ConfigError>;

pub(super) fn all(value: &Value<'_>, reader: &Reader<'_>) -> Read<Vec<Service>> {
    reader.array("service", value)?.iter().map(|item| one(item, reader)).collect()
}

fn one(value: &Value<'_>, reader: &Reader<'_>) -> Read<Service> {
    let table = reader.table("service", value)?;
    let Some((_, name)) = table.iter().find(|(key, _)| key.get_ref() == "name") else {
        return reader.error(value, "a `[[service]]` needs the `name` of a `[service.*]`");
    };
    let mut service = declared(name, reader)?;
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "name" => {}
            "service" => service.service = reader.word("service", value)?,
            "image" => service.image = Some(image(value, reader)?),
            "after" => service.after = reader.strings("after", value)?,
            "request_timeout" => {
                service.request_timeout = Some(reader.duration("request_timeout", value)?.as_secs());
            }
            "health" => service.health = Some(health(value, reader, ProviderKind::CloudRun)?),
            "secrets" => service.secrets = reader.variables("secrets", value)?,
            "env" => service.env = reader.variables("env", value)?,
            "port" => service.port = u16::try_from(reader.number("port", value, 1, 65_535)?).ok(),
            "dockerfile" | "context" => {
                let message = format!(
                    "`{}` belongs to `[service.{}]`, which alone says what is built",
                    key.get_ref(),
                    service.name
                );
                return reader.error(key, message);
            }
            _ => return reader.unknown("service", key, keys::SERVICE),
        }
    }
    Ok(service)
}

/// What `[service.NAME]` says of it.
fn declared(name: &Value<'_>, reader: &Reader<'_>) -> Read<Service> {
    let text = reader.word("name", name)?;
    let Some(known) = reader.config.services.get(&text) else {
        let hint = lint::did_you_mean(&text, reader.config.services.keys().map(String::as_str));
        return reader.error(name, format!("there is no `[service.{text}]`.{hint}"));
    };
    Ok(Service {
        dockerfile: known.dockerfile.as_ref().map(|written| written.text.clone()),
        context: known.context.as_ref().map_or_else(|| ".".to_owned(), |written| written.text.clone()),
        ..Service::named(&text)
    })
}

/// A repository of images; a tag or digest is the deployment's to choose.
fn image(value: &Value<'_>, reader: &Reader<'_>) -> Read<String> {
    let text = reader.string("image", value)?;
    let last = text.rsplit('/').next().unwrap_or("");
    if text.is_empty()
        || text.starts_with('-')
        || text.contains(char::is_whitespace)
        || last.contains([':', '@'])
    {
        return reader.error(
            value,
            "`image` must be a name without tag or digest; what is shipped is named by digest",
        );
    }
    Ok(text)
}

pub(super) fn health(value: &Value<'_>, reader: &Reader<'_>, provider: ProviderKind) -> Read<Health> {
    let mut health = Health {
        url: None,
        path: "/".to_owned(),
        within: WITHIN,
        commit_field: None,
        deadline: DEADLINE,
        consecutive: CONSECUTIVE,
    };
    let mut deadline = None;
    for (key, value) in reader.table("health", value)? {
        match key.get_ref().as_ref() {
            "url" => health.url = Some(url(value, reader)?),
            "path" => health.path = reader.string("path", value)?,
            "within" => health.within = reader.duration("within", value)?,
            "commit_field" => health.commit_field = Some(reader.string("commit_field", value)?),
            "deadline" => deadline = Some(reader.duration("deadline", value)?),
            "consecutive" => {
                health.consecutive =
                    u32::try_from(reader.number("consecutive", value, 1, 100)?).unwrap_or(CONSECUTIVE);
            }
            _ => return reader.unknown("health", key, keys::HEALTH),
        }
    }
    // A command has ended when its health is asked for, so there is no cold start of minutes to wait for.
    let own = provider == ProviderKind::Command;
    let short = (health.within * 10).max(Duration::from_secs(10));
    health.deadline = deadline.unwrap_or(if own { short } else { DEADLINE });
    Ok(health)
}

fn url(value: &Value<'_>, reader: &Reader<'_>) -> Read<String> {
    let text = reader.string("url", value)?;
    match crate::http::Address::check(&text) {
        Ok(()) => Ok(text),
        Err(message) => reader.error(value, format!("`url`: {message}")),
    }
}

pub(super) fn infra(value: &Value<'_>, reader: &Reader<'_>) -> Read<Vec<Infra>> {
    let mut all = Vec::new();
    for item in reader.array("infra", value)? {
        let mut infra = Infra { dir: String::new(), var_file: None, protected: Vec::new() };
        for (key, value) in reader.table("infra", item)? {
            match key.get_ref().as_ref() {
                "kind" => reader.choice("kind", value, &[("terraform", ())])?,
                "dir" => infra.dir = reader.path("dir", value)?,
                "var_file" => infra.var_file = Some(reader.path("var_file", value)?),
                "protected" => infra.protected = reader.strings("protected", value)?,
                "rollback" => reader.choice("rollback", value, &[("plan-only", ())])?,
                _ => return reader.unknown("infra", key, keys::INFRA),
            }
        }
        if !matches!(item.get_ref(), DeValue::Table(table) if table.iter().any(|(key, _)| key.get_ref() == "dir"))
        {
            return reader.error(item, "an `[[infra]]` needs the `dir` of its Terraform configuration");
        }
        all.push(infra);
    }
    Ok(all)
}

/// Services in the order in which they are promoted: each after those that it names.
pub(super) fn ordered(services: &[Service]) -> Result<Vec<Service>, String> {
    let mut left: Vec<&Service> = services.iter().collect();
    let mut done: Vec<Service> = Vec::new();
    while !left.is_empty() {
        let ready =
            |service: &&Service| service.after.iter().all(|name| done.iter().any(|one| one.name == *name));
        let Some(at) = left.iter().position(ready) else {
            let names: Vec<&str> = left.iter().map(|service| service.name.as_str()).collect();
            return Err(format!(
                "`after` of {} names each other, or a service that is not there",
                names.join(", ")
            ));
        };
        let next = left.remove(at);
        if done.iter().any(|one| one.name == next.name) {
            return Err(format!("the service `{}` is named twice", next.name));
        }
        done.push(next.clone());
    }
    Ok(done)
}
