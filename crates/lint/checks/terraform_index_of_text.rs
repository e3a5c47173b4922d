//! Terraform expressions that index a text.

use facts::Facts;

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let modules = facts.judged_modules();
    let places = modules.flat_map(|module| &module.string_indices);
    let fault = |at: &source::Place| {
        let message = "`regex` with a pattern that has no group gives a text, and a text has no index: Terraform \
                       refuses the expression (Invalid index); drop the index, or put a group into the pattern";
        Fault::new("regex index", at.clone(), message)
    };
    places.map(fault).collect()
}
