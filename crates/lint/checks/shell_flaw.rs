//! Places of shell scripts that do something else than they seem to.

mod texts;

use std::collections::BTreeSet;

use facts::{Facts, ShellFlaw, ShellFlawKind};
use serde::Deserialize;

use crate::check::Check;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Which places are meant.
    about: About,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum About {
    /// Parts of values that are meant as defaults.
    Defaults,
    /// Tests of variables that may be unset, where that ends the shell.
    Unbound,
    /// Statuses of commands that always succeed.
    Statuses,
    /// Lengths of time without a unit.
    Durations,
    /// Variables between single quotes.
    Quotes,
    /// Variables that are read under another name than they are set.
    Names,
    /// Commands that their programs refuse.
    Commands,
    /// Lines of recipes that do nothing for the lines behind them.
    Recipes,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let is_meant = |flaw: &&ShellFlaw| {
            let may_be_given = flaw.kind == ShellFlawKind::Unbound && is_set(&flaw.name, facts);
            about(flaw.kind) == self.about && !may_be_given
        };
        let mut statuses = BTreeSet::new();
        // One such place of a script tells of its others.
        let is_first =
            |flaw: &&ShellFlaw| flaw.kind != ShellFlawKind::Status || statuses.insert(flaw.at.path.clone());
        let judged = facts.shell_flaws.iter().filter(is_meant).filter(is_first);
        judged.map(|flaw| fault(flaw).at_most(severity(flaw.kind))).collect()
    }
}

fn about(kind: ShellFlawKind) -> About {
    match kind {
        ShellFlawKind::Substring => About::Defaults,
        ShellFlawKind::Status => About::Statuses,
        ShellFlawKind::Unitless => About::Durations,
        ShellFlawKind::Quoted => About::Quotes,
        ShellFlawKind::Misspelt | ShellFlawKind::Swallowed | ShellFlawKind::Program => About::Names,
        ShellFlawKind::NoContext
        | ShellFlawKind::Contexts
        | ShellFlawKind::Unapproved
        | ShellFlawKind::NoScript
        | ShellFlawKind::Parameter
        | ShellFlawKind::ParameterMissing
        | ShellFlawKind::NoName
        | ShellFlawKind::Spaced => About::Commands,
        ShellFlawKind::OwnShell => About::Recipes,
        ShellFlawKind::Unbound => About::Unbound,
    }
}

/// A run that is started elsewhere may be approved there, by the settings of a workspace.
fn severity(kind: ShellFlawKind) -> Severity {
    if kind == ShellFlawKind::Unapproved { Severity::Warning } else { Severity::Error }
}

/// Whether something of the repository gives a variable of this name, to whomever.
fn is_set(name: &str, facts: &Facts) -> bool {
    facts.settings.iter().any(|setting| setting.key == name)
}

fn fault(flaw: &ShellFlaw) -> Fault {
    let (name, written) = (&flaw.name, &flaw.written);
    let is_of_both = flaw.kind == ShellFlawKind::Unitless || about(flaw.kind) == About::Commands;
    let subject = if is_of_both { format!("{name} {written}") } else { name.clone() };
    let fault = Fault::new(subject, flaw.at.clone(), message(flaw));
    match &flaw.because {
        Some(at) => fault.because(at.clone(), evidence(flaw.kind)),
        None => fault,
    }
}

/// What is wrong, what follows, and what to write.
fn message(flaw: &ShellFlaw) -> String {
    let (name, written) = (flaw.name.as_str(), flaw.written.as_str());
    match flaw.kind {
        ShellFlawKind::Substring => texts::substring(name),
        ShellFlawKind::Unbound => texts::unbound(name),
        ShellFlawKind::Status => texts::status(name),
        ShellFlawKind::Unitless => texts::unitless(name, written),
        ShellFlawKind::Quoted => texts::quoted(written),
        ShellFlawKind::OwnShell => texts::own_shell(written),
        ShellFlawKind::Misspelt => texts::misspelt(name),
        ShellFlawKind::Swallowed => texts::swallowed(name, written),
        ShellFlawKind::Program => texts::program(name, written),
        ShellFlawKind::NoContext => texts::no_context(written),
        ShellFlawKind::Contexts => texts::contexts(written),
        ShellFlawKind::Unapproved => texts::unapproved(written),
        ShellFlawKind::Parameter => texts::parameter(name, written),
        ShellFlawKind::ParameterMissing => texts::parameter_missing(name, written),
        ShellFlawKind::NoScript => texts::no_script(name, written),
        ShellFlawKind::NoName => texts::no_name(written),
        ShellFlawKind::Spaced => texts::spaced(name),
    }
}

/// What the other place of a flaw shows.
fn evidence(kind: ShellFlawKind) -> &'static str {
    match about(kind) {
        About::Recipes => "this line runs without it",
        About::Commands => "its parameters are declared here",
        About::Names => "this is set, and nothing reads it",
        About::Statuses => "`$?` is of this command",
        About::Defaults | About::Unbound | About::Durations | About::Quotes => {
            "the shell is told here to end at unset variables"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fault;
    use facts::{ShellFlaw, ShellFlawKind};

    #[test]
    fn each_kind_says_what_it_is() {
        for (kind, expected) in [
            (ShellFlawKind::Substring, "gives no default"),
            (ShellFlawKind::Unbound, "unbound variable"),
            (ShellFlawKind::Status, "status of"),
            (ShellFlawKind::Unitless, "no unit"),
            (ShellFlawKind::Quoted, "single quotes"),
            (ShellFlawKind::OwnShell, "shell of its own"),
            (ShellFlawKind::Misspelt, "nearly this name"),
            (ShellFlawKind::Swallowed, "with its braces"),
            (ShellFlawKind::Program, "command not found"),
            (ShellFlawKind::NoContext, "Write the context"),
            (ShellFlawKind::Contexts, "takes one folder"),
            (ShellFlawKind::Unapproved, "error asking for approval"),
            (ShellFlawKind::Parameter, "unknown parameter name"),
            (ShellFlawKind::ParameterMissing, "is required"),
            (ShellFlawKind::NoScript, "without `-c`"),
            (ShellFlawKind::NoName, "not a valid identifier"),
            (ShellFlawKind::Spaced, "NAME=…"),
        ] {
            let (name, written) = ("NAME".to_owned(), "$NAME".to_owned());
            let at = source::Place::file("deploy.sh");
            let told = fault(&ShellFlaw { kind, name, written, at, because: None });
            assert!(told.message.contains(expected), "{}", told.message);
        }
    }
}
