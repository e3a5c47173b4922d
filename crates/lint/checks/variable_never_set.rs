//! Variables that a program reads and its deployment never sets.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use facts::environment::named_by_words;
use facts::{Demand, EnvRead, Facts, Setting, SettingSource};
use serde::Deserialize;
use source::{is_illustration, redact, tokens};

use super::support::deployed::{Given, Service};
use super::support::destination::destinations;
use super::support::undeployed;
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
        let mut demands: BTreeMap<&str, Vec<&Demand>> = BTreeMap::new();
        for demand in &facts.demands {
            demands.entry(&demand.at.path).or_default().push(demand);
        }
        let given = Given::of(facts);
        let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for service in &given.services {
            for path in &service.code {
                owners.entry(path).or_default().insert(&service.deployment.service);
            }
        }
        let code = Code { reads, demands, owners, elsewhere: elsewhere(facts) };
        let deployed = given.services.iter().flat_map(|service| self.of_service(service, &code));
        deployed.chain(undeployed::faults(facts, &|name| self.is_provided(name))).collect()
    }
}

/// What code reads and demands, by file.
struct Code<'f> {
    reads: BTreeMap<&'f str, Vec<&'f EnvRead>>,
    demands: BTreeMap<&'f str, Vec<&'f Demand>>,
    /// The services whose programs hold a file.
    owners: BTreeMap<&'f str, BTreeSet<&'f str>>,
    elsewhere: Elsewhere<'f>,
}

/// Where each variable is set for some program, by environment, the first place of each.
type Elsewhere<'f> = HashMap<(&'f str, &'f str), &'f Setting>;

fn elsewhere(facts: &Facts) -> Elsewhere<'_> {
    let mut set = HashMap::new();
    let files = facts.settings.chunk_by(|one, next| one.at.path == next.at.path);
    let files = files.filter(|file| file.first().is_some_and(|first| !is_illustration(&first.at.path)));
    for setting in files.flatten() {
        let for_a_program = match setting.source {
            SettingSource::Compose | SettingSource::Script | SettingSource::EnvFile => setting.scope.deployed,
            SettingSource::Yaml | SettingSource::Terraform => {
                setting.within.last().is_some_and(|map| map == "env")
            }
            _ => false,
        };
        if for_a_program && !setting.value.is_empty() {
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
    /// The code says that it needs the variable.
    Demanded,
    /// The read raises when its function is called.
    Raises,
    /// The read raises when the program starts.
    StopsTheProgram,
}

/// What a program needs of a variable that it is not given.
#[derive(Debug, Clone, Copy)]
struct Need<'f> {
    absence: Absence,
    read: &'f EnvRead,
    /// The message that says so.
    demand: Option<&'f Demand>,
}

/// Whether nothing that a message asks for is given, in an environment that it means.
fn is_unmet(demand: &Demand, service: &Service<'_>, code: &Code<'_>) -> bool {
    let environment = service.deployment.environment.as_deref();
    let means = demand.environments.is_empty()
        || environment.is_some_and(|environment| demand.environments.contains(&environment));
    means && !demand.names.iter().any(|name| service.has(name)) && !has_other_source(demand, service, code)
}

/// Whether the function that demands a variable also reads another one that may stand for it, and which is given:
/// `DB_HOST` beside `POSTGRES_HOST`.
fn has_other_source(demand: &Demand, service: &Service<'_>, code: &Code<'_>) -> bool {
    let last = |name: &str| tokens(name).last();
    let wanted: Vec<_> = demand.names.iter().map(|name| last(name)).collect();
    let beside = code.reads.get(&*demand.at.path).into_iter().flatten();
    beside
        .filter(|read| read.function.is_some() && read.function == demand.function)
        .any(|read| service.has(&read.name) && wanted.contains(&last(&read.name)))
}

impl Policy {
    fn of_service(&self, service: &Service<'_>, code: &Code<'_>) -> Vec<Fault> {
        let mut worst: BTreeMap<&str, Need<'_>> = BTreeMap::new();
        let reads = service.code.iter().filter_map(|path| code.reads.get(path)).flatten();
        for read in reads.filter(|read| !service.has(&read.name)) {
            // An empty text is there for whoever reads it; only who says that it is not enough misses it.
            let is_empty = service.given.contains(read.name.as_str());
            let absence = if is_empty { Some(Absence::Nothing) } else { absence(read) };
            let Some(absence) = absence else { continue };
            let need = Need { absence, read, demand: None };
            let known = worst.entry(&read.name).or_insert(need);
            if absence > known.absence {
                *known = need;
            }
        }
        let demands = service.code.iter().filter_map(|path| code.demands.get(path)).flatten().copied();
        for demand in demands.filter(|demand| is_unmet(demand, service, code)) {
            let Some(name) = demand.names.iter().find(|name| worst.contains_key(name.as_str())) else {
                continue;
            };
            if let Some(need) = worst.get_mut(name.as_str()).filter(|need| need.absence < Absence::Demanded) {
                (need.absence, need.demand) = (Absence::Demanded, Some(demand));
            }
        }
        let environment = service.deployment.environment.as_deref();
        let judged = worst
            .into_iter()
            .filter(|(name, need)| need.demand.is_some() || !service.given.contains(name))
            .filter(|(name, _)| !service.description.gives_others || service.given.contains(name))
            .filter(|(name, _)| !self.is_provided(name) && !is_of_another_environment(name, environment));
        judged.filter_map(|(_, need)| fault(service, need, code)).collect()
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
        (true, _) if read.function.is_none() && !read.is_conditional => Some(Absence::StopsTheProgram),
        (true, _) => Some(Absence::Raises),
        (false, None | Some("" | "None")) => Some(Absence::Nothing),
        (false, Some(default)) => is_loopback(&read.name, default).then_some(Absence::Loopback),
    }
}

/// Whether a variable holds a credential or an address, which a program seldom does without; flags and levels have a
/// meaning when they are absent.
fn is_essential(name: &str) -> bool {
    const ADDRESSES: &[&str] = &["url", "uri", "host", "dsn", "endpoint"];
    let names_a_client = name.ends_with("CLIENT_ID");
    let last = tokens(name).last();
    names_a_client
        || redact::is_secret_name(name)
        || last.is_some_and(|word| ADDRESSES.contains(&word.as_str()))
}

fn is_loopback(name: &str, default: &str) -> bool {
    // Who may call is no address that is called.
    if tokens(name).any(|word| matches!(word.as_str(), "cors" | "origin" | "origins" | "allowed")) {
        return false;
    }
    destinations(name, default).any(|found| found.host == "localhost" || found.host.starts_with("127."))
}

fn fault(service: &Service<'_>, need: Need<'_>, code: &Code<'_>) -> Option<Fault> {
    let Need { absence, read, demand } = need;
    let deployment = service.deployment;
    let environment = deployment.environment.as_deref();
    let set = code.elsewhere.get(&(environment.unwrap_or(""), read.name.as_str()));
    let consequence = match absence {
        Absence::StopsTheProgram => "the program ends when it is loaded",
        Absence::Demanded => "and it says itself that it needs it",
        Absence::Raises => "the read raises when it is reached",
        Absence::Loopback => "the read falls back to an address of the container itself",
        // That the program can do without is not known; that somebody else is given it is a sign.
        Absence::Nothing => {
            set?;
            "the read gives nothing, while others of the same environment are given it"
        }
    };
    let separator = if demand.is_some() { "," } else { ":" };
    let name = &read.name;
    let place = environment.map_or_else(String::new, |name| format!(" in {name}"));
    let others = service.given.iter().copied().filter(|other| other != name);
    let meant = nearest(name, others);
    let hint = meant.map_or_else(String::new, |meant| format!("; it is given `{meant}`"));
    let given = if service.given.contains(name.as_str()) { "given an empty" } else { "never given" };
    let message = format!(
        "`{}`{place} is {given} `{name}`, which its code reads{separator} {consequence}{hint}",
        deployment.service
    );
    let certain = absence == Absence::StopsTheProgram
        && service.description.complete
        && !service.may_keep_more
        && environment.is_some();
    let at = service.description.at.clone();
    // However the service is started: its file is in the finding.
    let mut fault =
        Fault::new(format!("{name} of {}", deployment.name()), at, message).in_environment(environment);
    if let Some(demand) = demand {
        fault = fault.because(demand.at.clone(), format!("the code says here that `{name}` is needed"));
    }
    fault = fault.because(read.at.clone(), format!("`{name}` is read here"));
    // What several programs share reads for whichever of them needs it.
    let is_shared = code.owners.get(&*read.at.path).is_some_and(|services| services.len() > 1);
    let is_option = absence == Absence::Nothing && (is_shared || !is_essential(name));
    fault.severity = match (certain, is_option) {
        (true, _) => None,
        (false, true) => Some(Severity::Info),
        (false, false) => Some(Severity::Warning),
    };
    if let Some(set) = set {
        fault = fault.because(set.at.clone(), format!("`{name}` is set here"));
    }
    Some(fault)
}
