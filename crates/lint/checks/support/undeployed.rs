//! Variables without which a program ends when it is loaded, and which the Compose service that starts it is not given, in a
//! file of no known environment.

use std::collections::{BTreeMap, BTreeSet};

use facts::image::Image;
use facts::{ComposeService, EnvRead, Facts, SettingSource};
use source::is_illustration;

use crate::nearest::nearest;
use crate::{Fault, Severity};

/// Packages that read variables from files that are not in the repository.
const FILE_READERS: &[&str] =
    &["decouple", "dotenv", "dynaconf", "environ", "environs", "pydantic_settings", "starlette"];

/// The faults of every such service; `is_provided` tells what somebody else sets.
pub(in crate::checks) fn faults(facts: &Facts, is_provided: &dyn Fn(&str) -> bool) -> Vec<Fault> {
    let mut reads: BTreeMap<&str, Vec<&EnvRead>> = BTreeMap::new();
    let stops = |read: &&EnvRead| read.required && read.function.is_none() && !read.is_conditional;
    for read in facts.env_reads.iter().filter(stops) {
        reads.entry(&read.at.path).or_default().push(read);
    }
    if reads.is_empty() {
        return Vec::new();
    }
    let readers: BTreeSet<&str> = facts
        .imports
        .iter()
        .filter(|import| FILE_READERS.contains(&import.module.split('.').next().unwrap_or("")))
        .map(|import| &*import.at.path)
        .collect();
    let judged = facts.compose_services.iter();
    let judged = judged.filter(|service| !service.scope.deployed && !is_illustration(&service.at.path));
    judged.flat_map(|service| of_service(service, facts, &reads, &readers, is_provided)).collect()
}

fn of_service(
    service: &ComposeService,
    facts: &Facts,
    reads: &BTreeMap<&str, Vec<&EnvRead>>,
    readers: &BTreeSet<&str>,
    is_provided: &dyn Fn(&str) -> bool,
) -> Vec<Fault> {
    let (Some(dockerfile), Some(given)) = (service.dockerfile.as_deref(), given(service, facts)) else {
        return Vec::new();
    };
    // Another service of the same image may start another program of it.
    let is_own = |image: &&Image| {
        *image.dockerfile == *dockerfile && image.scope.service.as_deref() == Some(service.name.as_str())
    };
    let images: Vec<&Image> = facts.images.iter().filter(is_own).collect();
    let code: BTreeSet<&str> = images.iter().flat_map(|image| &image.needs).map(|path| &**path).collect();
    if code.iter().any(|path| readers.contains(path)) {
        return Vec::new();
    }
    let of_image = facts.settings_in(dockerfile).iter();
    let of_image: BTreeSet<&str> = of_image
        .filter(|setting| setting.source == SettingSource::DockerfileEnv)
        .map(|setting| setting.key.as_str())
        .collect();
    // A script at the start, or an image that others make, may set more.
    if images.iter().any(|image| image.sets.is_none()) || stands_on_other(facts, dockerfile) {
        return Vec::new();
    }
    let sets: BTreeSet<&str> =
        images.iter().flat_map(|image| image.sets.iter().flatten()).map(String::as_str).collect();
    let is_given = |name: &str| {
        given.contains(name) || of_image.contains(name) || sets.contains(name) || is_provided(name)
    };
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let lacking = code.iter().filter_map(|path| reads.get(path)).flatten();
    let lacking = lacking.filter(|read| !is_given(&read.name) && told.insert(&read.name));
    lacking.map(|read| fault(service, &given, read)).collect()
}

/// Whether a Dockerfile starts from an image that is none of the official ones.
fn stands_on_other(facts: &Facts, dockerfile: &str) -> bool {
    let of_image = facts.dockerfile_ports.iter().find(|ports| ports.dockerfile == dockerfile);
    let base = of_image.and_then(|ports| ports.base.as_deref()).unwrap_or("");
    let official = ["docker.io/library/", "docker.io/", "public.ecr.aws/docker/library/"];
    let name = official.iter().find_map(|start| base.strip_prefix(start)).unwrap_or(base);
    name.contains(['/', '$'])
}

/// What a service is given by all Compose files that have it, as they may be laid over each other; `None` where one may give
/// more.
fn given<'f>(service: &ComposeService, facts: &'f Facts) -> Option<BTreeSet<&'f str>> {
    let same = facts.compose_services.iter().filter(|other| other.name == service.name);
    let lists: Option<Vec<&Vec<String>>> = same.map(|other| other.given.as_ref()).collect();
    Some(lists?.into_iter().flatten().map(String::as_str).collect())
}

fn fault(service: &ComposeService, given: &BTreeSet<&str>, read: &EnvRead) -> Fault {
    let name = &read.name;
    let meant = nearest(name, given.iter().copied());
    let hint = meant.map_or_else(String::new, |meant| format!("; it is given `{meant}`"));
    let message = format!(
        "`{}` is never given `{name}`, which its code reads: the program ends when it is loaded{hint}",
        service.name
    );
    Fault::new(format!("{name} of {}", service.name), service.at.clone(), message)
        .because(read.at.clone(), format!("`{name}` is read here"))
        .at_most(Severity::Warning)
}
