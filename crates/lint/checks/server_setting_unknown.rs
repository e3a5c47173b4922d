//! Settings that a data server of a Compose file is started with and its release does not have.

use facts::{ComposeService, Facts, Setting, Stated};
use source::Place;

use crate::platform::data_servers::{UnknownSetting, unknown, unknown_of_initdb};
use crate::{Fault, Severity};

/// What the official image of `PostgreSQL` hands to `initdb`.
const INITDB_ARGUMENTS: &str = "POSTGRES_INITDB_ARGS";

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.compose_services.iter().flat_map(|service| of_service(service, facts)).collect()
}

fn of_service(service: &ComposeService, facts: &Facts) -> Vec<Fault> {
    let Some(image) = &service.image else { return Vec::new() };
    // What is built may be anything that has this name then.
    if service.dockerfile.is_some() {
        return Vec::new();
    }
    let is_for_it = |setting: &&Setting| {
        setting.key == INITDB_ARGUMENTS && setting.scope.service.as_deref() == Some(service.name.as_str())
    };
    let settings = facts.settings_in(&service.at.path).iter().filter(is_for_it);
    let of_initdb =
        settings.filter_map(|setting| Some((unknown_of_initdb(&image.value, &setting.value)?, &setting.at)));
    let found = of_command(&image.value, &service.command);
    found.into_iter().chain(of_initdb).map(|(unknown, at)| fault(service, image, &unknown, at)).collect()
}

/// The unknown settings of a command; the text of a shell's `-c` is one word of it.
fn of_command<'s>(image: &str, words: &'s [Stated<String>]) -> Vec<(UnknownSetting, &'s Place)> {
    let words: Vec<(&str, &Place)> =
        words.iter().flat_map(|word| word.value.split_whitespace().map(|part| (part, &word.at))).collect();
    let commands = words.split(|(word, _)| matches!(*word, "&&" | "||" | "|" | "&" | ";"));
    let found = commands.flat_map(|command| {
        let texts: Vec<&str> = command.iter().map(|(word, _)| *word).collect();
        let unknown = unknown(image, &texts).into_iter();
        unknown.filter_map(|(index, unknown)| Some((unknown, command.get(index)?.1))).collect::<Vec<_>>()
    });
    found.collect()
}

fn fault(service: &ComposeService, image: &Stated<String>, unknown: &UnknownSetting, at: &Place) -> Fault {
    let UnknownSetting { name, server, answer, known } = unknown;
    let message = format!(
        "{server} has no `{name}`: it ends with \"{answer}\", and so does the container each time it is started; {known}"
    );
    let severity = if service.scope.deployed { Severity::Error } else { Severity::Warning };
    Fault::new(format!("{name} of {}", service.name), at.clone(), message)
        .in_environment(service.scope.environment.as_deref())
        .because(image.at.clone(), "the image tells the release")
        .at_most(severity)
}
