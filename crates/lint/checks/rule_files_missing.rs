//! Rules of alerts that Prometheus is told to read and that nothing brings into its container.

use std::collections::BTreeSet;

use facts::{Facts, UnmatchedRules};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    // A configuration may be mounted by several files.
    let mut told = BTreeSet::new();
    let faults = facts.unmatched_rules.iter().filter_map(|rules| fault(rules, facts));
    faults.filter(|fault| told.insert(fault.at.clone())).collect()
}

fn fault(rules: &UnmatchedRules, facts: &Facts) -> Option<Fault> {
    let mut services = facts.compose_services.iter();
    let asking =
        services.find(|service| service.at.path == rules.compose_file && service.name == rules.service)?;
    let message = format!(
        "Prometheus reads `{}` as `{}`, and nothing is mounted there: it starts without these rules and without a word, \
         and no alert of them ever fires",
        rules.pattern.value, rules.path
    );
    let fault = Fault::new(rules.pattern.value.clone(), rules.pattern.at.clone(), message)
        .because(asking.at.clone(), "the volumes of this service are all that it has");
    Some(fault.in_environment(asking.scope.environment.as_deref()))
}
