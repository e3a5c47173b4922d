//! Addresses of public hosts that are called without encryption.

use facts::{Facts, Setting};
use serde::Deserialize;

use super::destination::{Destination, destinations};
use super::settings;
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Endings of hosts that no certificate can be had for, or that are only names: `.internal`, `w3.org`.
    except_hosts: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts
            .settings
            .iter()
            .filter(|setting| settings::is_deployed_value(setting) && setting.scope.environment.is_some());
        judged.filter_map(|setting| self.fault(setting)).collect()
    }
}

impl Policy {
    fn fault(&self, setting: &Setting) -> Option<Fault> {
        let mut found = destinations(&setting.key, &setting.value);
        let found = found.find(|found| self.is_exposed(found))?;
        let environment = setting.scope.environment.as_deref();
        let message = format!(
            "`{}` calls `{}` over {}: whatever is sent, tokens included, can be read on the way, and browsers refuse it \
             on pages that are served encrypted",
            setting.key,
            found.host,
            found.scheme.as_deref().unwrap_or("http")
        );
        let fault = Fault::new(settings::subject(setting), setting.at.clone(), message);
        Some(fault.in_environment(environment))
    }

    fn is_exposed(&self, found: &Destination) -> bool {
        let plain = matches!(found.scheme.as_deref(), Some("http" | "ws"));
        let host = found.host.as_str();
        let top = host.rsplit('.').next().unwrap_or("");
        let is_public_name =
            host.contains('.') && top.len() >= 2 && top.chars().all(|letter| letter.is_ascii_alphabetic());
        plain && is_public_name && !self.except_hosts.iter().any(|ending| host.ends_with(ending.as_str()))
    }
}
