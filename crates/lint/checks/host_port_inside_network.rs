//! Addresses inside a Compose network that name the host's port.

use std::collections::BTreeSet;

use facts::Facts;

use super::support::service_address::{Asked, asked_of_compose, compose_services, listens};
use super::support::settings;
use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let asked = asked_of_compose(facts, &compose_services(facts));
    // A list of addresses is one setting, and an env file is given to several services.
    let mut told = BTreeSet::new();
    let faults = asked.iter().filter_map(|asked| fault(asked, facts));
    faults.filter(|fault| told.insert(fault.at.clone())).collect()
}

fn fault(asked: &Asked<'_>, facts: &Facts) -> Option<Fault> {
    let Asked { setting, service, address, is_own } = asked;
    let port = address.port?;
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
    Some(if setting.scope.deployed && *is_own { fault } else { fault.at_most(Severity::Warning) })
}
