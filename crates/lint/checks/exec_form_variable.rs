//! Variables in a command that no shell reads.

use std::collections::BTreeMap;

use facts::{Facts, LiteralVariable};
use source::Place;

use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let mut gravest: BTreeMap<(&Place, &str), (Severity, &LiteralVariable)> = BTreeMap::new();
    for found in &facts.literal_variables {
        let Some(severity) = severity(facts, found) else { continue };
        let known = gravest.entry((&found.at, &found.word)).or_insert((severity, found));
        known.0 = known.0.max(severity);
    }
    gravest.into_values().map(|(severity, found)| fault(found, severity)).collect()
}

fn fault(found: &LiteralVariable, severity: Severity) -> Fault {
    if found.program.is_empty() {
        let message = format!(
            "`{}` is taken for a file of that very name: no shell reads a command in JSON form, so nothing is filled in \
             and the container ends before it has started; write [\"sh\", \"-c\", \"exec …\"]",
            found.word
        );
        return Fault::new(found.word.clone(), found.at.clone(), message).at_most(severity);
    }
    let message = format!(
        "`{}` is given to `{}` as it stands: no shell reads a command in JSON form, so the program gets the text and \
         not the value; write [\"sh\", \"-c\", \"exec …\"]",
        found.word, found.program
    );
    Fault::new(found.word.clone(), found.at.clone(), message).at_most(severity)
}

/// A stage that is built counts; the last one is also built by whoever names none, in ways that are not told here.
fn severity(facts: &Facts, found: &LiteralVariable) -> Option<Severity> {
    let mut builds = facts.images.iter().filter(|image| image.dockerfile == found.at.path).peekable();
    let is_told = builds.peek().is_some();
    if builds.any(|image| image.line == found.stage_line) || (!is_told && found.is_last) {
        return Some(Severity::Error);
    }
    found.is_last.then_some(Severity::Warning)
}
