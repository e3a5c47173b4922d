//! Values that mean "no" to whoever writes them, and "yes" to code that only asks whether there is a text.

use std::collections::BTreeMap;

use facts::{EnvRead, Facts, Setting};
use serde::Deserialize;
use source::Place;

use super::support::deployed::{Given, Service};
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// What stands for "no", in lower case.
    no: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut reads: BTreeMap<&str, Vec<&EnvRead>> = BTreeMap::new();
        for read in &facts.env_reads {
            reads.entry(&read.name).or_default().push(read);
        }
        let mut found: Vec<Fault> = Vec::new();
        let mut told: Vec<Place> = Vec::new();
        for service in &Given::of(facts).services {
            let given = service.deployment.variables.iter();
            let switched_off =
                given.filter(|(name, value)| service.given.contains(name.as_str()) && self.is_no(value));
            for (name, value) in switched_off {
                let of_service = reads.get(name.as_str()).into_iter().flatten();
                let own: Vec<&EnvRead> =
                    of_service.filter(|read| service.code.contains(&*read.at.path)).copied().collect();
                let Some(first) = own.first().filter(|_| own.iter().all(|read| read.is_truth_test)) else {
                    continue;
                };
                let Some(setting) = set_for(facts, service, name, value) else { continue };
                if !told.contains(&setting.at) {
                    told.push(setting.at.clone());
                    found.push(fault(service, setting, first));
                }
            }
        }
        found
    }
}

impl Policy {
    fn is_no(&self, value: &str) -> bool {
        let value = value.trim().to_ascii_lowercase();
        self.no.contains(&value)
    }
}

/// Where the service is given this value: in the file that describes it, else in an env file of its environment.
fn set_for<'f>(facts: &'f Facts, service: &Service<'_>, name: &str, value: &str) -> Option<&'f Setting> {
    let deployment = service.deployment;
    let is_meant = |setting: &&Setting| {
        let of_service = setting.scope.service.as_ref().is_none_or(|own| *own == deployment.service);
        setting.key == name && setting.value == value && of_service
    };
    let here = facts.settings_in(&service.description.at.path).iter().find(is_meant);
    here.or_else(|| {
        let mut elsewhere = facts.settings.iter().filter(is_meant);
        elsewhere
            .find(|setting| setting.scope.deployed && setting.scope.environment == deployment.environment)
    })
}

fn fault(service: &Service<'_>, setting: &Setting, read: &EnvRead) -> Fault {
    let name = &setting.key;
    let message = format!(
        "`{}` is given `{name}` with the text `{}`, and its code only asks whether `{name}` is empty: this text is not, so it \
         counts as a yes. Leave the variable out, or compare its text in the code",
        service.deployment.service, setting.value
    );
    Fault::new(format!("{name} of {}", service.deployment.service), setting.at.clone(), message)
        .in_environment(service.deployment.environment.as_deref())
        .because(read.at.clone(), format!("`{name}` is asked here"))
        .at_most(Severity::Warning)
}
