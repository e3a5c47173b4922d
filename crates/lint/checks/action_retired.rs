//! Actions in versions that the platform no longer runs.

use facts::Facts;
use source::Span;

use crate::platform::retired_actions::{RetiredAction, retired};
use crate::{Edit, Fault, Fix, Safety};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.actions.iter().filter_map(|used| Some(fault(used, retired(&used.name, &used.version)?))).collect()
}

fn fault(used: &facts::ActionUse, row: &RetiredAction) -> Fault {
    let next = row.last_retired + 1;
    let message = format!(
        "`{}@{}` no longer runs since {}: the job fails before its first step; use v{next} or later ({})",
        used.name, used.version, row.since, row.source
    );
    let mut fault = Fault::new(format!("{}@{}", used.name, used.version), used.at.clone(), message);
    fault.fix = fix(used, next);
    fault
}

/// Another version of the same action; what changed between them is for a person to look at.
fn fix(used: &facts::ActionUse, next: u32) -> Option<Fix> {
    let written = used.name.len() + 1 + used.version.len();
    if used.at.span.len() != written {
        return None;
    }
    let span = Span::new(used.at.span.end - used.version.len(), used.at.span.end);
    let edit = Edit { path: used.at.path.to_string(), span, text: format!("v{next}") };
    Some(Fix { title: format!("Use v{next}"), safety: Safety::Unsafe, edits: vec![edit] })
}
