//! Addresses inside a Compose network that name the host's port.

use facts::{ComposeService, Facts, Setting};

use super::service_address::{asked_of_compose, compose_services, listens};
use super::{NoPolicy, policy, settings};
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

struct HostPortInside;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(HostPortInside))
}

impl Check for HostPortInside {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        for asked in asked_of_compose(facts, &compose_services(facts)) {
            let Some(port) = asked.address.port else { continue };
            // A list of addresses is one setting.
            if faults.last().is_none_or(|told| told.at != asked.setting.at) {
                faults.extend(fault(asked.setting, asked.service, port, facts));
            }
        }
        faults
    }
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
