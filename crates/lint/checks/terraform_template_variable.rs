//! Files that `templatefile` cannot fill in.

use facts::{Facts, TemplateFlaw};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.judged_modules().flat_map(|module| module.templates.iter().map(fault)).collect()
}

fn fault(flaw: &TemplateFlaw) -> Fault {
    let (subject, message) = match &flaw.what {
        Ok(name) => (
            name.clone(),
            format!(
                "the template asks for `{name}`, which {} does not give it: Terraform stops before it plans \
                 anything; give it, or write `$${{{name}}}` where the program that reads the result is to fill it in",
                flaw.given_by
            ),
        ),
        Err(reason) => (
            "syntax".to_owned(),
            format!(
                "Terraform fills this file in, and it is no template: {reason}. No plan is made; write `$${{` for what \
                 Terraform is to leave alone"
            ),
        ),
    };
    let subject = format!("{subject} for {}", flaw.called.path);
    Fault::new(subject, flaw.at.clone(), message).because(flaw.called.clone(), "it is filled in here")
}
