//! Commands over several lines that lack a continuation.

use facts::{CutCommand, Facts};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.cut_commands.iter().map(fault).collect()
}

fn fault(cut: &CutCommand) -> Fault {
    let CutCommand { option, program, .. } = cut;
    let message = format!(
        "this line is run as a command of its own, `{option}`, which is none: the one before it does not end in `\\`, so \
         `{program}` runs without these options"
    );
    Fault::new(format!("{program} {option}"), cut.at.clone(), message)
        .because(cut.before.clone(), "this line has to end in `\\`, with nothing after it, to be continued")
}
