//! Places of shell scripts that do something else than they seem to.

use std::collections::BTreeSet;

use facts::{Facts, ShellFlaw, ShellFlawKind};
use serde::Deserialize;

use crate::Fault;
use crate::check::Check;

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
    /// Lines of recipes that do nothing for the lines behind them.
    Recipes,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let is_meant = |flaw: &&ShellFlaw| match flaw.kind {
            ShellFlawKind::Substring => self.about == About::Defaults,
            ShellFlawKind::Status => self.about == About::Statuses,
            ShellFlawKind::Unitless => self.about == About::Durations,
            ShellFlawKind::Quoted => self.about == About::Quotes,
            ShellFlawKind::OwnShell => self.about == About::Recipes,
            ShellFlawKind::Unbound => self.about == About::Unbound && !is_set(&flaw.name, facts),
        };
        let mut statuses = BTreeSet::new();
        // One such place of a script tells of its others.
        let is_first =
            |flaw: &&ShellFlaw| flaw.kind != ShellFlawKind::Status || statuses.insert(flaw.at.path.clone());
        facts.shell_flaws.iter().filter(is_meant).filter(is_first).map(fault).collect()
    }
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
        ShellFlawKind::OwnShell => format!(
            "`{written}` holds for this line alone: make gives each line of a recipe a shell of its own, and those behind it \
             know nothing of it. Join them with `&& \\`, or write `.ONESHELL:` in this Makefile"
        ),
    };
    let subject =
        if flaw.kind == ShellFlawKind::Unitless { format!("{name} {written}") } else { name.clone() };
    let fault = Fault::new(subject, flaw.at.clone(), message);
    match &flaw.because {
        Some(at) if flaw.kind == ShellFlawKind::OwnShell => {
            fault.because(at.clone(), "this line runs without it")
        }
        Some(at) if flaw.kind == ShellFlawKind::Status => {
            fault.because(at.clone(), "`$?` is of this command")
        }
        Some(at) => fault.because(at.clone(), "the shell is told here to end at unset variables"),
        None => fault,
    }
}
