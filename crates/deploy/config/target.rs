//! `[target.NAME]`.

use std::collections::BTreeMap;
use std::time::Duration;

use lint::config::keys;
use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::reader::{ConfigError, Reader, Value, is_word};
use super::{ProviderKind, Rollback, SharedLock, Target, service};

const LATER_PROVIDERS: &[&str] = &["github-workflow", "railway", "vercel"];

/// The plugin, and the program from before there were plugins.
const CLIENTS: &[(&str, &str)] =
    &[("docker compose", "docker compose"), ("docker-compose", "docker-compose")];

/// How long the lock of a team counts where nothing is said, and at least.
const SHARED: Duration = Duration::from_mins(5);
const SHORTEST: Duration = Duration::from_secs(10);

const STEP: Duration = Duration::from_mins(30);
const STEP_BACK: Duration = Duration::from_mins(5);

type Key<'d> = Spanned<DeString<'d>>;
type Read<T> = Result<T, ConfigError>;

pub(super) fn read(name: &Key<'_>, value: &Value<'_>, reader: &Reader<'_>) -> Read<Target> {
    let section = format!("target.{}", name.get_ref());
    if !is_word(name.get_ref()) {
        return reader.error(name, "a target's name must be letters, digits, `-`, `_` and `.`");
    }
    let table = reader.table(&section, value)?;
    let Some((_, kind)) = table.iter().find(|(key, _)| key.get_ref() == "provider") else {
        return reader
            .error(name, format!("`[{section}]` needs a `provider`: {}", provider_names().join(", ")));
    };
    let mut target = empty(name.get_ref().as_ref(), provider(kind, reader)?);
    for (key, value) in table {
        if !common(key, value, reader, &mut target)?
            && !of_provider(key, value, reader, &mut target, &section)?
        {
            return reader.unknown(&section, key, keys::TARGET);
        }
    }
    if target.environment.is_empty() {
        match facts::environment::canonical(&target.name) {
            Some(canonical) => canonical.clone_into(&mut target.environment),
            None => return reader.error(name, format!("`[{section}]` needs an `environment`")),
        }
    }
    complete(name, reader, &section, &mut target)?;
    Ok(target)
}

fn empty(name: &str, provider: ProviderKind) -> Target {
    Target {
        name: name.to_owned(),
        provider,
        environment: String::new(),
        allow_dirty: false,
        project: None,
        region: None,
        canary: Vec::new(),
        soak: Duration::ZERO,
        lock: None,
        rollback: Rollback::Auto,
        timeout: STEP,
        rollback_timeout: STEP_BACK,
        migrate: Vec::new(),
        smoke: Vec::new(),
        deploy: Vec::new(),
        observe: Vec::new(),
        undo: Vec::new(),
        env: BTreeMap::new(),
        pass_env: Vec::new(),
        health: None,
        services: Vec::new(),
        infra: Vec::new(),
        file: None,
        client: CLIENTS[0].0.to_owned(),
        switch: Vec::new(),
        blue: BTreeMap::new(),
        green: BTreeMap::new(),
        replies: BTreeMap::new(),
    }
}

fn provider_names() -> Vec<&'static str> {
    ProviderKind::ALL.iter().map(|(name, _)| *name).collect()
}

fn provider(value: &Value<'_>, reader: &Reader<'_>) -> Read<ProviderKind> {
    let name = reader.string("provider", value)?;
    if LATER_PROVIDERS.contains(&name.as_str()) {
        return reader.error(
            value,
            format!(
                "the provider `{name}` is not supported by this version; there are: {}",
                provider_names().join(", ")
            ),
        );
    }
    reader.choice("provider", value, &ProviderKind::ALL)
}

/// Keys that every provider has; whether the key was one.
fn common(key: &Key<'_>, value: &Value<'_>, reader: &Reader<'_>, target: &mut Target) -> Read<bool> {
    match key.get_ref().as_ref() {
        "provider" => {}
        "environment" => {
            let name = reader.word("environment", value)?;
            target.environment = facts::environment::canonical(&name).map_or(name.clone(), str::to_owned);
        }
        "allow_dirty" => target.allow_dirty = reader.boolean("allow_dirty", value)?,
        "timeout" => target.timeout = reader.duration("timeout", value)?,
        "rollback_timeout" => target.rollback_timeout = reader.duration("rollback_timeout", value)?,
        "migrate" => target.migrate = reader.commands("migrate", value)?,
        "smoke" => target.smoke = reader.commands("smoke", value)?,
        "env" => target.env = reader.variables("env", value)?,
        "pass_env" => target.pass_env = reader.strings("pass_env", value)?,
        "strategy" => strategy(value, reader, target)?,
        "lock" => target.lock = lock(value, reader)?,
        "health" => target.health = Some(service::health(value, reader, target.provider)?),
        "rollback" => rollback(value, reader, target)?,
        "infra" => target.infra = service::infra(value, reader)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Keys that only some providers read; whether the key was one.
fn of_provider(
    key: &Key<'_>,
    value: &Value<'_>,
    reader: &Reader<'_>,
    target: &mut Target,
    section: &str,
) -> Read<bool> {
    let name = key.get_ref().as_ref();
    if keys::LATER.contains(&name) {
        return reader.later(section, key);
    }
    let belongs = match name {
        "deploy" => target.provider == ProviderKind::Command,
        "observe" => matches!(target.provider, ProviderKind::Command | ProviderKind::Compose),
        "project" => matches!(target.provider, ProviderKind::CloudRun | ProviderKind::Compose),
        "region" | "secret_versions" => target.provider == ProviderKind::CloudRun,
        "service" => target.provider != ProviderKind::Command && target.provider != ProviderKind::Terraform,
        "file" | "client" | "switch" | "blue" | "green" => target.provider == ProviderKind::Compose,
        "replies" => target.provider == ProviderKind::Simulator,
        _ => return Ok(false),
    };
    if !belongs {
        return reader
            .error(key, format!("`{name}` is not a key of targets with provider `{}`", target.provider));
    }
    match name {
        "deploy" => target.deploy = reader.commands("deploy", value)?,
        "observe" => target.observe = reader.commands("observe", value)?,
        "project" => target.project = Some(reader.word("project", value)?),
        "region" => target.region = Some(reader.word("region", value)?),
        "secret_versions" => reader.choice("secret_versions", value, &[("pin", ())])?,
        "service" => target.services = service::all(value, reader)?,
        "file" => target.file = Some(reader.path("file", value)?),
        "client" => reader.choice("client", value, CLIENTS)?.clone_into(&mut target.client),
        "switch" => target.switch = reader.commands("switch", value)?,
        "blue" => target.blue = reader.variables("blue", value)?,
        "green" => target.green = reader.variables("green", value)?,
        _ => target.replies = reader.variables("replies", value)?,
    }
    Ok(true)
}

/// `strategy = "direct"` or `{ kind = "staged", canary = [10, 50], soak = "5m" }`.
fn strategy(value: &Value<'_>, reader: &Reader<'_>, target: &mut Target) -> Read<()> {
    const KINDS: &[(&str, bool)] = &[("staged", true), ("direct", false)];
    let DeValue::Table(table) = value.get_ref() else {
        return reader.choice("strategy", value, KINDS).map(drop);
    };
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "kind" => drop(reader.choice("kind", value, KINDS)?),
            "soak" => target.soak = reader.duration("soak", value)?,
            "canary" => {
                for item in reader.array("canary", value)? {
                    let percent = reader.number("canary", item, 1, 99)?;
                    target.canary.push(u8::try_from(percent).unwrap_or(99));
                }
                if !target.canary.is_sorted_by(|one, next| one < next) {
                    return reader.error(value, "`canary` must grow");
                }
            }
            _ => return reader.unknown("strategy", key, keys::STRATEGY),
        }
    }
    let takes_shares = matches!(target.provider, ProviderKind::CloudRun | ProviderKind::Simulator);
    if !target.canary.is_empty() && !takes_shares {
        return reader.error(
            value,
            format!("`canary` needs a provider that can share traffic, which `{}` cannot", target.provider),
        );
    }
    Ok(())
}

/// `lock = { kind = "local" }`, or one that the team shares.
fn lock(value: &Value<'_>, reader: &Reader<'_>) -> Read<Option<SharedLock>> {
    let mut shared = None;
    let (mut remote, mut ttl) = ("origin".to_owned(), SHARED);
    let table = reader.table("lock", value)?;
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "kind" => shared = Some(reader.choice("kind", value, &[("local", false), ("git-ref", true)])?),
            "remote" => remote = reader.word("remote", value)?,
            "ttl" => ttl = reader.duration("ttl", value)?,
            _ => return reader.unknown("lock", key, keys::LOCK),
        }
    }
    match shared {
        None => reader.error(value, "`lock` needs its `kind`: local or git-ref"),
        Some(false) if table.len() > 1 => {
            reader.error(value, "`remote` and `ttl` are for `kind = \"git-ref\"`")
        }
        Some(false) => Ok(None),
        Some(true) if ttl < SHORTEST => reader.error(
            value,
            format!("`ttl` must be at least {} s, or it would end while it is renewed", SHORTEST.as_secs()),
        ),
        Some(true) => Ok(Some(SharedLock { remote, ttl })),
    }
}

/// `rollback = "auto"`; for `command` also the commands that do it.
fn rollback(value: &Value<'_>, reader: &Reader<'_>, target: &mut Target) -> Read<()> {
    if matches!(value.get_ref(), DeValue::Array(_)) && target.provider == ProviderKind::Command {
        target.undo = reader.commands("rollback", value)?;
        return Ok(());
    }
    target.rollback =
        reader.choice("rollback", value, &[("auto", Rollback::Auto), ("never", Rollback::Never)])?;
    Ok(())
}

/// What a provider cannot do without.
fn complete(name: &Key<'_>, reader: &Reader<'_>, section: &str, target: &mut Target) -> Read<()> {
    if target.provider == ProviderKind::Compose {
        compose(name, reader, section, target)?;
    }
    let missing = match target.provider {
        ProviderKind::Command if target.deploy.is_empty() => Some("`deploy`: [[\"program\", \"argument\"]]"),
        ProviderKind::CloudRun if target.project.is_none() => Some("`project`"),
        ProviderKind::CloudRun if target.region.is_none() => Some("`region`"),
        ProviderKind::Compose if target.file.is_none() => Some("`file`"),
        ProviderKind::Compose if target.switch.is_empty() => {
            Some("`switch`: the commands that send users to the project $SHIPWORTHY_PROJECT")
        }
        ProviderKind::Compose if target.observe.is_empty() => {
            Some("`observe`: the command that prints which project has users")
        }
        ProviderKind::Command | ProviderKind::Compose
            if target.health.as_ref().is_some_and(|health| health.url.is_none()) =>
        {
            Some("the `url` of `health`")
        }
        ProviderKind::CloudRun | ProviderKind::Compose if target.services.is_empty() => {
            Some("a `[[service]]`")
        }
        ProviderKind::Terraform if target.infra.is_empty() => Some("an `[[infra]]`"),
        _ => None,
    };
    if let Some(missing) = missing {
        return reader
            .error(name, format!("`[{section}]` with provider `{}` needs {missing}", target.provider));
    }
    match service::ordered(&target.services) {
        Ok(services) => target.services = services,
        Err(message) => return reader.error(name, message),
    }
    Ok(())
}

/// What two projects of one file need to be told apart.
fn compose(name: &Key<'_>, reader: &Reader<'_>, section: &str, target: &Target) -> Read<()> {
    let project = target.project.as_deref().unwrap_or(&target.name);
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if !project.bytes().all(is_fine) {
        let message = format!(
            "`{project}` cannot be part of a Compose project's name; give `[{section}]` a `project` of lower-case letters, \
             digits, `-` and `_`"
        );
        return reader.error(name, message);
    }
    if !target.blue.keys().eq(target.green.keys()) {
        return reader
            .error(name, format!("`blue` and `green` of `[{section}]` must set the same variables"));
    }
    match target.services.iter().find(|service| service.differs_from_compose()) {
        Some(service) => reader.error(
            name,
            format!(
                "the service `{}` of `[{section}]`: its image, variables, port and health check belong into the \
                Compose file",
                service.name
            ),
        ),
        None => Ok(()),
    }
}
