//! Services of Compose files that wait for what never comes: a service that does not exist, a health that nothing checks.

use facts::{ComposeDependency, ComposeService, Facts, OwnHealth};
use serde::Deserialize;
use source::{directory_of, is_backup, is_illustration};

use crate::check::{Check, CheckContext};
use crate::nearest::did_you_mean;
use crate::{Fault, Severity};

/// Which of the two faults a rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Speaks {
    /// The service that is waited for does not exist.
    Missing,
    /// Nothing says whether it is healthy.
    WithoutHealthCheck,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Which fault is meant.
    speaks: Speaks,
    /// Official images that bring no health check, by their name without a tag.
    #[serde(default)]
    images: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        // What another file adds to this one, or brings into it, is not followed.
        let judged = facts.compose_services.iter().filter(|service| {
            let path = &service.at.path;
            service.file_stands_alone && !is_backup(path) && !is_illustration(path)
        });
        let waits = judged.flat_map(|service| service.depends_on.iter().map(move |other| (service, other)));
        waits
            .filter_map(|(service, other)| match self.speaks {
                Speaks::Missing => missing(service, other, facts),
                Speaks::WithoutHealthCheck => self.without_health_check(service, other, facts),
            })
            .collect()
    }
}

fn missing(service: &ComposeService, other: &ComposeDependency, facts: &Facts) -> Option<Fault> {
    let name = &other.service.value;
    // A service without an image is an addition to another file.
    let is_whole = service.image.is_some() || service.dockerfile.is_some();
    let exists =
        facts.compose_services.iter().any(|known| known.name == *name) || facts.other_services.contains(name);
    if exists || !is_whole || !other.is_required || name.contains('$') {
        return None;
    }
    let beside = facts.compose_services.iter().filter(|known| known.at.path == service.at.path);
    let hint = did_you_mean(name, beside.map(|known| known.name.as_str()));
    let message = format!(
        "`{}` depends on the service `{name}`, which no Compose file has: Compose refuses the whole file, and nothing \
         is started.{hint}",
        service.name
    );
    Some(fault(service, other, message))
}

fn fault(service: &ComposeService, other: &ComposeDependency, message: String) -> Fault {
    let subject = format!("{} on {}", service.name, other.service.value);
    Fault::new(subject, other.service.at.clone(), message)
        .in_environment(service.scope.environment.as_deref())
}

impl Policy {
    fn without_health_check(
        &self,
        service: &ComposeService,
        other: &ComposeDependency,
        facts: &Facts,
    ) -> Option<Fault> {
        // What is not required is only warned of, and the service is started.
        if !other.must_be_healthy || !other.is_required {
            return None;
        }
        let named = |known: &&ComposeService| known.name == other.service.value;
        let target =
            facts.compose_services.iter().filter(named).find(|known| known.at.path == service.at.path)?;
        // Files of one folder may be merged: each may bring the check.
        let directory = directory_of(&service.at.path);
        let mut merged =
            facts.compose_services.iter().filter(named).filter(|k| directory_of(&k.at.path) == directory);
        let is_off = target.own_health == OwnHealth::Off;
        if !is_off && merged.any(|known| known.own_health == OwnHealth::Checked) {
            return None;
        }
        let (why, severity) = self.why_unknown(target, facts)?;
        let message = format!(
            "`{}` waits until `{}` is healthy, and {why}: Compose gives up with \"no healthcheck configured\", and `{}` \
             is never started",
            service.name, target.name, service.name
        );
        let fault = fault(service, other, message).at_most(severity);
        let at = target.image.as_ref().map_or(&target.at, |image| &image.at);
        Some(fault.because(at.clone(), format!("`{}` has no `healthcheck:`", target.name)))
    }

    /// Why nothing says whether a service is healthy, and how sure that is.
    fn why_unknown(&self, target: &ComposeService, facts: &Facts) -> Option<(String, Severity)> {
        if target.own_health == OwnHealth::Off {
            return Some(("its `healthcheck:` is switched off".to_owned(), Severity::Error));
        }
        if let Some(dockerfile) = &target.dockerfile {
            let built = facts.dockerfile_ports.iter().find(|known| known.dockerfile == *dockerfile)?;
            let why = format!("neither its Compose file nor `{dockerfile}` has a health check");
            // The image that the Dockerfile starts from may bring one, unless it is an official one.
            let may_inherit = built.base.as_deref().is_none_or(|base| official_name(base).is_none());
            return (!built.has_health_check && !may_inherit).then_some((why, Severity::Warning));
        }
        let image = target.image.as_ref()?;
        let name = official_name(&image.value)?;
        let is_known = self.images.iter().any(|known| known == name);
        is_known
            .then(|| (format!("the official image `{name}` brings no health check either"), Severity::Error))
    }
}

/// The name of an official image: one without an account before it.
fn official_name(image: &str) -> Option<&str> {
    let name = facts::image_name(image);
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    (!name.contains(['/', '$'])).then_some(name)
}
