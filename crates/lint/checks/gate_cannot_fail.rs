//! Tests and checks of a deploying workflow whose failure goes unheard.

use facts::{Facts, GATE_IN_LOOP, SilencedGate};

use super::{NoPolicy, policy};
use crate::Fault;
use crate::check::{Check, CheckContext};

struct Silenced;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(Silenced))
}

impl Check for Silenced {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        facts.silenced_gates.iter().map(fault).collect()
    }
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
