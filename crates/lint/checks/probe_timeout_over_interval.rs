//! Probes that wait longer for an answer than for the next attempt.

use facts::{Facts, TerraformAttribute, TerraformResource};

use crate::Fault;
use crate::duration::for_people;
use crate::platform::intervals::{PAIRS, Pair};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let modules = facts.judged_modules();
    let resources = modules.flat_map(|module| &module.resources);
    resources.flat_map(|resource| PAIRS.iter().filter_map(|pair| fault(resource, pair))).collect()
}

fn fault(resource: &TerraformResource, pair: &Pair) -> Option<Fault> {
    if resource.kind != pair.kind {
        return None;
    }
    let (timeout, at) = seconds(only(resource, pair.timeout)?)?;
    let interval = resource.attributes.iter().any(|attribute| attribute.path == pair.interval);
    let interval = if interval { Some(seconds(only(resource, pair.interval)?)?) } else { None };
    let every = interval.map_or(pair.default_interval, |(every, _)| every);
    if timeout <= every {
        return None;
    }
    let message = format!(
        "`{}` waits {} for an answer and asks every {}: a timeout may not be longer than the interval, and the apply is \
         refused ({})",
        resource.name,
        for_people(timeout),
        for_people(every),
        pair.source
    );
    let subject = format!("{}.{}.{}", resource.kind, resource.name, pair.timeout);
    let fault = Fault::new(subject, at.at.clone(), message);
    Some(match interval {
        Some((_, interval)) => fault.because(interval.at.clone(), "the time between two attempts"),
        None => fault,
    })
}

/// The attribute at a path, where there is one alone: of several containers it is not known which belong together.
fn only<'r>(resource: &'r TerraformResource, path: &str) -> Option<&'r TerraformAttribute> {
    let mut found = resource.attributes.iter().filter(|attribute| attribute.path == path);
    found.next().filter(|_| found.next().is_none())
}

fn seconds(attribute: &TerraformAttribute) -> Option<(f64, &TerraformAttribute)> {
    Some((attribute.value.as_deref()?.trim().parse().ok()?, attribute))
}
