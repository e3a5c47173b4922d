//! Addresses of public hosts that are called without encryption.

use std::collections::BTreeMap;

use facts::{Facts, Setting};
use serde::Deserialize;
use source::{Place, Span};

use super::support::destination::{Destination, destinations};
use super::support::settings;
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
        plain
            && is_public_name
            && !is_service_in_namespace(host)
            && !self.except_hosts.iter().any(|ending| host.ends_with(ending.as_str()))
    }
}

/// Whether a host is the short name of a Kubernetes service with its namespace: two words, of which the last is no
/// domain that names are sold under. Every word of two letters is a country's.
fn is_service_in_namespace(host: &str) -> bool {
    let Some((service, namespace)) = host.split_once('.') else { return false };
    !service.is_empty()
        && namespace.len() > 2
        && !namespace.contains('.')
        && !TOP_DOMAINS.contains(&namespace)
}

/// The top-level domains that most names are under. Source: <https://data.iana.org/TLD/tlds-alpha-by-domain.txt>.
const TOP_DOMAINS: &[&str] = &[
    "academy",
    "agency",
    "app",
    "arpa",
    "art",
    "asia",
    "bank",
    "biz",
    "blog",
    "build",
    "business",
    "cafe",
    "care",
    "cat",
    "center",
    "chat",
    "church",
    "city",
    "click",
    "cloud",
    "club",
    "co",
    "codes",
    "com",
    "community",
    "company",
    "consulting",
    "cool",
    "coop",
    "credit",
    "dance",
    "data",
    "design",
    "dev",
    "digital",
    "direct",
    "domains",
    "earth",
    "edu",
    "education",
    "email",
    "energy",
    "engineering",
    "events",
    "example",
    "exchange",
    "expert",
    "express",
    "family",
    "farm",
    "finance",
    "financial",
    "fit",
    "foundation",
    "fun",
    "fund",
    "gallery",
    "games",
    "global",
    "google",
    "gov",
    "green",
    "group",
    "guru",
    "health",
    "help",
    "host",
    "house",
    "icu",
    "info",
    "ink",
    "institute",
    "int",
    "international",
    "jobs",
    "land",
    "law",
    "legal",
    "life",
    "link",
    "live",
    "llc",
    "london",
    "love",
    "ltd",
    "management",
    "market",
    "marketing",
    "media",
    "mil",
    "mobi",
    "money",
    "museum",
    "name",
    "net",
    "network",
    "news",
    "ngo",
    "one",
    "online",
    "org",
    "page",
    "partners",
    "photos",
    "pics",
    "place",
    "plus",
    "post",
    "press",
    "pro",
    "pub",
    "run",
    "sale",
    "school",
    "science",
    "security",
    "services",
    "shop",
    "show",
    "site",
    "social",
    "software",
    "solutions",
    "space",
    "store",
    "studio",
    "support",
    "systems",
    "tax",
    "team",
    "tech",
    "technology",
    "tel",
    "tips",
    "today",
    "tools",
    "top",
    "town",
    "trade",
    "training",
    "travel",
    "university",
    "video",
    "vip",
    "watch",
    "website",
    "wiki",
    "win",
    "work",
    "works",
    "world",
    "xyz",
    "zone",
];

#[cfg(test)]
mod tests {
    use super::is_service_in_namespace;

    #[test]
    fn a_service_in_its_namespace_is_no_public_host() {
        assert!(is_service_in_namespace("ledger.payments"));
        for host in ["example.com", "api.io", "shop.example.org", "localhost", "acme.dev"] {
            assert!(!is_service_in_namespace(host), "{host}");
        }
    }
}
