//! Timeouts that differ from what the team demands, and demanded ones that are not set.

use std::collections::BTreeMap;

use facts::{Facts, SettingSource};
use serde::Deserialize;
use source::{Place, directory_of};

use super::support::seconds;
use super::support::settings::{self, Named, in_force};
use crate::check::{Check, CheckContext};
use crate::config::TimeoutDemand;
use crate::duration::{self, for_people};
use crate::platform::limits::limit_of;
use crate::{Fault, Safety};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Policy {
    /// Whether `[timeouts]` of the configuration is obeyed.
    configured: bool,
    /// Demands of the rule itself, by key.
    keys: BTreeMap<String, WrittenDemand>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct WrittenDemand {
    equals: Option<String>,
    at_least: Option<String>,
    at_most: Option<String>,
    environments: Vec<String>,
}

/// What is demanded of one key.
struct Demand {
    demand: TimeoutDemand,
    /// Whether the configuration says so, and not the rule.
    configured: bool,
}

struct TimeoutPolicy {
    demands: Vec<Demand>,
}

pub(super) fn build(policy: &toml::Table, context: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let policy: Policy = super::policy(policy)?;
    let written = policy.keys.into_iter().map(|(key, written)| demand(key, written));
    let mut demands = written.collect::<Result<Vec<_>, _>>()?;
    if policy.configured {
        let configured = context.config.timeouts.iter().cloned();
        demands.extend(configured.map(|demand| Demand { demand, configured: true }));
    }
    Ok(Box::new(TimeoutPolicy { demands }))
}

fn demand(key: String, written: WrittenDemand) -> Result<Demand, String> {
    let read = |text: Option<String>| match text {
        None => Ok(None),
        Some(text) => {
            duration::seconds(&text).map(Some).ok_or_else(|| format!("`{text}` is no length of time"))
        }
    };
    let demand = TimeoutDemand {
        key,
        equals: read(written.equals)?,
        at_least: read(written.at_least)?,
        at_most: read(written.at_most)?,
        environments: written.environments,
        at: Place::file(""),
    };
    Ok(Demand { demand, configured: false })
}

impl Check for TimeoutPolicy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let named: Vec<Named<'_>> = in_force(facts).collect();
        let differing = named
            .iter()
            .flat_map(|named| self.demands.iter().filter_map(|demand| demand.broken_by(named, facts)));
        differing.chain(self.absent(&named)).collect()
    }
}

impl TimeoutPolicy {
    /// Demands that a file leaves out although it meets others: neither it nor a file beside it sets the key.
    fn absent(&self, named: &[Named<'_>]) -> Vec<Fault> {
        let mut groups: BTreeMap<(&str, Option<&str>), Vec<&Named<'_>>> = BTreeMap::new();
        for one in named.iter().filter(|one| self.demands.iter().any(|demand| demand.speaks_of(one))) {
            let environment = one.setting.scope.environment.as_deref();
            groups.entry((directory_of(&one.setting.at.path), environment)).or_default().push(one);
        }
        let mut faults = Vec::new();
        for ((_, environment), siblings) in groups {
            let is_file_of_values =
                |one: &&&Named<'_>| !matches!(one.setting.source, SettingSource::Terraform);
            let Some(sibling) = siblings.iter().find(is_file_of_values) else { continue };
            for demand in self.demands.iter().filter(|demand| demand.holds_in(environment)) {
                if !siblings.iter().any(|one| demand.speaks_of(one)) {
                    faults.push(demand.absent_beside(sibling));
                }
            }
        }
        faults
    }
}

impl Demand {
    fn holds_in(&self, environment: Option<&str>) -> bool {
        self.demand.environments.is_empty()
            || environment
                .is_some_and(|name| self.demand.environments.iter().any(|demanded| demanded == name))
    }

    fn speaks_of(&self, named: &Named<'_>) -> bool {
        self.demand.names(named.name, &named.setting.within)
            && self.holds_in(named.setting.scope.environment.as_deref())
    }

    /// What the value should be, where this one is wrong.
    fn wanted_instead_of(&self, stated: f64) -> Option<f64> {
        let differs = |wanted: &f64| (stated - wanted).abs() > 1e-6;
        let TimeoutDemand { equals, at_least, at_most, .. } = &self.demand;
        let equal = equals.filter(differs);
        let least = at_least.filter(|least| stated < *least);
        let most = at_most.filter(|most| stated > *most);
        equal.or(least).or(most)
    }

    fn words(&self) -> String {
        let TimeoutDemand { equals, at_least, at_most, .. } = &self.demand;
        let parts = [("", equals), ("at least ", at_least), ("at most ", at_most)];
        let parts =
            parts.into_iter().filter_map(|(words, value)| Some(format!("{words}{}", for_people((*value)?))));
        parts.collect::<Vec<_>>().join(" and ")
    }

    fn broken_by(&self, named: &Named<'_>, facts: &Facts) -> Option<Fault> {
        if !self.speaks_of(named) {
            return None;
        }
        let setting = named.setting;
        let stated = seconds::of_setting(named.name, setting, facts)?;
        let wanted = self.wanted_instead_of(stated)?;
        let message = format!("`{}` is {}; demanded is {}", named.name, for_people(stated), self.words());
        let mut fault = self.shown(Fault::new(settings::subject(setting), setting.at.clone(), message));
        fault.environment.clone_from(&setting.scope.environment);
        let field = seconds::limit_at(facts, &setting.at).and_then(|limit| limit.field);
        let is_possible = field.and_then(limit_of).is_none_or(|bound| wanted <= bound.most);
        if is_possible {
            fault.fix = seconds::set_to(wanted, named.name, &setting.raw, &setting.at, Safety::Safe);
        }
        Some(fault)
    }

    fn absent_beside(&self, sibling: &Named<'_>) -> Fault {
        let key = &self.demand.key;
        let at = &sibling.setting.at;
        let message =
            format!("`{key}` is not set here, beside `{}`; demanded is {}", sibling.name, self.words());
        let mut fault = self.shown(Fault::new(format!("{key} (absent)"), Place::file(&at.path), message));
        fault.environment.clone_from(&sibling.setting.scope.environment);
        fault.because(at.clone(), format!("`{}` is set here", sibling.name))
    }

    /// Shows where the demand is written, if that is a file of the repository.
    fn shown(&self, fault: Fault) -> Fault {
        if self.configured { fault.because(self.demand.at.clone(), "demanded here") } else { fault }
    }
}
