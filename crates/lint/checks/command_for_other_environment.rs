//! Deploying commands of a job that name another environment than the job's own.

use facts::environment::is_deployed;
use facts::{EnvironmentWord, Facts};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.environment_words.iter().filter_map(fault).collect()
}

fn fault(found: &EnvironmentWord) -> Option<Fault> {
    let EnvironmentWord { program, written, named, job, is_by_name, at } = found;
    // Only between deployed environments, of which one is production: platforms have names of their own for the rest.
    let is_production = |name: &str| name == "production";
    if named == job || !is_deployed(named) || !is_deployed(job) || is_production(named) == is_production(job)
    {
        return None;
    }
    let consequence = if is_production(named) {
        "what is tried out there replaces what all users have"
    } else {
        "production keeps what it had, and the job says that it was deployed"
    };
    let escape =
        if *is_by_name { "" } else { "; with a project of its own for each environment, say so in an allow" };
    let message =
        format!("a job of {job} runs `{program} {written}`, which acts on {named}: {consequence}{escape}");
    let fault = Fault::new(format!("{program} {written}"), at.clone(), message);
    Some(fault.in_environment(Some(job)))
}
