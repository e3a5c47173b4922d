//! Ports that are written as a number where a variable names them.

use facts::{DockerfilePorts, EnvRead, Facts};
use serde::Deserialize;
use source::{Place, join};

use crate::check::Check;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// What is looked for: `command` (a number where `$PORT` is given), `health-check` (a number where the program
    /// listens on `$PORT`).
    #[serde(default)]
    places: Vec<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Command,
    HealthCheck,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults = Vec::new();
        for ports in &facts.dockerfile_ports {
            if self.places.contains(&Kind::Command) {
                faults.extend(command(ports, facts));
            }
            if self.places.contains(&Kind::HealthCheck) {
                faults.extend(health_check(ports, facts));
            }
        }
        faults
    }
}

/// What Cloud Run sets `PORT` to where nothing else is said: <https://cloud.google.com/run/docs/container-contract#port>.
const DEFAULT_PORT: u16 = 8080;

/// A command with a number of its own, where the image or the platform gives it `PORT`.
fn command(ports: &DockerfilePorts, facts: &Facts) -> Option<Fault> {
    let listens = ports.listens.as_ref().filter(|listens| !listens.is_default)?;
    let given = given(ports, facts)?;
    let message = format!(
        "the command listens on port {} whatever PORT says: a platform that sends to $PORT finds nobody there as soon \
         as the two numbers differ, and refuses the revision; write [\"sh\", \"-c\", \"exec … --port ${{PORT:-{}}}\"]",
        listens.port, listens.port
    );
    let mut fault = Fault::new("command", listens.at.clone(), message).because(given.0, given.1);
    if listens.port == DEFAULT_PORT {
        fault = fault.at_most(Severity::Info);
    }
    if let Some(health) = ports.health.as_ref().filter(|health| !health.is_default) {
        fault = fault.because(health.at.clone(), "the health check has the number as well");
    }
    Some(fault)
}

/// Where `PORT` comes from; `None` where another number is given, which is another rule's finding.
fn given(ports: &DockerfilePorts, facts: &Facts) -> Option<(Place, &'static str)> {
    let fixed = ports.listens.as_ref()?.port;
    if let Some(variable) = &ports.variable {
        return Some((variable.at.clone(), "PORT is set here, and the command does not read it"));
    }
    for deploy in &facts.cloud_run_deploys {
        let of = |name: &'static str| deploy.fields.iter().filter(move |field| field.field == name);
        if let Some(named) = of("dockerfile").find(|field| field.value == ports.dockerfile) {
            let other = of("port").any(|port| {
                port.record == named.record && port.value.parse().is_ok_and(|port: u16| port != fixed)
            });
            return (!other).then(|| (named.at.clone(), "Cloud Run runs this image and sets PORT"));
        }
        let source = deploy.flag("--source").and_then(|flag| flag.value.as_deref());
        let built = source.and_then(|folder| join("", &format!("{folder}/Dockerfile")));
        let named = deploy.service.as_deref().is_some_and(|service| {
            facts.images.iter().any(|image| {
                *image.dockerfile == *ports.dockerfile && image.scope.service.as_deref() == Some(service)
            })
        });
        if named || built.as_deref() == Some(&ports.dockerfile) {
            return Some((deploy.at.clone(), "Cloud Run runs this image and sets PORT"));
        }
    }
    None
}

/// A health check with a number of its own, where the program listens on `$PORT`.
fn health_check(ports: &DockerfilePorts, facts: &Facts) -> Option<Fault> {
    let asked = ports.health.as_ref().filter(|asked| !asked.is_default)?;
    // The image sets the variable that the program follows: both are stated in one file.
    if ports.variable.as_ref().is_some_and(|variable| variable.port == asked.port) {
        return None;
    }
    let (at, default) = match &ports.listens {
        Some(listens) if listens.is_default => (&listens.at, Some(listens.port)),
        Some(_) => return None,
        None => {
            let read = read_by_program(ports, facts)?;
            (&read.at, read.default.as_deref().and_then(|default| default.parse().ok()))
        }
    };
    // A port that differs even from the default is another rule's finding, or a second port.
    if default.is_some_and(|default| default != asked.port)
        || ports.exposes.iter().any(|exposed| Some(exposed.port) != default && exposed.port == asked.port)
    {
        return None;
    }
    let message = format!(
        "the health check asks port {}, and the program listens on $PORT: wherever PORT is given another value the \
         container is never healthy; ask ${{PORT:-{}}}",
        asked.port, asked.port
    );
    Some(
        Fault::new("health check", asked.at.clone(), message)
            .because(at.clone(), "the program takes its port from here"),
    )
}

/// Where the module that the container starts reads `PORT`.
fn read_by_program<'f>(ports: &DockerfilePorts, facts: &'f Facts) -> Option<&'f EnvRead> {
    let image = facts.images.iter().find(|image| *image.dockerfile == *ports.dockerfile)?;
    let starts = |path: &str| {
        image.entry.iter().any(|entry| {
            let module =
                entry.written.split(':').next().unwrap_or("").trim_end_matches(".py").replace('.', "/");
            let stem = path.trim_end_matches(".py");
            stem == module || stem.strip_suffix(&module).is_some_and(|rest| rest.ends_with('/'))
        })
    };
    facts.env_reads.iter().find(|read| read.name == "PORT" && starts(&read.at.path))
}
