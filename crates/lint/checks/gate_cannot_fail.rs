//! Tests and checks of a deploying workflow whose failure goes unheard.

use facts::{Facts, GATE_IN_LOOP, SilencedGate};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.silenced_gates.iter().map(fault).collect()
}

fn fault(found: &SilencedGate) -> Fault {
    let SilencedGate { gate, by, .. } = found;
    let message = if *by == GATE_IN_LOOP {
        format!(
            "`{gate}` cannot stop this job, which has deployed: where no try succeeds the loop ends with `sleep`, which \
             does, and the job is green; say `exit 1` behind the loop"
        )
    } else {
        format!(
            "`{gate}` cannot stop this workflow, which deploys: `{by}` turns its failure into success, and what it found \
             is shipped; drop it, or drop the gate"
        )
    };
    Fault::new(format!("{gate} {by}"), found.at.clone(), message)
}
