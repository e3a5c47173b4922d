//! Limits that a platform refuses or cuts.

use std::collections::BTreeMap;

use facts::{Facts, Limit, Setting};
use serde::Deserialize;

use super::{support::seconds, support::settings};
use crate::check::{Check, CheckContext};
use crate::duration::{for_people, number};
use crate::platform::limits::{PlatformLimit, STARTUP_BUDGET, limit_of};
use crate::{Fault, Safety};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Policy {
    /// The platforms' fields that are judged.
    fields: Vec<String>,
    /// Whether a fix to the greatest value that the platform takes is safe.
    clamp: bool,
}

struct OverPlatformLimit {
    limits: Vec<&'static PlatformLimit>,
    safety: Safety,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let policy: Policy = super::policy(policy)?;
    let known =
        |field: &String| limit_of(field).ok_or_else(|| format!("no platform bound is known for `{field}`"));
    let limits = policy.fields.iter().map(known).collect::<Result<_, _>>()?;
    Ok(Box::new(OverPlatformLimit {
        limits,
        safety: if policy.clamp { Safety::Safe } else { Safety::Unsafe },
    }))
}

impl Check for OverPlatformLimit {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let stated = facts.limits.iter().filter(|limit| limit.scope.deployed);
        let mut faults: Vec<Fault> = stated.filter_map(|limit| self.over(limit, facts)).collect();
        if let Some(bound) = self.bound(STARTUP_BUDGET) {
            faults.extend(probes(facts).values().filter_map(|probe| probe.over(bound)));
        }
        faults
    }
}

impl OverPlatformLimit {
    fn bound(&self, field: &str) -> Option<&'static PlatformLimit> {
        self.limits.iter().copied().find(|limit| limit.field == field)
    }

    fn over(&self, limit: &Limit, facts: &Facts) -> Option<Fault> {
        let bound = self.bound(limit.field?)?;
        let value = limit.seconds.filter(|value| *value > bound.most)?;
        let setting = facts.settings.iter().find(|setting| setting.at == limit.at);
        let subject = setting.map_or_else(|| limit.key.clone(), settings::subject);
        let message = format!(
            "`{}` is {}, but {} is at most {} ({})",
            limit.key,
            in_unit(value, bound.unit),
            bound.what,
            in_unit(bound.most, bound.unit),
            bound.source
        );
        let mut fault =
            Fault::new(subject, limit.at.clone(), message).in_environment(limit.scope.environment.as_deref());
        fault.fix = seconds::set_to(bound.most, &limit.key, &limit.raw, &limit.at, self.safety);
        Some(fault)
    }
}

fn in_unit(value: f64, unit: &str) -> String {
    if unit == "s" { for_people(value) } else { format!("{} {unit}", number(value)) }
}

/// What Cloud Run takes for a probe's settings that are not written.
const DEFAULT_THRESHOLD: f64 = 3.0;
const DEFAULT_PERIOD: f64 = 10.0;

/// The settings of one start-up probe.
#[derive(Default)]
struct Probe<'f> {
    threshold: Option<&'f Setting>,
    period: Option<&'f Setting>,
}

/// The start-up probes of Cloud Run services, by file and place in it.
fn probes(facts: &Facts) -> BTreeMap<(&str, &[String]), Probe<'_>> {
    let mut probes: BTreeMap<(&str, &[String]), Probe<'_>> = BTreeMap::new();
    for setting in
        facts.settings.iter().filter(|setting| setting.scope.deployed && is_cloud_run_probe(setting))
    {
        let probe = probes.entry((&setting.at.path, &setting.within)).or_default();
        match setting.key.as_str() {
            "failureThreshold" | "failure_threshold" => probe.threshold = Some(setting),
            "periodSeconds" | "period_seconds" => probe.period = Some(setting),
            _ => {}
        }
    }
    probes
}

fn is_cloud_run_probe(setting: &Setting) -> bool {
    let within = |test: fn(&str) -> bool| setting.within.iter().any(|name| test(name));
    within(|name| matches!(name, "startupProbe" | "startup_probe"))
        && within(|name| name.starts_with("serving.knative.dev") || name.starts_with("google_cloud_run"))
}

impl Probe<'_> {
    fn over(&self, bound: &PlatformLimit) -> Option<Fault> {
        let value = |setting: Option<&Setting>, default: f64| {
            setting.map_or(Some(default), |setting| setting.value.trim().parse::<f64>().ok())
        };
        let threshold = value(self.threshold, DEFAULT_THRESHOLD)?;
        let period = value(self.period, DEFAULT_PERIOD)?;
        let budget = threshold * period;
        let (first, other) = match (self.threshold, self.period) {
            (Some(threshold), period) => (threshold, period),
            (None, period) => (period?, None),
        };
        if budget <= bound.most {
            return None;
        }
        let message = format!(
            "{} failures x {} s are {}, but {} is at most {} ({})",
            number(threshold),
            number(period),
            for_people(budget),
            bound.what,
            for_people(bound.most),
            bound.source
        );
        let mut fault = Fault::new(settings::subject(first), first.at.clone(), message)
            .in_environment(first.scope.environment.as_deref());
        if let Some(period) = other {
            fault = fault.because(period.at.clone(), "the time between two attempts");
        }
        Some(fault)
    }
}
