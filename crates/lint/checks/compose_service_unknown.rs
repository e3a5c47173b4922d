//! Services that commands of Docker Compose name and that its files do not have.

use std::collections::{BTreeMap, BTreeSet};

use facts::{ComposeCall, ComposeService, Facts};
use source::{directory_of, file_name, join};

use crate::nearest::did_you_mean;
use crate::{Fault, Severity};

/// The names under which Compose looks for a file where none is given, and those that it adds to them.
/// Source: <https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file>.
const DEFAULTS: &[&str] = &[
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yaml",
    "docker-compose.override.yml",
];

/// The services of each Compose file.
type Files<'f> = BTreeMap<&'f str, Vec<&'f ComposeService>>;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let mut files = Files::new();
    for service in &facts.compose_services {
        files.entry(&service.at.path).or_default().push(service);
    }
    let unread: BTreeSet<&str> = facts.problems.iter().map(|problem| &*problem.path).collect();
    let chosen_by_variable = facts.settings.iter().any(|setting| setting.key == "COMPOSE_FILE");
    let calls = facts.compose_calls.iter();
    let told = calls.filter(|call| !call.files.is_empty() || !chosen_by_variable);
    told.flat_map(|call| faults(call, &files, &unread)).collect()
}

fn faults(call: &ComposeCall, files: &Files<'_>, unread: &BTreeSet<&str>) -> Vec<Fault> {
    let folders = call.folders.iter();
    let read: Vec<Vec<&str>> = folders.filter_map(|folder| read_from(folder, call, files)).collect();
    let mut paths: Vec<&str> = read.into_iter().flatten().collect();
    paths.sort_unstable();
    paths.dedup();
    let services: Vec<&ComposeService> =
        paths.iter().filter_map(|path| files.get(path)).flatten().copied().collect();
    // What a file includes or extends may bring services; one that was not understood, too.
    let all_known = services.iter().all(|service| service.file_stands_alone)
        && !paths.iter().any(|path| unread.contains(path));
    let Some(first) = services.first().filter(|_| all_known) else { return Vec::new() };
    let lacks = |name: &str| services.iter().all(|service| service.name != name);
    let lacking = call.services.iter().filter(|named| lacks(&named.value));
    let fault = |named: &facts::Stated<String>| {
        let names = services.iter().map(|service| service.name.as_str());
        let message = format!(
            "no service `{}` in {}: the command ends with `no such service`, and what follows it does not run.{}",
            named.value,
            list(&paths),
            did_you_mean(&named.value, names)
        );
        let fault = Fault::new(format!("{} in {}", named.value, paths.join(", ")), named.at.clone(), message)
            .because(first.at.clone(), "the services of this file begin here")
            .in_environment(call.scope.environment.as_deref());
        // Where a script runs is not told, and a test that fails stops no deployment.
        let is_certain = call.scope.deployed && call.folders.len() == 1 && !call.may_be_made;
        if is_certain { fault } else { fault.at_most(Severity::Warning) }
    };
    lacking.map(fault).collect()
}

/// The files that a call reads from this folder; `None` where they are not there.
fn read_from<'f>(folder: &str, call: &ComposeCall, files: &Files<'f>) -> Option<Vec<&'f str>> {
    if call.files.is_empty() {
        // Compose goes up to the first folder that has one.
        let mut folders =
            std::iter::successors(Some(folder), |at| (!at.is_empty()).then(|| directory_of(at)));
        return folders.find_map(|at| {
            let is_default = |path: &&&str| directory_of(path) == at && DEFAULTS.contains(&file_name(path));
            let found: Vec<&str> = files.keys().filter(is_default).copied().collect();
            (!found.is_empty()).then_some(found)
        });
    }
    let known = |file: &String| files.get_key_value(join(folder, file)?.as_str()).map(|(path, _)| *path);
    call.files.iter().map(known).collect()
}

fn list(paths: &[&str]) -> String {
    let quoted: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
    quoted.join(" and ")
}
