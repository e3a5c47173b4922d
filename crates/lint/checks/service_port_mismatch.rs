//! Services that are asked at a port that they do not have.

pub(super) mod kubernetes;

use std::collections::{BTreeMap, BTreeSet};

use facts::{ComposeService, Facts, ServiceTarget, Setting, StatedPort, TargetReader};
use serde::Deserialize;
use source::Place;

use super::port_mismatch::of_service;
use super::support::service_address::{
    Address, Asked, Services, asked_of_compose, compose_services, listens,
};
use super::support::words::{Phrase, any_in};
use super::{policy, support::settings};
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// The port of images that listen on no other one unless their command or environment says so.
    image_ports: BTreeMap<String, u16>,
    /// Words of keys whose value is no address to connect to.
    #[serde(default)]
    except_keys: Vec<String>,
    /// Words of keys whose value may be a part of an address, to which the program adds its port.
    #[serde(default)]
    part_keys: Vec<String>,
}

struct ServicePort {
    image_ports: BTreeMap<String, u16>,
    except_keys: Vec<Phrase>,
    part_keys: Vec<Phrase>,
}

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let policy: Policy = policy(table)?;
    let phrases = |words: &[String]| words.iter().map(|text| Phrase::new(text)).collect();
    Ok(Box::new(ServicePort {
        except_keys: phrases(&policy.except_keys),
        part_keys: phrases(&policy.part_keys),
        image_ports: policy.image_ports,
    }))
}

impl Check for ServicePort {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let services = compose_services(facts);
        let asked = asked_of_compose(facts, &services);
        let asked = asked.iter().filter(|asked| self.is_destination(asked.setting));
        let of_compose = asked.filter_map(|asked| self.of_compose(asked, facts));
        // What Prometheus asks is often a port of its own that the program opens for it.
        let targets = facts.service_targets.iter().filter(|target| target.reader == TargetReader::Nginx);
        let of_compose =
            of_compose.chain(targets.filter_map(|target| self.of_target(target, &services, facts)));
        // A list of addresses is one setting.
        let mut seen = BTreeSet::new();
        of_compose.chain(self.of_kubernetes(facts)).filter(|fault| seen.insert(fault.at.clone())).collect()
    }
}

/// Where a container listens, and how that is known.
struct Listens<'f> {
    port: u16,
    at: &'f Place,
    why: String,
    is_certain: bool,
    /// Whether it is what an image of others is known for.
    is_of_image: bool,
}

impl ServicePort {
    fn is_destination(&self, setting: &Setting) -> bool {
        let is_part = has_host_alone(&setting.value) && any_in(&self.part_keys, &setting.key);
        !is_part && !any_in(&self.except_keys, &setting.key)
    }

    fn of_compose(&self, asked: &Asked<'_>, facts: &Facts) -> Option<Fault> {
        let Asked { setting, service, address, is_own } = asked;
        let port = address.asked_port()?;
        // The host's ports are another rule's.
        if service.ports.iter().any(|published| published.host == Some(port)) {
            return None;
        }
        let known = self.elsewhere(service, port, facts)?;
        let message = format!(
            "`{}` asks `{}` at port {}, and the container listens on {}: every connection is refused",
            setting.key,
            service.name,
            written(address, port),
            known.port
        );
        let fault = Fault::new(settings::subject(setting), setting.at.clone(), message)
            .because(known.at.clone(), known.why)
            .in_environment(setting.scope.environment.as_deref());
        // A program may open a second port by itself, for another protocol.
        let is_its_own = known.is_of_image || matches!(address.scheme, "http" | "https" | "ws" | "wss");
        let is_certain = known.is_certain && is_its_own && *is_own;
        Some(if setting.scope.deployed && is_certain { fault } else { fault.at_most(Severity::Warning) })
    }

    /// An address in the configuration of a service.
    fn of_target(&self, target: &ServiceTarget, services: &Services<'_>, facts: &Facts) -> Option<Fault> {
        let asking = services.get(&(&*target.compose_file, target.service.as_str()))?;
        let service = services.get(&(&*target.compose_file, target.host.value.as_str()))?;
        let known = self.elsewhere(service, target.port, facts).filter(|_| asking.name != service.name)?;
        let message = format!(
            "nginx asks `{}` at port {}, and the container listens on {}: every request is answered with 502",
            service.name, target.port, known.port
        );
        let subject = format!("{}:{}", service.name, target.port);
        let fault = Fault::new(subject, target.host.at.clone(), message)
            .because(known.at.clone(), known.why)
            .because(asking.at.clone(), "this service is given the configuration")
            .in_environment(asking.scope.environment.as_deref());
        let is_certain = asking.scope.deployed && known.is_certain;
        Some(if is_certain { fault } else { fault.at_most(Severity::Warning) })
    }

    /// Where a service listens, if nothing says that it listens on this port.
    fn elsewhere<'f>(&self, service: &'f ComposeService, port: u16, facts: &'f Facts) -> Option<Listens<'f>> {
        if !service.has_own_networks || listens(service, port, facts) {
            return None;
        }
        listening(service, facts).or_else(|| self.of_image(service)).filter(|known| known.port != port)
    }

    /// The port of a known image that nothing tells to listen elsewhere.
    fn of_image<'f>(&self, service: &'f ComposeService) -> Option<Listens<'f>> {
        let image = service.image.as_ref()?;
        let port = *self.image_ports.get(facts::image_name(&image.value))?;
        let is_configured = service.command.iter().any(|word| word.value.contains("conf"))
            || service.variables.iter().any(|variable| variable.ends_with("PORT"))
            || !service.env_files.is_empty();
        (!is_configured).then(|| Listens {
            port,
            at: &image.at,
            why: format!("this image listens on {port} unless it is told otherwise"),
            is_certain: true,
            is_of_image: true,
        })
    }
}

/// Whether a URL ends with its host: no port, no path.
fn has_host_alone(value: &str) -> bool {
    value.trim().split_once("://").is_some_and(|(_, rest)| !rest.contains([':', '/']))
}

/// Where a container of the repository's own image listens.
fn listening<'f>(service: &'f ComposeService, facts: &'f Facts) -> Option<Listens<'f>> {
    if let Some((port, _, at)) = of_service(service, facts) {
        let why = "its command listens here".to_owned();
        return Some(Listens { port, at, why, is_certain: true, is_of_image: false });
    }
    let dockerfile = facts.dockerfile_ports.iter().find(|known| {
        Some(known.dockerfile.as_str()) == service.dockerfile.as_deref() && !service.has_own_command
    })?;
    // `EXPOSE` alone is a remark; somebody else has to count on it.
    let is_counted_on = |exposed: &&StatedPort| {
        let asked = service.health.iter().chain(&dockerfile.health);
        service.ports.iter().any(|published| published.target == exposed.port)
            || asked.into_iter().any(|asked| asked.port == exposed.port)
    };
    let exposed = dockerfile.exposes.iter().find(is_counted_on)?;
    let why = format!("its Dockerfile names port {}", exposed.port);
    Some(Listens { port: exposed.port, at: &exposed.at, why, is_certain: false, is_of_image: false })
}

/// The port as a message tells it: of an address without one, where it comes from.
fn written(address: &Address<'_>, port: u16) -> String {
    match address.port {
        Some(_) => port.to_string(),
        None => format!("{port}, as `{}://` without a port means", address.scheme),
    }
}
