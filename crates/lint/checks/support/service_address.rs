//! Addresses in settings that lead to services of the same network: `http://api:8000`, `db:5432`.

use std::collections::BTreeMap;

use facts::{ComposeService, Facts, Role, Setting, SettingSource};

/// A host that a value names, and how it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::checks) struct Address<'v> {
    /// What stands before `://`: `http`, `postgresql`; empty where nothing does.
    pub(in crate::checks) scheme: &'v str,
    pub(in crate::checks) host: &'v str,
    /// The port as it is written.
    pub(in crate::checks) port: Option<u16>,
}

impl Address<'_> {
    /// The port that a client asks: the written one, or that of the scheme.
    /// Source: <https://www.iana.org/assignments/service-names-port-numbers>.
    pub(in crate::checks) fn asked_port(&self) -> Option<u16> {
        self.port.or(match self.scheme {
            "http" | "ws" => Some(80),
            "https" | "wss" => Some(443),
            _ => None,
        })
    }
}

/// The services of each Compose file by name.
pub(in crate::checks) type Services<'f> = BTreeMap<(&'f str, &'f str), &'f ComposeService>;

pub(in crate::checks) fn compose_services(facts: &Facts) -> Services<'_> {
    let services = facts.compose_services.iter();
    services.map(|service| ((&*service.at.path, service.name.as_str()), service)).collect()
}

/// A setting of a Compose service that leads to another service of the file.
pub(in crate::checks) struct Asked<'f> {
    pub(in crate::checks) setting: &'f Setting,
    pub(in crate::checks) service: &'f ComposeService,
    pub(in crate::checks) address: Address<'f>,
    /// Whether it stands in the Compose file itself: an env file may be for programs outside the network as well.
    pub(in crate::checks) is_own: bool,
}

/// What the services of Compose files are told to ask of each other.
pub(in crate::checks) fn asked_of_compose<'f>(facts: &'f Facts, services: &Services<'f>) -> Vec<Asked<'f>> {
    let mut own: BTreeMap<(&str, &str), Vec<&Setting>> = BTreeMap::new();
    let stated = facts.settings.iter().filter(|setting| setting.source == SettingSource::Compose);
    for setting in stated.filter(|setting| setting.role != Role::SharedHost) {
        if let Some(client) = client(setting) {
            own.entry((&*setting.at.path, client)).or_default().push(setting);
        }
    }
    let mut found = Vec::new();
    for ((path, client), given) in own {
        let in_file = |host: &str| services.get(&(path, host)).copied().filter(|_| host != client);
        found.extend(asked(&given, &in_file, true));
    }
    for client in facts.compose_services.iter().filter(|client| client.has_own_networks) {
        let in_file =
            |host: &str| services.get(&(&*client.at.path, host)).copied().filter(|_| host != client.name);
        for file in &client.env_files {
            let given = facts.settings_in(file).iter().filter(|setting| {
                setting.source == SettingSource::EnvFile
                    && setting.scope.deployed
                    && !client.variables.contains(&setting.key)
            });
            found.extend(asked(&given.collect::<Vec<_>>(), &in_file, false));
        }
    }
    found
}

/// What the variables of one client ask, a host and its port also where they are two variables.
fn asked<'f>(
    given: &[&'f Setting],
    in_file: &dyn Fn(&str) -> Option<&'f ComposeService>,
    is_own: bool,
) -> Vec<Asked<'f>> {
    let host_of = |setting: &Setting| {
        let prefix = setting.key.strip_suffix("PORT")?;
        given.iter().find(|other| other.key.strip_suffix("HOST") == Some(prefix)).copied()
    };
    let mut found = Vec::new();
    for setting in given {
        let addresses = match (host_of(setting), setting.value.trim().parse()) {
            (Some(host), Ok(port)) => {
                vec![Address { scheme: "", host: host.value.trim(), port: Some(port) }]
            }
            (Some(_), Err(_)) => Vec::new(),
            (None, _) => addresses(&setting.value),
        };
        found.extend(
            addresses.into_iter().filter_map(|address| {
                Some(Asked { setting, service: in_file(address.host)?, address, is_own })
            }),
        );
    }
    found
}

/// The service that is given the variable.
pub(in crate::checks) fn client(setting: &Setting) -> Option<&str> {
    match setting.within.as_slice() {
        [services, name, _] if services == "services" => Some(name),
        _ => None,
    }
}

/// The hosts that a value names: `postgres://user@db:5433/app`, `kafka:9092,other:9092`, `--backend=http://api`.
pub(in crate::checks) fn addresses(value: &str) -> Vec<Address<'_>> {
    value.split(',').filter_map(|text| address(text.trim())).collect()
}

fn address(text: &str) -> Option<Address<'_>> {
    let (before, rest) = text.split_once("://").unwrap_or(("", text));
    let start = before.rfind(|letter: char| !letter.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    // Of `postgresql+asyncpg` the first part is the protocol.
    let scheme = match before.split_once('+') {
        Some((protocol, _)) => protocol,
        None => before.get(start..)?,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit('@').next()?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (authority, None),
    };
    let is_told = !scheme.is_empty() || port.is_some();
    (is_told && !host.is_empty()).then_some(Address { scheme, host, port })
}

/// Whether anything says that a Compose service's container listens on this port.
pub(in crate::checks) fn listens(service: &ComposeService, port: u16, facts: &Facts) -> bool {
    let text = port.to_string();
    let of_image = facts
        .dockerfile_ports
        .iter()
        .find(|known| Some(known.dockerfile.as_str()) == service.dockerfile.as_deref())
        .is_some_and(|known| {
            known
                .exposes
                .iter()
                .chain(&known.listens)
                .chain(&known.variable)
                .any(|stated| stated.port == port)
        });
    let has_number =
        |value: &str| value.split(|letter: char| !letter.is_ascii_digit()).any(|number| number == text);
    let own = |setting: &Setting| {
        setting.source == SettingSource::Compose
            && setting.at.path == service.at.path
            && client(setting) == Some(service.name.as_str())
            && has_number(&setting.value)
    };
    service.ports.iter().any(|published| published.target == port)
        || service.exposes.contains(&port)
        || service.command.iter().any(|word| has_number(&word.value))
        || of_image
        || facts.settings.iter().any(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stand_in_urls_and_lists() {
        for (value, expected) in [
            ("postgres://u:p@db:5433/app?x=1", &[("postgres", "db", Some(5433))][..]),
            ("postgresql+asyncpg://db:5432/app", &[("postgresql", "db", Some(5432))]),
            ("jdbc:mysql://db/app", &[("mysql", "db", None)]),
            ("kafka:9092, other:9093", &[("", "kafka", Some(9092)), ("", "other", Some(9093))]),
            ("--backend=http://api/v1", &[("http", "api", None)]),
            ("redis", &[]),
            ("http://api:${PORT}", &[]),
        ] {
            let found: Vec<_> =
                addresses(value).into_iter().map(|found| (found.scheme, found.host, found.port)).collect();
            assert_eq!(found, expected, "{value}");
        }
    }

    #[test]
    fn a_scheme_has_a_port() {
        let port = |value: &str| addresses(value).first().and_then(Address::asked_port);
        assert_eq!(
            (port("http://api"), port("https://api"), port("redis://api")),
            (Some(80), Some(443), None)
        );
    }
}
