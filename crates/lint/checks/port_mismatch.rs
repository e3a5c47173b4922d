//! Ports at which a container listens, against those at which it is asked.

use facts::{CloudRunDeploy, ComposePorts, DockerfilePorts, Facts, FieldValue, StatedPort};
use serde::Deserialize;
use source::Place;

use super::policy;
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// Who asks: `health-check`, `compose`, `deploy`.
    #[serde(default)]
    against: Vec<Asker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Asker {
    HealthCheck,
    Compose,
    Deploy,
}

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(policy::<Policy>(table)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.against.contains(&Asker::HealthCheck) {
            faults.extend(facts.dockerfile_ports.iter().filter_map(health));
        }
        if self.against.contains(&Asker::Compose) {
            faults.extend(facts.compose_ports.iter().filter_map(|ports| compose(ports, facts)));
        }
        if self.against.contains(&Asker::Deploy) {
            faults.extend(facts.cloud_run_deploys.iter().flat_map(|call| deploy(call, facts)));
        }
        faults
    }
}

/// The port at which the container listens when nothing is given to it.
fn effective(ports: &DockerfilePorts) -> Option<(u16, &Place)> {
    let listens = ports.listens.as_ref()?;
    let variable = ports.variable.as_ref().filter(|_| listens.is_default);
    let stated = variable.unwrap_or(listens);
    Some((stated.port, &stated.at))
}

fn health(ports: &DockerfilePorts) -> Option<Fault> {
    let asked = ports.health.as_ref()?;
    let (port, at) = effective(ports)?;
    let asked_port = match &ports.variable {
        Some(variable) if asked.is_default => variable.port,
        _ => asked.port,
    };
    // A second port of the container may be there for exactly this.
    if asked_port == port || ports.exposes.iter().any(|exposed| exposed.port == asked_port) {
        return None;
    }
    let message = format!(
        "the health check asks port {asked_port}, and the container listens on {port}: it is never healthy, and what \
         waits for its health is never started"
    );
    Some(
        Fault::new("health check", asked.at.clone(), message).because(at.clone(), "the command listens here"),
    )
}

fn compose(ports: &ComposePorts, facts: &Facts) -> Option<Fault> {
    let dockerfile = facts.dockerfile_ports.iter().find(|known| known.dockerfile == ports.dockerfile)?;
    let (port, at) = effective(dockerfile)?;
    let follows = dockerfile.listens.as_ref().is_some_and(|listens| listens.is_default);
    let port = ports.variable.filter(|_| follows).unwrap_or(port);
    let first = ports.targets.first()?;
    let is_known = ports.targets.iter().any(|target| {
        target.port == port || dockerfile.exposes.iter().any(|exposed| exposed.port == target.port)
    });
    if ports.has_own_command || is_known {
        return None;
    }
    let message = format!(
        "port {} of the container is published, and it listens on {port}: every connection is refused",
        first.port
    );
    Some(
        Fault::new(ports.service.clone(), first.at.clone(), message)
            .because(at.clone(), "the command listens here"),
    )
}

/// Records of a deploy script that name a Dockerfile and a port.
fn deploy(call: &CloudRunDeploy, facts: &Facts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for port in call.fields.iter().filter(|field| field.field == "port" && !field.is_alternative) {
        let Ok(number) = port.value.parse::<u16>() else { continue };
        let built =
            call.fields.iter().filter(|field| field.field == "dockerfile" && field.record == port.record);
        for dockerfile in built {
            let known = facts.dockerfile_ports.iter().find(|known| known.dockerfile == dockerfile.value);
            faults.extend(known.into_iter().flat_map(|ports| against(ports, number, port, call)));
        }
    }
    faults
}

fn against(ports: &DockerfilePorts, number: u16, field: &FieldValue, call: &CloudRunDeploy) -> Vec<Fault> {
    let fault = |what: &str, stated: &StatedPort, consequence: String| {
        Fault::new(format!("{what} {}", field.record), stated.at.clone(), consequence)
            .because(field.at.clone(), format!("`{}` is deployed with port {number}", field.record))
            .in_environment(call.environment.as_deref())
    };
    let mut faults = Vec::new();
    if let Some(listens) = ports.listens.as_ref().filter(|listens| listens.port != number) {
        faults.push(if listens.is_default {
            let message = format!(
                "the command falls back to port {}, and the service is deployed with port {number}: wherever PORT is \
                 not set, it listens where nobody asks",
                listens.port
            );
            fault("command", listens, message).at_most(Severity::Warning)
        } else {
            let message = format!(
                "the command listens on port {}, and the platform sends to {number}: the container never becomes \
                 ready and the revision is refused; listen on $PORT",
                listens.port
            );
            fault("command", listens, message)
        });
    }
    let exposed =
        ports.exposes.first().filter(|_| ports.exposes.iter().all(|exposed| exposed.port != number));
    for (what, stated) in [("EXPOSE", exposed), ("health check", ports.health.as_ref())] {
        let Some(stated) = stated.filter(|stated| stated.port != number) else { continue };
        let message = format!(
            "{what} names port {}, and the service is deployed with port {number}: one of the two is wrong wherever \
             this image runs",
            stated.port
        );
        faults.push(fault(what, stated, message).at_most(Severity::Warning));
    }
    faults
}
