//! Commands of RUN instructions that lack a file, a script or a program.

use std::collections::BTreeMap;

use facts::Facts;
use facts::image::{Image, Lack, LackingFile, LackingProgram, LackingScript, Phase, UnmetRun};
use serde::Deserialize;
use source::Place;

use crate::check::Check;
use crate::nearest::did_you_mean;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// What is lacking.
    about: About,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum About {
    /// Files and scripts.
    Files,
    /// Programs of development dependencies.
    DevDependencies,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults: BTreeMap<(Place, String), Fault> = BTreeMap::new();
        for image in &facts.images {
            for run in image.unmet.iter().filter(|run| about(&run.lacks) == self.about) {
                let fault = fault(image, run);
                // One Dockerfile may be built in several ways.
                faults.entry((fault.at.clone(), fault.subject.clone())).or_insert(fault);
            }
        }
        faults.into_values().collect()
    }
}

fn about(lacks: &Lack) -> About {
    match lacks {
        Lack::File(_) | Lack::Script(_) => About::Files,
        Lack::Program(_) => About::DevDependencies,
    }
}

fn fault(image: &Image, run: &UnmetRun) -> Fault {
    let fault = match &run.lacks {
        Lack::File(lacking) => without_file(run, lacking),
        Lack::Script(lacking) => without_script(run, lacking),
        Lack::Program(lacking) => without_program(run, lacking),
    };
    fault.in_environment(image.scope.environment.as_deref())
}

fn without_file(UnmetRun { command, at, .. }: &UnmetRun, lacking: &LackingFile) -> Fault {
    let files: Vec<String> = lacking.names.iter().map(|name| format!("`{name}`")).collect();
    let files = files.join(" or ");
    if let Some(place) = &lacking.lies_at {
        let message = format!(
            "the container looks for {files} in {}, and it lies at `{place}`: the container ends each time it is started; write \
             the path with its first slash",
            lacking.directory
        );
        return Fault::new(format!("{command} {files}"), at.clone(), message);
    }
    let reason = match (&lacking.excluded_by, &lacking.brought_by) {
        (Some((_, pattern)), _) => format!("`{pattern}` leaves it out of the build context"),
        (None, Some(_)) => "the COPY that should bring it matches nothing".to_owned(),
        (None, None) => "no COPY before it brings one".to_owned(),
    };
    let message =
        format!("`{command}` needs {files} in {}, and {reason}: the build stops here", lacking.directory);
    let mut fault = Fault::new(format!("{command} {files}"), at.clone(), message);
    if let Some((by, _)) = &lacking.excluded_by {
        fault = fault.because(by.clone(), "this line leaves it out");
    }
    if let Some(copy) = &lacking.brought_by {
        fault = fault.because(copy.clone(), "nothing in the build context matches this");
    }
    fault
}

fn without_script(UnmetRun { command, at, .. }: &UnmetRun, lacking: &LackingScript) -> Fault {
    let LackingScript { name, manifest, known } = lacking;
    let hint = did_you_mean(name, known.iter().map(String::as_str));
    let what = if manifest.ends_with("Cargo.toml") { "program" } else { "script" };
    let message =
        format!("`{command}` fails: {manifest} has no {what} `{name}`, so the build stops here.{hint}");
    Fault::new(format!("{command} {name}"), at.clone(), message)
}

fn without_program(UnmetRun { command, at, phase, .. }: &UnmetRun, lacking: &LackingProgram) -> Fault {
    let LackingProgram { program, install, installed_at, .. } = lacking;
    let is_own = installed_at == at && install == command;
    let message = if is_own {
        format!(
            "`{command}` runs `{program}` once it has installed, and leaves that development dependency out: `{program}: \
             not found`, and the build stops here; add --ignore-scripts, or guard the script"
        )
    } else if *phase == Phase::Start {
        format!(
            "`{command}` runs `{program}`, a development dependency that `{install}` left out: `{program}: not found`, and \
             the container ends each time it is started; start it without that program, or make it a dependency"
        )
    } else {
        format!(
            "`{command}` runs `{program}`, a development dependency that `{install}` left out: `{program}: not found`, and \
             the build stops here; install everything in the stage that builds"
        )
    };
    let mut fault = Fault::new(format!("{command} {program}"), at.clone(), message)
        .because(lacking.declared.clone(), "it is a development dependency");
    if let Some(script) = &lacking.script {
        fault = fault.because(script.clone(), "this script runs it");
    }
    if installed_at != at {
        fault = fault.because(installed_at.clone(), "this leaves development dependencies out");
    }
    fault.at_most(if lacking.is_certain { Severity::Error } else { Severity::Warning })
}
