//! Ports at which a container listens, against those at which it is asked.

use facts::{CloudRunDeploy, ComposeService, DockerfilePorts, Facts, FieldValue, OwnHealth, StatedPort};
use serde::Deserialize;
use source::Place;

use crate::check::Check;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
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

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.against.contains(&Asker::HealthCheck) {
            faults.extend(facts.dockerfile_ports.iter().filter_map(health));
            faults.extend(facts.compose_services.iter().filter_map(|service| service_health(service, facts)));
        }
        if self.against.contains(&Asker::Compose) {
            faults.extend(facts.compose_services.iter().filter_map(|service| compose(service, facts)));
            faults
                .extend(facts.compose_services.iter().filter_map(|service| compose_command(service, facts)));
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
    let exposure = exposure(ports, asked_port, port);
    if asked_port == port || exposure == Some(Exposure::Both) {
        return None;
    }
    let message = format!(
        "the health check asks port {asked_port}, and the container listens on {port}: it is never healthy, and what \
         waits for its health is never started"
    );
    let fault = Fault::new("health check", asked.at.clone(), message);
    let fault = if exposure.is_some() { fault.at_most(Severity::Warning) } else { fault };
    Some(fault.because(at.clone(), "the command listens here"))
}

/// What `EXPOSE` says of a port that is asked, and that is not the one of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exposure {
    /// It names both: the asked one is a second port of the container, which may be there for exactly this.
    Both,
    /// It names the asked one alone: the command may be the only place where the port was changed.
    AskedAlone,
}

fn exposure(ports: &DockerfilePorts, asked: u16, own: u16) -> Option<Exposure> {
    let has = |port: u16| ports.exposes.iter().any(|exposed| exposed.port == port);
    match (has(asked), has(own)) {
        (false, _) => None,
        (true, true) => Some(Exposure::Both),
        (true, false) => Some(Exposure::AskedAlone),
    }
}

/// The port at which a Compose service listens, where its Dockerfile or its environment says so.
pub(super) fn of_service<'f>(
    service: &ComposeService,
    facts: &'f Facts,
) -> Option<(u16, &'f DockerfilePorts, &'f Place)> {
    let dockerfile = service.dockerfile.as_deref()?;
    let dockerfile = facts.dockerfile_ports.iter().find(|known| known.dockerfile == dockerfile)?;
    let (port, at) = effective(dockerfile).filter(|_| !service.has_own_command)?;
    let follows = dockerfile.listens.as_ref().is_some_and(|listens| listens.is_default);
    Some((service.variable.filter(|_| follows).unwrap_or(port), dockerfile, at))
}

fn compose(service: &ComposeService, facts: &Facts) -> Option<Fault> {
    let (port, dockerfile, at) = of_service(service, facts)?;
    let first = service.ports.first()?;
    let is_known = service.ports.iter().any(|published| {
        published.target == port || dockerfile.exposes.iter().any(|exposed| exposed.port == published.target)
    });
    if is_known {
        return None;
    }
    let message = format!(
        "port {} of the container is published, and it listens on {port}: every connection is refused",
        first.target
    );
    Some(
        Fault::new(service.name.clone(), first.at.clone(), message)
            .because(at.clone(), "the command listens here"),
    )
}

/// A service whose own command listens on another port than the one that it publishes.
fn compose_command(service: &ComposeService, facts: &Facts) -> Option<Fault> {
    let (port, at) = listening(service)?;
    let [published] = service.ports.as_slice() else { return None };
    let dockerfile =
        facts.dockerfile_ports.iter().find(|known| Some(&known.dockerfile) == service.dockerfile.as_ref());
    let is_known = published.target == port
        || DEBUGGERS.contains(&published.target)
        || service.exposes.contains(&published.target)
        || service.command.iter().any(|word| word.value.contains(&published.target.to_string()))
        || dockerfile
            .is_some_and(|known| known.exposes.iter().any(|exposed| exposed.port == published.target));
    if is_known {
        return None;
    }
    let message = format!(
        "port {} of the container is published, and its command listens on {port}: every connection is refused",
        published.target
    );
    let fault = Fault::new(service.name.clone(), published.at.clone(), message).at_most(Severity::Warning);
    Some(fault.because(at.clone(), "the command listens here"))
}

/// Ports at which debuggers wait by default.
const DEBUGGERS: &[u16] = &[5005, 5678, 9229];

/// The one port on which a command that is a server listens.
fn listening(service: &ComposeService) -> Option<(u16, &Place)> {
    const SERVERS: &[&str] =
        &["fastapi", "flask", "gunicorn", "hypercorn", "http-server", "streamlit", "uvicorn"];
    let words = service
        .command
        .iter()
        .flat_map(|word| word.value.split_whitespace().map(move |part| (part, &word.at)));
    let words: Vec<(&str, &Place)> = words.collect();
    let servers = words.iter().filter(|(word, _)| SERVERS.contains(&source::file_name(word))).count();
    if servers != 1 || words.iter().any(|(word, _)| matches!(*word, "&" | "|")) {
        return None;
    }
    let mut ports = words.iter().enumerate().filter_map(|(index, (option, at))| {
        let next = || words.get(index + 1).map(|(value, _)| *value);
        let port = match option.split_once('=') {
            Some(("--port" | "--server.port", port)) => port,
            Some(("--bind", address)) => address.rsplit_once(':')?.1,
            _ if matches!(*option, "--port" | "--server.port" | "-p") => next()?,
            _ if matches!(*option, "--bind" | "-b") => next()?.rsplit_once(':')?.1,
            _ => return None,
        };
        Some((port.parse().ok()?, *at))
    });
    ports.next().filter(|_| ports.next().is_none())
}

/// A Compose service that is checked at another port than its program listens on.
fn service_health(service: &ComposeService, facts: &Facts) -> Option<Fault> {
    let (port, dockerfile, at) = of_service(service, facts)?;
    let asked = match &service.health {
        Some(own) => own,
        None if service.own_health != OwnHealth::Unsaid => return None,
        // Only what the service sets can make the image's own check wrong; the image by itself is judged above.
        None => dockerfile.health.as_ref().filter(|_| service.variable.is_some())?,
    };
    let asked_port = match service.variable.or(dockerfile.variable.as_ref().map(|variable| variable.port)) {
        Some(variable) if asked.is_default => variable,
        _ => asked.port,
    };
    if asked_port == port
        || dockerfile.exposes.iter().any(|exposed| exposed.port == asked_port && service.variable.is_none())
    {
        return None;
    }
    let message = format!(
        "the health check of `{}` asks port {asked_port}, and the container listens on {port}: it is never healthy, \
         and what waits for its health is never started",
        service.name
    );
    let fault = Fault::new(format!("health check of {}", service.name), asked.at.clone(), message)
        .because(at.clone(), "the command listens here");
    // A port that the command names outright follows no variable.
    Some(if service.variable == Some(port) {
        fault.because(service.at.clone(), format!("this service sets PORT to {port}"))
    } else {
        fault
    })
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
            let found = known.into_iter().flat_map(|ports| against(ports, number, port, call));
            faults.extend(found.map(|fault| {
                // A condition chooses between this Dockerfile and another.
                if dockerfile.is_alternative { fault.at_most(Severity::Warning) } else { fault }
            }));
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
