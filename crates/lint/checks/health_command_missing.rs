//! Health checks whose program is not in the image.

use facts::{ComposeService, DockerfileFlaw, DockerfileFlawKind, Facts, LackingTools};
use source::{Place, is_illustration};

use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let judged = facts.lacking_tools.iter().filter(|tools| !is_illustration(&tools.dockerfile));
    let own = judged.filter_map(|tools| {
        let (program, at) = tools.health.as_ref()?;
        Some(fault("health check".to_owned(), program, at, tools))
    });
    let composed = facts.compose_services.iter().filter_map(|service| of_service(service, facts));
    let misshapen = facts.dockerfile_flaws.iter().filter_map(form);
    own.chain(composed).chain(misshapen).collect()
}

/// A form of Compose in a Dockerfile, where it is the name of a program.
fn form(flaw: &DockerfileFlaw) -> Option<Fault> {
    let is_meant = flaw.kind == DockerfileFlawKind::HealthForm && !is_illustration(&flaw.at.path);
    let written = &flaw.written;
    let message = format!(
        "the health check starts `{written}`, which is a form of Compose: in a Dockerfile the first text of the list is the \
         program, and no image has one of this name. The check fails every time, and the container is never healthy; leave \
         `{written}` out"
    );
    is_meant.then(|| Fault::new("health check", flaw.at.clone(), message))
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
        .at_most(Severity::Warning)
}
