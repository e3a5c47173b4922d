//! Dockerfiles that need BuildKit, built without it.

use facts::Facts;

use crate::Fault;

/// Builders that are Docker's own from before BuildKit.
const WITHOUT: &[&str] = &["docker20", "legacy"];

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for image in facts.images.iter().filter(|image| WITHOUT.contains(&image.builder)) {
        let Some(need) = facts.buildkit_needs.iter().find(|need| *need.at.path == *image.dockerfile) else {
            continue;
        };
        let Some(by) = image.built_by.first() else { continue };
        let message = format!(
            "`{}` is understood by BuildKit alone, and the Docker that builds this image uses it only when it is \
             asked to, up to version 20.10: the build ends with an error there; set DOCKER_BUILDKIT=1",
            need.what
        );
        faults.push(
            Fault::new(format!("{} by {}", image.dockerfile, by.path), need.at.clone(), message)
                .because(by.clone(), "it is built here")
                .in_environment(image.scope.environment.as_deref()),
        );
    }
    faults
}
