//! Variables that a bundler writes into what every visitor's browser loads.

use facts::{Facts, Setting};
use serde::Deserialize;
use source::tokens;

use super::support::destination::destinations;
use super::support::settings;
use crate::Fault;
use crate::check::{Check, CheckContext};

/// Which fault a rule speaks of.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Speaks {
    /// A secret.
    Secret,
    /// A host that browsers cannot reach.
    InternalHost,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Which fault is meant.
    speaks: Speaks,
    /// Beginnings of names that bundlers write into the code.
    prefixes: Vec<String>,
    /// Words of a name that say its value is for the server alone.
    #[serde(default)]
    words: Vec<String>,
    /// Words of a name that say its value is meant for browsers.
    #[serde(default)]
    except_words: Vec<String>,
    /// Endings of hosts inside a cluster or a private network.
    #[serde(default)]
    internal: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts.settings.iter().filter(|setting| {
            // Without an environment it may be a test's browser that runs among the containers.
            settings::is_deployed_value(setting)
                && setting.scope.environment.is_some()
                && self.prefixes.iter().any(|prefix| setting.key.starts_with(prefix.as_str()))
        });
        judged.filter_map(|setting| self.fault(setting)).collect()
    }
}

impl Policy {
    fn fault(&self, setting: &Setting) -> Option<Fault> {
        let environment = setting.scope.environment.as_deref();
        let key = &setting.key;
        let message = match self.speaks {
            Speaks::Secret => {
                let words: Vec<String> = tokens(key).collect();
                let has = |list: &[String]| list.iter().any(|word| words.contains(word));
                if !has(&self.words) || has(&self.except_words) || setting.value.trim().is_empty() {
                    return None;
                }
                format!(
                    "`{key}` is written into the code that every visitor's browser loads, and its name says \
                    that it is secret"
                )
            }
            Speaks::InternalHost => {
                let mut found = destinations(key, &setting.value);
                let found = found.find(|found| found.scheme.is_some() && self.is_internal(&found.host))?;
                format!(
                    "`{key}` is read in the visitor's browser and leads to `{}`, which has a meaning inside the \
                     deployment only",
                    found.host
                )
            }
        };
        let fault = Fault::new(settings::subject(setting), setting.at.clone(), message);
        Some(fault.in_environment(environment))
    }

    /// A bare service name, a private address, a name of the cluster. Loopback hosts are another rule's.
    fn is_internal(&self, host: &str) -> bool {
        if let Ok(address) = host.parse::<std::net::Ipv4Addr>() {
            return address.is_private() || address.is_link_local();
        }
        let bare = !host.contains(['.', ':', '$', '{']) && host != "localhost";
        bare || self.internal.iter().any(|ending| host.ends_with(ending.as_str()))
    }
}
