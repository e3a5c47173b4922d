//! Applies in workflows without a saved plan.

use facts::{Approval, Facts, TerraformModule, TerraformRun};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let unreviewed = |run: &&TerraformRun| {
        run.action == "apply"
            && run.is_unattended
            && run.approval == Approval::Unseen
            && facts.module(&run.directory).is_some_and(|module| may_change(module, facts, DEPTH))
    };
    facts.terraform_runs.iter().filter(unreviewed).map(fault).collect()
}

/// How deep calls of modules are followed.
const DEPTH: usize = 8;

/// Whether an apply of the module may change anything: it has resources, or calls a module that may.
fn may_change(module: &TerraformModule, facts: &Facts, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return true };
    let calls_one = || {
        module.calls.iter().any(|call| {
            let called = call.directory.as_deref().and_then(|directory| facts.module(directory));
            called.is_none_or(|called| may_change(called, facts, depth))
        })
    };
    !module.is_whole || !module.resources.is_empty() || calls_one()
}

fn fault(run: &TerraformRun) -> Fault {
    let message = "this applies whatever plan comes up at that moment, without anybody who looks at it: a change \
                   between review and apply goes through, also one that replaces a database; save the plan with \
                   -out and apply that file";
    let directory = if run.directory.is_empty() { "." } else { &run.directory };
    Fault::new(format!("apply {directory}"), run.at.clone(), message)
}
