//! Resources below what the platform takes.

use facts::{CloudRunDeploy, Facts};
use serde::Deserialize;
use source::Place;

use crate::check::Check;
use crate::platform::minimum::{
    self, CPU_FOR_CONCURRENCY, MEMORY_ALWAYS_ALLOCATED, Minimum, TOGETHER_SOURCE,
};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The minima that are judged: `cpu-for-concurrency`, `memory-always-allocated`, `cpu-and-memory`.
    #[serde(default)]
    minima: Vec<String>,
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
            if self.minima.iter().any(|name| name == "cpu-and-memory") {
                faults
                    .extend(services_of(deploy).into_iter().filter_map(|service| together(deploy, service)));
            }
        }
        faults
    }
}

/// The services of a call; `""` where the name of the only one is not known.
fn services_of(deploy: &CloudRunDeploy) -> Vec<&str> {
    let named: Vec<&str> = deploy.services().into_iter().collect();
    if named.is_empty() { vec![""] } else { named }
}

/// CPUs and memory that the platform does not give together, whichever of the possible values hold.
fn together(deploy: &CloudRunDeploy, service: &str) -> Option<Fault> {
    let (cpus, memories) = (deploy.possible("--cpu", service), deploy.possible("--memory", service));
    let mut refused = None;
    for cpu in &cpus {
        for memory in &memories {
            let (given_cpu, given_memory) = (minimum::amount(cpu.value)?, minimum::amount(memory.value)?);
            let row = minimum::together(given_cpu)?;
            let why = if given_memory < row.least_memory {
                "too little"
            } else if given_memory > row.most_memory {
                "too much"
            } else {
                return None;
            };
            refused = refused.or(Some((cpu, memory, why)));
        }
    }
    let (cpu, memory, why) = refused?;
    let message = format!(
        "`--memory {}` is {why} beside `--cpu {}`: the platform does not give the two together, and the revision is \
         refused ({TOGETHER_SOURCE})",
        memory.value, cpu.value
    );
    let fault = Fault::new(format!("--memory beside --cpu {service}"), memory.at.clone(), message)
        .because(cpu.at.clone(), "the CPUs are given here")
        .in_environment(deploy.environment.as_deref());
    Some(fault)
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
