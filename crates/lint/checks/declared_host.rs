//! Hosts of the team's own domains that their environment does not declare, certify or route.

mod known;
mod spoken;

use std::collections::BTreeSet;

use facts::{CodeAddress, Facts, Setting};
use serde::Deserialize;
use source::{Place, tokens};

use self::known::{Known, KnownHost};
pub(super) use self::known::{same_words, site_of};
use super::support::destination::{Destination, destinations};
use super::support::settings;
use super::support::words::Phrase;
use crate::check::{Check, CheckContext};
use crate::nearest::nearest;
use crate::{Fault, Severity};

/// Which of the two faults a rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Speaks {
    /// A host that no environment knows.
    Unrouted,
    /// A host that another environment knows.
    OtherEnvironment,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Which fault is meant.
    speaks: Speaks,
    /// Endings of hosts that a platform makes up for each service.
    #[serde(default)]
    generated: Vec<String>,
    /// Words of keys that list who may come, where no hosts are declared.
    #[serde(default)]
    except_keys: Vec<String>,
}

struct DeclaredHost {
    policy: Policy,
    /// The hosts that the configuration declares, by environment.
    declared: Vec<(String, Vec<String>)>,
}

pub(super) fn build(policy: &toml::Table, context: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let environments = context.config.environments.iter();
    let declared =
        environments.map(|(name, environment)| (name.clone(), environment.hosts.clone())).collect();
    Ok(Box::new(DeclaredHost { policy: super::policy(policy)?, declared }))
}

impl Check for DeclaredHost {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let known = Known::of(&self.declared, facts);
        let mut by_name = match self.policy.speaks {
            Speaks::OtherEnvironment => {
                let except: Vec<Phrase> =
                    self.policy.except_keys.iter().map(|words| Phrase::new(words)).collect();
                spoken::faults(facts, &known, &except)
            }
            Speaks::Unrouted => Vec::new(),
        };
        if known.is_empty() {
            return by_name;
        }
        let settings = facts.settings.iter().filter(|setting| settings::is_deployed_value(setting));
        let in_settings = settings.flat_map(|setting| self.of_setting(setting, &known));
        // A dictionary of a deploy script is code and setting at once.
        let told: BTreeSet<&Place> = facts.settings.iter().map(|setting| &setting.at).collect();
        let in_code = facts
            .addresses
            .iter()
            .filter(|address| !told.contains(&address.at))
            .filter_map(|address| self.of_code(address, &known));
        by_name.extend(in_settings.chain(in_code));
        by_name
    }
}

/// The environment that a host speaks of.
fn spoken_by(host: &str) -> Option<&'static str> {
    tokens(host).find_map(|word| facts::environment::canonical(&word))
}

/// What is wrong with a host, and how sure that is.
struct Wrong<'k> {
    message: String,
    severity: Severity,
    shown_by: Option<&'k KnownHost>,
}

impl DeclaredHost {
    fn of_setting(&self, setting: &Setting, known: &Known) -> Vec<Fault> {
        let stated = setting.scope.environment.as_deref();
        let wrong = hosts_of(setting).into_iter().filter_map(|host| {
            // Where nothing else says the environment, a host may say it itself.
            let environment = stated.or_else(|| spoken_by(&host))?;
            let mut wrong = self.judge(&host, environment, known)?;
            if stated.is_none() {
                wrong.severity = Severity::Warning;
            }
            Some((host, environment, wrong))
        });
        // A list is one place; its first wrong host speaks for it.
        wrong.take(1).map(|(host, environment, wrong)| fault(setting, environment, &host, &wrong)).collect()
    }

    /// Code holds the addresses of several environments: only one that says its own is judged.
    fn of_code(&self, address: &CodeAddress, known: &Known) -> Option<Fault> {
        let destination = destinations("", &address.url).next()?;
        let host = destination.host.as_str();
        let environment = spoken_by(host)?;
        let wrong = self.judge(host, environment, known)?;
        let message = format!("the code holds `{host}` for {environment}, {}", wrong.message);
        let function = address.function.as_deref().unwrap_or("module");
        let fault = Fault::new(format!("{host} in {function}"), address.at.clone(), message)
            .in_environment(Some(environment))
            .at_most(Severity::Warning);
        Some(with_evidence(fault, wrong.shown_by))
    }

    fn judge<'k>(&self, host: &str, environment: &str, known: &'k Known) -> Option<Wrong<'k>> {
        let own = known.of_environment(environment);
        if own.is_empty() || own.iter().any(|known| known.covers(host)) {
            return None;
        }
        let is_declared = own.iter().any(|known| known.at.is_none());
        if let Some((name, other)) = known.owner(host) {
            let elsewhere = self.policy.speaks == Speaks::OtherEnvironment && is_declared;
            return elsewhere.then(|| Wrong {
                message: format!("which is a host of {name}: {environment} would read and write there"),
                severity: Severity::Error,
                shown_by: Some(other),
            });
        }
        if self.policy.speaks != Speaks::Unrouted {
            return None;
        }
        if self.policy.generated.iter().any(|ending| host.ends_with(ending.as_str())) {
            return is_declared.then(|| Wrong {
                message: format!(
                    "which the platform made up for one service in one region, and is none of the hosts that \
                     {environment} declares: it changes when the service is created anew, and passes the load \
                     balancer by"
                ),
                severity: Severity::Warning,
                shown_by: own.first(),
            });
        }
        if is_declared {
            let is_own = known.sites().any(|site| site == site_of(host));
            return is_own.then(|| undeclared(host, environment, own));
        }
        // Certificates and host rules need not be all in the repository: only a slip of the pen is told.
        let meant = own.iter().find(|known| same_words(&known.pattern, host))?;
        Some(Wrong {
            message: format!("where its load balancer or certificate has `{}`", meant.pattern),
            severity: Severity::Warning,
            shown_by: Some(meant),
        })
    }
}

fn undeclared<'k>(host: &str, environment: &str, own: &'k [KnownHost]) -> Wrong<'k> {
    let name = nearest(host, own.iter().map(|known| known.pattern.as_str()));
    let hint = name.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    let covering = own.iter().find(|known| known.looks_covering(host));
    let labels = covering.map_or_else(String::new, |known| {
        format!(" (`{}` covers one label, and this has more)", known.pattern)
    });
    Wrong {
        message: format!("which none of the hosts that {environment} declares covers{labels}{hint}"),
        severity: Severity::Error,
        shown_by: own.iter().find(|known| Some(known.pattern.as_str()) == name),
    }
}

/// The hosts that a setting leads to. Certificates and host rules hold bare names.
fn hosts_of(setting: &Setting) -> Vec<String> {
    if known::is_route(setting) {
        return vec![setting.value.to_ascii_lowercase()];
    }
    destinations(&setting.key, &setting.value).map(|Destination { host, .. }| host).collect()
}

fn fault(setting: &Setting, environment: &str, host: &str, wrong: &Wrong<'_>) -> Fault {
    let message = format!("`{}` leads {environment} to `{host}`, {}", setting.key, wrong.message);
    let subject = format!("{} to {host}", settings::subject(setting));
    let fault = Fault::new(subject, setting.at.clone(), message)
        .in_environment(Some(environment))
        .at_most(wrong.severity);
    with_evidence(fault, wrong.shown_by)
}

fn with_evidence(fault: Fault, shown_by: Option<&KnownHost>) -> Fault {
    match shown_by.and_then(|known| Some((known.at.clone()?, &known.pattern))) {
        Some((at, pattern)) => fault.because(at, format!("`{pattern}` is routed here")),
        None => fault,
    }
}
