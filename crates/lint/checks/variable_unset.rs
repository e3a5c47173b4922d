//! Variables that a program reads and its deployment never sets.

use std::collections::BTreeMap;

use facts::environment::named_by_words;
use facts::{EnvRead, Facts, Setting, SettingSource};
use serde::Deserialize;
use source::is_illustration;

use super::deployed::{Given, Service};
use super::destination::destinations;
use crate::check::{Check, CheckContext};
use crate::nearest::nearest;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Variables that platforms, shells and libraries set; a name that ends in `*` is a beginning.
    provided: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut reads: BTreeMap<&str, Vec<&EnvRead>> = BTreeMap::new();
        for read in &facts.env_reads {
            reads.entry(&read.at.path).or_default().push(read);
        }
        let elsewhere = elsewhere(facts);
        let given = Given::of(facts);
        given.services.iter().flat_map(|service| self.of_service(service, &reads, &elsewhere)).collect()
    }
}

/// Where each variable is set for some program, by environment, the first place of each.
type Elsewhere<'f> = BTreeMap<(&'f str, &'f str), &'f Setting>;

fn elsewhere(facts: &Facts) -> Elsewhere<'_> {
    let mut set = BTreeMap::new();
    for setting in &facts.settings {
        let for_a_program = match setting.source {
            SettingSource::Compose | SettingSource::Script | SettingSource::EnvFile => setting.scope.deployed,
            SettingSource::Yaml | SettingSource::Terraform => {
                setting.within.last().is_some_and(|map| map == "env")
            }
            _ => false,
        };
        if for_a_program && !setting.value.is_empty() && !is_illustration(&setting.at.path) {
            let environment = setting.scope.environment.as_deref().unwrap_or("");
            set.entry((environment, setting.key.as_str())).or_insert(setting);
        }
    }
    set
}

/// What happens where the variable is not set; the gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Absence {
    /// The read gives nothing.
    Nothing,
    /// The read gives a loopback address.
    Loopback,
    /// The read raises when its function is called.
    Raises,
    /// The read raises when the program starts.
    StopsTheProgram,
}

impl Policy {
    fn of_service(
        &self,
        service: &Service<'_>,
        reads: &BTreeMap<&str, Vec<&EnvRead>>,
        elsewhere: &Elsewhere<'_>,
    ) -> Vec<Fault> {
        let mut worst: BTreeMap<&str, (Absence, &EnvRead)> = BTreeMap::new();
        let of_code = service.code.iter().filter_map(|path| reads.get(path)).flatten();
        for read in of_code.filter(|read| !service.given.contains(read.name.as_str())) {
            let Some(absence) = absence(read) else { continue };
            let known = worst.entry(&read.name).or_insert((absence, read));
            if absence > known.0 {
                *known = (absence, read);
            }
        }
        let environment = service.deployment.environment.as_deref();
        let judged = worst
            .into_iter()
            .filter(|(name, _)| !self.is_provided(name) && !is_of_another_environment(name, environment));
        judged.filter_map(|(_, (absence, read))| fault(service, absence, read, elsewhere)).collect()
    }

    fn is_provided(&self, name: &str) -> bool {
        self.provided.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == known,
        })
    }
}

/// Whether a variable's name says that it is for another environment: `OAUTH_CLIENT_ID_DEVELOPMENT` in staging.
fn is_of_another_environment(name: &str, environment: Option<&str>) -> bool {
    named_by_words(name).is_some_and(|named| Some(named) != environment)
}

fn absence(read: &EnvRead) -> Option<Absence> {
    match (read.required, read.default.as_deref()) {
        (true, _) if read.function.is_none() => Some(Absence::StopsTheProgram),
        (true, _) => Some(Absence::Raises),
        (false, None | Some("" | "None")) => Some(Absence::Nothing),
        (false, Some(default)) => is_loopback(&read.name, default).then_some(Absence::Loopback),
    }
}

fn is_loopback(name: &str, default: &str) -> bool {
    destinations(name, default).any(|found| found.host == "localhost" || found.host.starts_with("127."))
}

fn fault(
    service: &Service<'_>,
    absence: Absence,
    read: &EnvRead,
    elsewhere: &Elsewhere<'_>,
) -> Option<Fault> {
    let deployment = service.deployment;
    let environment = deployment.environment.as_deref();
    let set = elsewhere.get(&(environment.unwrap_or(""), read.name.as_str()));
    let consequence = match absence {
        Absence::StopsTheProgram => "the program ends when it is loaded",
        Absence::Raises => "the read raises when it is reached",
        Absence::Loopback => "the read falls back to an address of the container itself",
        // That the program can do without is not known; that somebody else is given it is a sign.
        Absence::Nothing => {
            set?;
            "the read gives nothing, while others of the same environment are given it"
        }
    };
    let name = &read.name;
    let place = environment.map_or_else(String::new, |name| format!(" in {name}"));
    let meant = nearest(name, service.given.iter().copied());
    let hint = meant.map_or_else(String::new, |meant| format!("; it is given `{meant}`"));
    let message = format!(
        "`{}`{place} is never given `{name}`, which its code reads: {consequence}{hint}",
        deployment.service
    );
    let certain = absence == Absence::StopsTheProgram && deployment.complete && environment.is_some();
    let mut fault = Fault::new(format!("{name} of {}", deployment.id), deployment.at.clone(), message)
        .in_environment(environment)
        .because(read.at.clone(), format!("`{name}` is read here"));
    fault.severity = (!certain).then_some(Severity::Warning);
    if let Some(set) = set {
        fault = fault.because(set.at.clone(), format!("`{name}` is set here"));
    }
    Some(fault)
}
