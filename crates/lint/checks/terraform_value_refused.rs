//! Values that the declaration of their variable refuses.

use facts::{Facts, RefusedValue};

use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let modules = facts.judged_modules();
    modules.flat_map(|module| module.refused.iter().map(fault)).collect()
}

fn fault(refused: &RefusedValue) -> Fault {
    let what = if refused.is_default { "the default of" } else { "this value of" };
    let message = format!(
        "{what} `{}` is not what its declaration takes ({}): Terraform refuses to plan with it",
        refused.name, refused.by
    );
    let fault = Fault::new(format!("var.{}", refused.name), refused.at.clone(), message)
        .because(refused.declared.clone(), "the declaration demands this");
    // A caller may give another value.
    if refused.is_default { fault.at_most(Severity::Warning) } else { fault }
}
