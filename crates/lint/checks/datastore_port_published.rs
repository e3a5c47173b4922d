//! Data stores that a deployed Compose file opens to every network of the host.

use std::net::{IpAddr, Ipv4Addr};

use facts::{ComposeService, Facts, PublishedPort};
use serde::Deserialize;

use crate::Fault;
use crate::check::Check;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Names of images that store data, without registry and tag.
    #[serde(default)]
    images: Vec<String>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let deployed = facts.compose_services.iter().filter(|service| service.scope.deployed);
        deployed.filter_map(|service| self.fault(service)).collect()
    }
}

/// Where a published port is open to everybody; `None` where it is bound to the host itself or to a private network,
/// and where a variable decides.
fn reach(address: Option<&str>) -> Option<String> {
    let every = || Some("every address of the host".to_owned());
    let Some(text) = address else { return every() };
    match text.trim_matches(['[', ']']).parse::<IpAddr>().ok()? {
        address if address.is_unspecified() => every(),
        IpAddr::V4(address) => (!is_private(address)).then(|| format!("the public address {address}")),
        IpAddr::V6(address) => {
            let is_private =
                address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local();
            (!is_private).then(|| format!("the public address {address}"))
        }
    }
}

/// Also the addresses between a provider and its customers, which private networks of machines use (RFC 6598).
fn is_private(address: Ipv4Addr) -> bool {
    let is_shared = matches!(address.octets(), [100, 64..=127, ..]);
    address.is_loopback() || address.is_private() || address.is_link_local() || is_shared
}

impl Policy {
    fn fault(&self, service: &ComposeService) -> Option<Fault> {
        let image = service.image.as_ref()?;
        let name = facts::image_name(&image.value).rsplit('/').next()?;
        let is_store = self.images.iter().any(|known| known == name);
        let opened = |port: &&PublishedPort| port.host.is_some() && reach(port.address.as_deref()).is_some();
        let port = service.ports.iter().find(opened).filter(|_| is_store)?;
        let message = format!(
            "`{}` is a data store, and its port {} is published on {}: whoever reaches the host \
             reaches its login, past the host's own firewall; other services reach it without a published port; \
             for the host alone publish 127.0.0.1:{}:{}",
            service.name,
            port.target,
            reach(port.address.as_deref())?,
            port.host.unwrap_or(port.target),
            port.target
        );
        Some(
            Fault::new(format!("ports of {}", service.name), port.at.clone(), message)
                .because(image.at.clone(), "the image of a data store")
                .in_environment(service.scope.environment.as_deref()),
        )
    }
}
