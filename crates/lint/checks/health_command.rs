//! Health checks whose program is not in the image.

use facts::{ComposeService, Facts, LackingTools};
use source::{Place, is_illustration};

use super::{NoPolicy, policy};
use crate::Fault;
use crate::check::{Check, CheckContext};

struct HealthCommand;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(HealthCommand))
}

impl Check for HealthCommand {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts.lacking_tools.iter().filter(|tools| !is_illustration(&tools.dockerfile));
        let own = judged.filter_map(|tools| {
            let (program, at) = tools.health.as_ref()?;
            Some(fault("health check".to_owned(), program, at, tools))
        });
        let composed = facts.compose_services.iter().filter_map(|service| of_service(service, facts));
        own.chain(composed).collect()
    }
}

fn of_service(service: &ComposeService, facts: &Facts) -> Option<Fault> {
    let asked = service.health_program.as_ref()?;
    let dockerfile = service.dockerfile.as_deref()?;
    // A service may be built up to an earlier stage, in which the program may be.
    let is_last = |image: &facts::image::Image| *image.dockerfile == *dockerfile && image.target.is_some();
    if facts.images.iter().any(is_last) {
        return None;
    }
    let tools = facts.lacking_tools.iter().find(|tools| tools.dockerfile == dockerfile)?;
    let program = tools.programs.iter().find(|program| **program == asked.value)?;
    Some(fault(format!("health check of {}", service.name), program, &asked.at, tools))
}

fn fault(subject: String, program: &str, at: &Place, tools: &LackingTools) -> Fault {
    let message = format!(
        "the health check starts `{program}`, which `{}` does not have and nothing installs: the check fails every \
         time, and the container is never healthy",
        tools.base
    );
    Fault::new(subject, at.clone(), message)
        .because(tools.at.clone(), "the image that the last stage starts from")
}
