//! Scripts that something starts and that cannot run.

use facts::{Facts, ScriptFlaw, ScriptFlawKind};
use serde::Deserialize;

use super::policy;
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// What is judged.
    judges: Judged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Judged {
    /// Whether a shell reads the text.
    Syntax,
    /// Whether the kernel executes the file.
    Execution,
    /// Whether it is given what it demands.
    Arguments,
}

struct Scripts(Judged);

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(Scripts(policy::<Policy>(table)?.judges)))
}

impl Check for Scripts {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        facts.script_flaws.iter().filter(|flaw| judged_by(&flaw.kind) == self.0).map(fault).collect()
    }
}

fn judged_by(kind: &ScriptFlawKind) -> Judged {
    match kind {
        ScriptFlawKind::Refused(_) => Judged::Syntax,
        ScriptFlawKind::ArgumentMissing { .. } => Judged::Arguments,
        _ => Judged::Execution,
    }
}

fn fault(flaw: &ScriptFlaw) -> Fault {
    let script = flaw.script.as_ref().map_or_else(|| "this text".to_owned(), |script| format!("`{script}`"));
    let message = match &flaw.kind {
        ScriptFlawKind::Refused(why) => {
            format!("{why}: no shell reads {script}, which ends here with a syntax error")
        }
        ScriptFlawKind::ArgumentMissing { needed, given } => format!(
            "{script} demands {needed} {}, and is given {given} here: it ends at `${{{needed}?}}` before it does anything",
            if *needed == 1 { "argument" } else { "arguments" }
        ),
        ScriptFlawKind::NotExecutable => format!(
            "{script} is started as a program, and the repository holds it without the right to be executed: \
             `Permission denied`. Give it that right with `git update-index --chmod=+x`, or start it with its shell"
        ),
        ScriptFlawKind::CarriageReturn => format!(
            "the first line of {script} ends in a carriage return, which the kernel takes for a part of the \
             interpreter's name: `no such file or directory`. Save the file with the line ends of Unix"
        ),
        ScriptFlawKind::NoInterpreter => format!(
            "{script} has no first line such as `#!/bin/sh`, and the container's runtime executes it itself: \
             `exec format error`"
        ),
    };
    let fault = Fault::new(flaw.script.as_deref().unwrap_or(""), flaw.at.clone(), message);
    match &flaw.started_at {
        Some(at) => fault.because(at.clone(), "it is started here"),
        None => fault,
    }
}
