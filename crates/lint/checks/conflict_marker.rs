//! Marks of a merge that nobody settled.

use facts::Facts;
use source::{Place, is_backup, is_illustration};

use super::{NoPolicy, policy};
use crate::Fault;
use crate::check::{Check, CheckContext};

struct Conflict;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(Conflict))
}

impl Check for Conflict {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts.conflicts.iter().filter(|at| !is_illustration(&at.path) && !is_backup(&at.path));
        judged.map(fault).collect()
    }
}

fn fault(at: &Place) -> Fault {
    let message = "a merge left both versions here, and git's marks between them: whatever reads this file refuses it, or \
                   takes both";
    Fault::new("conflict", at.clone(), message)
}
