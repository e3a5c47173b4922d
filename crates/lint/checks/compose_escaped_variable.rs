//! Variables of a Compose file with a backslash before them.

use facts::Facts;
use source::Span;

use crate::{Edit, Fault, Fix, Safety};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.escaped_variables.iter().map(fault).collect()
}

fn fault(found: &facts::EscapedVariable) -> Fault {
    let name = &found.name;
    let message = format!(
        "`\\${name}`: a backslash does not escape in Compose, which puts its own value of {name} here, or nothing, \
         before any container sees the text; write $${name} for the container's variable"
    );
    let start = found.at.span.start;
    let edit = Edit {
        path: found.at.path.to_string(),
        span: Span::new(start.saturating_sub(1), start + 1),
        text: "$$".to_owned(),
    };
    // The backslash shows that the container's own variable was meant.
    let fix = Fix { title: format!("Write $${name}"), safety: Safety::Unsafe, edits: vec![edit] };
    Fault::new(name.clone(), found.at.clone(), message).with_fix(fix)
}
