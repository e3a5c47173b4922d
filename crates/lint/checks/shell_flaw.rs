//! Places of shell scripts that do something else than they seem to.

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
        | ShellFlawKind::NoName => About::Commands,
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
    let message = match flaw.kind {
        ShellFlawKind::Substring => format!(
            "`${{{name}:…}}` gives no default: without a dash after the colon bash cuts a part out of the value, and sh ends \
             with `Bad substitution`. Write `${{{name}:-...}}`"
        ),
        ShellFlawKind::Unbound => format!(
            "nothing sets `{name}`, and the shell ends at unset variables: the test for an empty one ends the script with \
             `unbound variable` just where it is to be passed over. Write `${{{name}:-}}`"
        ),
        ShellFlawKind::Status => format!(
            "`$?` is the status of `{name}` before it, which always succeeds, and not that of the command which is meant: \
             its failure goes unseen. Keep the status (`status=$?`) right behind that command"
        ),
        ShellFlawKind::Unitless => format!(
            "`{written}` has no unit, and `{name}` takes none for granted: it ends at once with \"missing unit in duration\". \
             Write `{written}s` for seconds, or `m` for minutes"
        ),
        ShellFlawKind::Quoted => format!(
            "`{written}` stands between single quotes, where the shell fills nothing in: the text is handed on with the \
             variable's name in the place of its value. Put the text between double quotes, or end the single ones around \
             it: `'\"{written}\"'`"
        ),
        ShellFlawKind::Misspelt | ShellFlawKind::Swallowed | ShellFlawKind::Program => other_name(flaw),
        ShellFlawKind::Parameter
        | ShellFlawKind::ParameterMissing
        | ShellFlawKind::NoScript
        | ShellFlawKind::NoContext
        | ShellFlawKind::Contexts
        | ShellFlawKind::Unapproved
        | ShellFlawKind::NoName => refused(flaw),
        ShellFlawKind::OwnShell => format!(
            "`{written}` holds for this line alone: make gives each line of a recipe a shell of its own, and those behind it \
             know nothing of it. Join them with `&& \\`, or write `.ONESHELL:` in this Makefile"
        ),
    };
    let is_of_both = flaw.kind == ShellFlawKind::Unitless || about(flaw.kind) == About::Commands;
    let subject = if is_of_both { format!("{name} {written}") } else { name.clone() };
    let fault = Fault::new(subject, flaw.at.clone(), message);
    match &flaw.because {
        Some(at) => fault.because(at.clone(), evidence(flaw.kind)),
        None => fault,
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

/// Why a program refuses a command.
fn refused(flaw: &ShellFlaw) -> String {
    let (name, written) = (&flaw.name, &flaw.written);
    match flaw.kind {
        ShellFlawKind::Parameter => format!(
            "`{name}` has no parameter `{written}`: `oc process` ends with \"unknown parameter name\" and nothing is applied. \
             Declare it under its `parameters:`, or leave it out"
        ),
        ShellFlawKind::ParameterMissing => format!(
            "`{name}` requires the parameter `{written}`, which has no value of its own and is not given here: `oc process` ends \
             with \"parameter {written} is required and must be specified\" and nothing is applied. Give it with `-p {written}=…`, or \
             give it a `value:` in the template"
        ),
        ShellFlawKind::NoScript => format!(
            "without `-c` before it `{name}` takes this text for the name of a file, which there is none of: the container ends as \
             soon as it starts. Write `[\"{name}\", \"-c\", \"{written} …\"]`"
        ),
        ShellFlawKind::NoContext => format!(
            "`{written}` names no folder to build from: it ends with \"requires exactly 1 argument\". Write the context behind the \
             options: `.`"
        ),
        ShellFlawKind::Contexts => format!(
            "this build is given `{written}` beside its options, and takes one folder: it ends with \"requires exactly 1 \
             argument\". A blank in a name makes two words of it; expressions are written `${{{{ … }}}}`"
        ),
        ShellFlawKind::Unapproved => format!(
            "`{written}` asks whether it may go on, and nobody answers in a workflow: it ends with \"error asking for approval\" \
             and changes nothing. Give it the plan that was made before, or `-auto-approve`"
        ),
        _ => format!(
            "`{written}` replaces the name by its value, and nothing gives it one: what is left has no name, and the shell ends \
             with \"not a valid identifier\". Write the name without `$`"
        ),
    }
}

/// Why a variable is not the one that is set.
fn other_name(flaw: &ShellFlaw) -> String {
    let (name, written) = (&flaw.name, &flaw.written);
    match flaw.kind {
        ShellFlawKind::Misspelt => format!(
            "nothing sets `{name}`, so it is empty here; a variable of nearly this name is set before and never read. Give both \
             one name"
        ),
        ShellFlawKind::Swallowed => format!(
            "the name goes on as long as letters and `_` follow: the shell looks for `{}`, which nothing sets, and not for \
             `{name}`. Write `${{{name}}}` with its braces",
            written.trim_start_matches('$')
        ),
        _ => format!(
            "`{written}` runs a program called `{name}`, which there is none of (\"command not found\"), and puts nothing in its \
             place: a Makefile reads variables so, a shell does not. Write `${{{name}}}`"
        ),
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
        ] {
            let (name, written) = ("NAME".to_owned(), "$NAME".to_owned());
            let at = source::Place::file("deploy.sh");
            let told = fault(&ShellFlaw { kind, name, written, at, because: None });
            assert!(told.message.contains(expected), "{}", told.message);
        }
    }
}
