//! `ENV` values made of variables that are not defined there.

use facts::{Facts, UndefinedBuildVariable};

use source::is_illustration;

use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let judged = facts.undefined_build_variables.iter();
    let judged = judged.filter(|found| !is_illustration(&found.at.path));
    judged.map(fault).collect()
}

fn fault(found: &UndefinedBuildVariable) -> Fault {
    let UndefinedBuildVariable { name, target, .. } = found;
    let why = match (&found.declared, &found.base) {
        (Some(_), _) => "its ARG does not reach this place".to_owned(),
        (None, Some(base)) => format!("neither this Dockerfile nor `{base}` defines it"),
        (None, None) => "this Dockerfile does not define it".to_owned(),
    };
    let repair = if found.is_list {
        format!("leave `${name}` out: nothing was in the list before")
    } else {
        format!("declare ARG {name} in this stage, or write the value")
    };
    let message = format!("`{target}` is set with `${name}`, which is empty here: {why}; {repair}");
    let severity = if found.is_list { Severity::Info } else { Severity::Error };
    let fault = Fault::new(format!("{target} {name}"), found.at.clone(), message).at_most(severity);
    match &found.declared {
        Some(at) => fault.because(
            at.clone(),
            "it is declared here; an ARG holds from its line to the end of its stage, and before the first FROM \
            for FROM lines alone",
        ),
        None => fault,
    }
}
