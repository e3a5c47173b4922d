//! Data stores that a deployed Compose file opens to every network of the host.

use facts::{ComposeService, Facts};
use serde::Deserialize;

use super::policy;
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// Names of images that store data, without registry and tag.
    #[serde(default)]
    images: Vec<String>,
}

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(policy::<Policy>(table)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let deployed = facts.compose_services.iter().filter(|service| service.scope.deployed);
        deployed.filter_map(|service| self.fault(service)).collect()
    }
}

impl Policy {
    fn fault(&self, service: &ComposeService) -> Option<Fault> {
        let image = service.image.as_ref()?;
        let name = image.value.split(['@', ':']).next()?.rsplit('/').next()?;
        let is_store = self.images.iter().any(|known| known == name);
        let port =
            service.ports.iter().find(|port| port.host.is_some() && !port.is_local).filter(|_| is_store)?;
        let message = format!(
            "`{}` is a data store, and its port {} is published on every address of the host: whoever reaches the host \
             reaches its login, past the host's own firewall; services of this file need no published port, people \
             can use 127.0.0.1:{}:{}",
            service.name,
            port.target,
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
