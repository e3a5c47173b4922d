//! Marks of a merge that nobody settled.

use facts::Facts;
use source::{Place, is_backup, is_illustration};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let judged = facts.conflicts.iter().filter(|at| !is_illustration(&at.path) && !is_backup(&at.path));
    judged.map(fault).collect()
}

fn fault(at: &Place) -> Fault {
    let message = "a merge left both versions here, and git's marks between them: whatever reads this file refuses it, or \
                   takes both";
    Fault::new("conflict", at.clone(), message)
}
