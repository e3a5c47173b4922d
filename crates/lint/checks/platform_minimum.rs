//! Resources below what the platform takes.

use facts::{CloudRunDeploy, Facts};
use serde::Deserialize;
use source::Place;

use super::policy;
use crate::check::{Check, CheckContext};
use crate::platform::minimum::{self, CPU_FOR_CONCURRENCY, MEMORY_ALWAYS_ALLOCATED, Minimum};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// The minima that are judged: `cpu-for-concurrency`, `memory-always-allocated`.
    #[serde(default)]
    minima: Vec<String>,
}

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(policy::<Policy>(table)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults = Vec::new();
        for deploy in &facts.cloud_run_deploys {
            for minimum in [&CPU_FOR_CONCURRENCY, &MEMORY_ALWAYS_ALLOCATED] {
                if self.minima.iter().any(|name| name == minimum.name) && holds(minimum, deploy) {
                    faults.extend(below(minimum, deploy));
                }
            }
        }
        faults
    }
}

/// Whether the command asks for what makes the minimum hold.
fn holds(minimum: &Minimum, deploy: &CloudRunDeploy) -> bool {
    let given = |(flag, value): &(&str, Option<&str>)| {
        deploy.flag(flag).is_some_and(|found| value.is_none_or(|value| found.value.as_deref() == Some(value)))
    };
    minimum.unless.iter().all(|flag| deploy.flag(flag).is_none()) && minimum.when.iter().all(given)
}

struct Given<'d> {
    of: &'d str,
    value: &'d str,
    at: &'d Place,
    is_alternative: bool,
}

fn below(minimum: &Minimum, deploy: &CloudRunDeploy) -> Vec<Fault> {
    let flags = deploy.flags.iter().filter(|flag| flag.name == minimum.flag).filter_map(|flag| {
        let of = deploy.service.as_deref().unwrap_or("");
        Some(Given { of, value: flag.value.as_deref()?, at: &flag.at, is_alternative: false })
    });
    let field = minimum.flag.trim_start_matches('-').replace('-', "_");
    let fields = deploy.fields.iter().filter(|given| given.field == field).map(|given| Given {
        of: &given.record,
        value: &given.value,
        at: &given.at,
        is_alternative: given.is_alternative,
    });
    let judged: Vec<Given<'_>> = flags.chain(fields).collect();
    judged.into_iter().filter_map(|given| fault(minimum, &given, deploy)).collect()
}

fn fault(minimum: &Minimum, given: &Given<'_>, deploy: &CloudRunDeploy) -> Option<Fault> {
    let amount = minimum::amount(given.value)?;
    if amount >= minimum.least {
        return None;
    }
    let message = format!(
        "`{} {}` is below {}: {} ({})",
        minimum.flag, given.value, minimum.people, minimum.consequence, minimum.source
    );
    let subject = format!("{} {}", minimum.flag, given.of);
    let mut fault =
        Fault::new(subject, given.at.clone(), message).in_environment(deploy.environment.as_deref());
    if *given.at != deploy.at {
        fault = fault.because(deploy.at.clone(), "the command that deploys with it");
    }
    // A condition chooses between this value and another.
    Some(if given.is_alternative { fault.at_most(Severity::Warning) } else { fault })
}
