//! Addresses of public hosts that are called without encryption.

use std::collections::BTreeMap;

use facts::{Facts, Setting};
use serde::Deserialize;
use source::{Place, Span};

use super::destination::{Destination, destinations};
use super::settings;
use crate::check::{Check, CheckContext};
use crate::{Edit, Fault, Fix, Safety};

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
        let deployed = facts
            .settings
            .iter()
            .filter(|setting| setting.value.contains("://") && settings::is_deployed_value(setting));
        let encrypted: Encrypted = deployed.clone().flat_map(encrypted).collect();
        let judged = deployed.filter(|setting| setting.scope.environment.is_some());
        judged.filter_map(|setting| self.fault(setting, &encrypted)).collect()
    }
}

/// Hosts that a deployed value calls encrypted, and where. A port of its own is another server.
type Encrypted<'f> = BTreeMap<String, &'f Place>;

fn encrypted(setting: &Setting) -> impl Iterator<Item = (String, &Place)> {
    let found = destinations(&setting.key, &setting.value);
    let encrypted = found.filter(|found| matches!(found.scheme.as_deref(), Some("https" | "wss")));
    let hosts: Vec<String> =
        encrypted.filter(|found| !has_port(setting, found)).map(|found| found.host).collect();
    hosts.into_iter().map(|host| (host, &setting.at))
}

fn has_port(setting: &Setting, found: &Destination) -> bool {
    setting.value.get(found.range.end..).is_some_and(|rest| rest.starts_with(':'))
}

/// Adds the letter that encrypts, where the repository shows that the host answers so.
fn fix(setting: &Setting, found: &Destination) -> Option<Fix> {
    let scheme = found.scheme.as_deref()?;
    let start =
        setting.value.get(..found.range.start)?.strip_suffix("://")?.len().checked_sub(scheme.len())?;
    // Quotes and escapes would move the place.
    if has_port(setting, found) || setting.at.span.len() != setting.value.len() {
        return None;
    }
    let span = Span::new(start, start + scheme.len()).shifted(setting.at.span.start);
    let edit = Edit { path: setting.at.path.to_string(), span, text: format!("{scheme}s") };
    let title = format!("Call `{}` by {scheme}s", found.host);
    Some(Fix { title, safety: Safety::Safe, edits: vec![edit] })
}

impl Policy {
    fn fault(&self, setting: &Setting, encrypted: &Encrypted<'_>) -> Option<Fault> {
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
        let mut fault =
            Fault::new(settings::subject(setting), setting.at.clone(), message).in_environment(environment);
        if let Some(at) = encrypted.get(&found.host) {
            fault = fault.because((*at).clone(), "here the same host is called encrypted");
            fault.fix = fix(setting, &found);
        }
        Some(fault)
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
