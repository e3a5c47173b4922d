//! Flags that a deploy command, or the program that a container starts, does not know.

use facts::{CloudRunCommand, CommandFlag, ComposeService, DockerfilePorts, Facts, Stated};
use source::{Place, file_name, has_word};

use crate::platform::gcloud_flags::{meant, of_another_command, source};
use crate::platform::server_flags;
use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let calls = facts.cloud_run_deploys.iter().chain(&facts.cloud_run_changes);
    let flags = calls.flat_map(|call| call.flags.iter().map(move |flag| (call, flag)));
    let of_commands = flags.filter_map(|(call, flag)| {
        Some(fault(call.command, flag)?.in_environment(call.environment.as_deref()))
    });
    let of_images = facts.dockerfile_ports.iter().flat_map(image);
    let of_scripts = facts.started_commands.iter().flat_map(|command| {
        let severity = if command.is_conditional { Severity::Warning } else { Severity::Error };
        started(&command.words, severity)
    });
    of_commands
        .chain(of_scripts)
        .chain(of_images)
        .chain(facts.compose_services.iter().flat_map(service))
        .collect()
}

fn fault(command: CloudRunCommand, flag: &CommandFlag) -> Option<Fault> {
    let advice = match (of_another_command(command, &flag.name), meant(command, &flag.name)) {
        (Some(instead), _) => instead.to_owned(),
        (None, meant) => format!("did you mean `--{}`?", meant?),
    };
    let message = format!(
        "`{}` has no flag `{}`: the command ends with \"unrecognized arguments\" and nothing is deployed; {advice} ({})",
        command.name(),
        flag.name,
        source(command)
    );
    Some(Fault::new(flag.name.clone(), flag.at.clone(), message))
}

fn image(ports: &DockerfilePorts) -> Vec<Fault> {
    let is_for_deployment = !has_word(file_name(&ports.dockerfile), &["dev", "development", "local", "test"]);
    started(&ports.start, if is_for_deployment { Severity::Error } else { Severity::Warning })
}

fn service(service: &ComposeService) -> Vec<Fault> {
    let environment = service.scope.environment.as_deref();
    let severity = if service.scope.deployed { Severity::Error } else { Severity::Warning };
    let faults = started(&service.command, severity).into_iter();
    faults.map(|fault| fault.in_environment(environment)).collect()
}

/// Unknown flags of the programs that a container starts, one command after another.
fn started(words: &[Stated<String>], severity: Severity) -> Vec<Fault> {
    // The text of a shell's `-c` is one word.
    let words: Vec<(&str, &Place)> =
        words.iter().flat_map(|word| word.value.split_whitespace().map(|part| (part, &word.at))).collect();
    let commands = words.split(|(word, _)| matches!(*word, "&&" | "||" | "|" | "&" | ";"));
    let faults = commands.flat_map(|command| {
        let texts: Vec<&str> = command.iter().map(|(word, _)| *word).collect();
        let unknown = server_flags::unknown(&texts).into_iter();
        let told = unknown.filter_map(|(index, unknown)| {
            let (flag, at) = command.get(index)?;
            let flag = flag.split('=').next().unwrap_or(flag);
            let message = format!(
                "`{}` has no flag `{flag}`: it prints its usage and ends, and so does the container each time it is \
                 started; did you mean `--{}`? ({})",
                unknown.program, unknown.meant, unknown.source
            );
            let subject = format!("{flag} of {}", unknown.program);
            Some(Fault::new(subject, (*at).clone(), message).at_most(severity))
        });
        told.collect::<Vec<_>>()
    });
    faults.collect()
}
