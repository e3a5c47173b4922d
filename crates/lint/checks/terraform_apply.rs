//! Applies in workflows without a saved plan.

use facts::{Approval, Facts, TerraformRun};

use super::{NoPolicy, policy};
use crate::Fault;
use crate::check::{Check, CheckContext};

struct TerraformApply;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(TerraformApply))
}

impl Check for TerraformApply {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let unreviewed = |run: &&TerraformRun| {
            run.action == "apply"
                && run.is_unattended
                && run.approval == Approval::Unseen
                && facts.module(&run.directory).is_some()
        };
        facts.terraform_runs.iter().filter(unreviewed).map(fault).collect()
    }
}

fn fault(run: &TerraformRun) -> Fault {
    let message = "this applies whatever plan comes up at that moment, without anybody who looks at it: a change \
                   between review and apply goes through, also one that replaces a database; save the plan with \
                   -out and apply that file";
    let directory = if run.directory.is_empty() { "." } else { &run.directory };
    Fault::new(format!("apply {directory}"), run.at.clone(), message)
}
