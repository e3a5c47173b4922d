//! Addresses inside a Compose network that name the host's port.

use std::collections::BTreeMap;

use facts::{ComposeService, Facts, Role, Setting, SettingSource};

use super::{NoPolicy, policy, settings};
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

struct HostPortInside;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(HostPortInside))
}

/// The services of each Compose file by name.
type Services<'f> = BTreeMap<(&'f str, &'f str), &'f ComposeService>;

impl Check for HostPortInside {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let services: Services<'_> = facts
            .compose_services
            .iter()
            .map(|service| ((&*service.at.path, service.name.as_str()), service))
            .collect();
        let given: Vec<&Setting> = facts
            .settings
            .iter()
            .filter(|setting| setting.source == SettingSource::Compose && setting.role != Role::SharedHost)
            .collect();
        let mut hosts: BTreeMap<(&str, &str, &str), &Setting> = BTreeMap::new();
        for setting in &given {
            if let Some((client, prefix)) = client(setting).zip(setting.key.strip_suffix("HOST")) {
                hosts.insert((&*setting.at.path, client, prefix), setting);
            }
        }
        let judge = |setting: &&Setting| {
            let client = client(setting)?;
            let pair = setting
                .key
                .strip_suffix("PORT")
                .and_then(|prefix| hosts.get(&(&*setting.at.path, client, prefix)));
            let addresses = match pair {
                Some(host) => vec![(host.value.trim(), setting.value.trim().parse().ok()?)],
                None => addresses(&setting.value),
            };
            addresses.into_iter().find_map(|(host, port)| {
                let service = services.get(&(&*setting.at.path, host)).filter(|_| host != client)?;
                fault(setting, service, port, facts)
            })
        };
        given.iter().filter_map(judge).collect()
    }
}

/// The service that is given the variable.
fn client(setting: &Setting) -> Option<&str> {
    match setting.within.as_slice() {
        [services, name, _] if services == "services" => Some(name),
        _ => None,
    }
}

/// The hosts with their ports that a value names: `postgres://user@db:5433/app`, `kafka:9092,other:9092`.
fn addresses(value: &str) -> Vec<(&str, u16)> {
    let one = |text: &str| -> Option<(usize, usize, u16)> {
        let from = text.find("://").map_or(0, |at| at + 3);
        let end = text.get(from..)?.find(['/', '?', '#']).map_or(text.len(), |at| from + at);
        let authority = text.get(from..end)?;
        let from = authority.rfind('@').map_or(from, |at| from + at + 1);
        let (host, port) = text.get(from..end)?.split_once(':')?;
        Some((from, from + host.len(), port.parse().ok()?))
    };
    let found = value.split(',').map(str::trim);
    found
        .filter_map(|text| one(text).and_then(|(from, end, port)| Some((text.get(from..end)?, port))))
        .collect()
}

fn fault(setting: &Setting, service: &ComposeService, port: u16, facts: &Facts) -> Option<Fault> {
    let published = service.ports.iter().find(|published| published.host == Some(port))?;
    if listens(service, port, facts) {
        return None;
    }
    let message = format!(
        "`{}` asks `{}` at port {port}, which is the host's: inside the network the container listens on {}, and the \
         connection is refused; use {}",
        setting.key, service.name, published.target, published.target
    );
    let fault = Fault::new(settings::subject(setting), setting.at.clone(), message)
        .because(
            published.at.clone(),
            format!("the host's port {port} leads to port {} here", published.target),
        )
        .in_environment(setting.scope.environment.as_deref());
    Some(if setting.scope.deployed { fault } else { fault.at_most(Severity::Warning) })
}

/// Whether anything says that the container listens on this port as well.
fn listens(service: &ComposeService, port: u16, facts: &Facts) -> bool {
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
        assert_eq!(addresses("postgres://u:p@db:5433/app?x=1"), [("db", 5433)]);
        assert_eq!(addresses("kafka:9092, other:9093"), [("kafka", 9092), ("other", 9093)]);
        assert_eq!(addresses("http://api/v1"), []);
        assert_eq!(addresses("redis"), []);
    }
}
