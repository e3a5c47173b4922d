//! Instructions of Dockerfiles that mean something else than they seem to.

use facts::{DockerfileFlaw, DockerfileFlawKind, Facts};
use serde::Deserialize;
use source::{Place, is_illustration};

use crate::check::Check;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Which flaws are meant.
    about: About,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum About {
    /// Lists that are no JSON.
    Json,
    /// Packages that are installed before their lists are there.
    PackageLists,
    /// Instructions that a RUN takes for its own words.
    Swallowed,
    /// What ends with the shell of its RUN.
    NoEffect,
    /// Folders that the user of a RUN may not make.
    Denied,
    /// Files that are replaced as soon as they are there.
    Replaced,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts.dockerfile_flaws.iter().filter(|flaw| !is_illustration(&flaw.at.path));
        judged.filter_map(|flaw| self.fault(flaw)).collect()
    }
}

impl Policy {
    fn fault(&self, flaw: &DockerfileFlaw) -> Option<Fault> {
        match (&flaw.kind, self.about) {
            (DockerfileFlawKind::NoJson { keyword, is_argument, is_of_last }, About::Json) => {
                let fault = no_json(flaw, keyword, *is_argument);
                Some(if *is_of_last { fault } else { fault.at_most(Severity::Warning) })
            }
            (DockerfileFlawKind::NoPackageLists { base }, About::PackageLists) => {
                let message = format!(
                    "`{}` runs before any `apt-get update`: `{base}` comes without package lists, so it ends with \
                     `Unable to locate package` and the build stops. Put the update before it, in the same RUN",
                    flaw.written
                );
                Some(Fault::new(format!("{} on {base}", flaw.written), flaw.at.clone(), message))
            }
            (DockerfileFlawKind::Swallowed { line }, About::Swallowed) => {
                let message = format!(
                    "this {} is a part of the RUN of line {line}, which goes on: the empty line before it does not end it, so \
                     the shell is given this line as a command, which it does not have, or as words of the one before: \
                     it is never done. Take the `\\` off the last line of the RUN",
                    flaw.written
                );
                Some(Fault::new(format!("{} in a RUN", flaw.written), flaw.at.clone(), message))
            }
            (DockerfileFlawKind::Denied { user }, About::Denied) => Some(denied(flaw, user)),
            (DockerfileFlawKind::Keyword, About::Swallowed) => Some(keyword(flaw)),
            (DockerfileFlawKind::NoEffect, About::NoEffect) => {
                let instead = match flaw.written.as_str() {
                    "cd" => "Write WORKDIR, or put it in one RUN with what follows",
                    "export" | "unset" => "Write ENV, or put it in one RUN with what needs it",
                    _ => "Put it in one RUN with what needs it",
                };
                let message = format!(
                    "this RUN does nothing but `{}`, which ends with the shell that it runs in: no later instruction and no \
                     container sees it. {instead}",
                    flaw.written
                );
                Some(Fault::new(format!("RUN {}", flaw.written), flaw.at.clone(), message))
            }
            (DockerfileFlawKind::Replaces { first }, About::Replaced) => {
                let message = format!(
                    "this gives a file the name `{}`, which another COPY has just brought: that one is lost, and this one \
                     is not found under its own name. Each needs a destination of its own",
                    flaw.written
                );
                let fault = Fault::new(flaw.written.clone(), flaw.at.clone(), message);
                Some(fault.because(first.clone(), "what this brings is replaced"))
            }
            _ => None,
        }
    }
}

fn denied(flaw: &DockerfileFlaw, user: &Place) -> Fault {
    let message = format!(
        "this RUN makes `{}` as a user that may not: the folder around it is root's, so `mkdir` ends with \"Permission denied\" \
         and the build stops. Make it before `USER`, and give it to that user with `chown`",
        flaw.written
    );
    let fault = Fault::new(flaw.written.clone(), flaw.at.clone(), message);
    fault.because(user.clone(), "from here on this user runs the commands")
}

fn keyword(flaw: &DockerfileFlaw) -> Fault {
    let message = format!(
        "`{}` stands where the shell of this RUN expects a program, and there is none of that name: it ends with \"not found\" \
         and the build stops. Leave it out, or put it on a line of its own",
        flaw.written
    );
    Fault::new(format!("{} as a program", flaw.written), flaw.at.clone(), message)
}

fn no_json(flaw: &DockerfileFlaw, keyword: &str, is_argument: bool) -> Fault {
    // What follows the program may be a secret.
    let program = flaw.written.split([',', ' ']).find(|word| *word != "[").unwrap_or("");
    let subject = format!("{keyword} {}", program.trim_matches(['[', ']', '\'', '"']));
    let why = "this list is no JSON: its texts stand between double quotes, with commas between them";
    if keyword == "VOLUME" {
        let message =
            format!("{why}. So its words, brackets and commas included, become the names of volumes");
        return Fault::new(subject, flaw.at.clone(), message).at_most(Severity::Warning);
    }
    if is_argument {
        let message =
            format!("{why}, so the entry point is given `/bin/sh -c` and this text as its arguments");
        return Fault::new(subject, flaw.at.clone(), message).at_most(Severity::Warning);
    }
    let consequence = match keyword {
        "RUN" => "so a shell takes it for a command of that name, and the build stops",
        "HEALTHCHECK" => "so a shell takes it for a command of that name, and the container is never healthy",
        _ => "so a shell takes it for a command of that name, and the container ends as soon as it starts",
    };
    Fault::new(subject, flaw.at.clone(), format!("{why}, {consequence}"))
}
