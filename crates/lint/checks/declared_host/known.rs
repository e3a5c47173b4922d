//! The hosts that an environment is known to answer at.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Facts, Setting, SettingSource};
use source::Place;

/// A host or a pattern of hosts with one `*` label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownHost {
    /// In lower case: `api.example.ai`, `*.example.ai`.
    pub(super) pattern: String,
    /// The certificate or host rule that names it; `None` where the configuration declares it.
    pub(super) at: Option<Place>,
}

impl KnownHost {
    /// Whether this is the host. A wildcard stands for exactly one label, as in certificates.
    pub(super) fn covers(&self, host: &str) -> bool {
        match self.pattern.strip_prefix("*.") {
            Some(rest) => host.split_once('.').is_some_and(|(label, tail)| !label.is_empty() && tail == rest),
            None => self.pattern == host,
        }
    }

    /// Whether a reader may think that it covers the host, which has more labels.
    pub(super) fn looks_covering(&self, host: &str) -> bool {
        self.pattern.strip_prefix('*').is_some_and(|rest| host.ends_with(rest))
    }
}

/// The known hosts of every environment.
pub(super) struct Known {
    by_environment: BTreeMap<String, Vec<KnownHost>>,
    sites: BTreeSet<String>,
}

impl Known {
    /// What the configuration declares; for environments without such, what Terraform certifies and routes.
    pub(super) fn of(declared: &[(String, Vec<String>)], facts: &Facts) -> Self {
        let mut by_environment: BTreeMap<String, Vec<KnownHost>> = BTreeMap::new();
        for (name, hosts) in declared.iter().filter(|(_, hosts)| !hosts.is_empty()) {
            let hosts = hosts.iter().map(|host| KnownHost { pattern: host.to_ascii_lowercase(), at: None });
            by_environment.insert(name.clone(), hosts.collect());
        }
        let is_declared: BTreeSet<String> = by_environment.keys().cloned().collect();
        for setting in facts.settings.iter().filter(|setting| is_route(setting)) {
            let Some(environment) = &setting.scope.environment else { continue };
            if !is_declared.contains(environment) {
                let pattern = setting.value.to_ascii_lowercase();
                let host = KnownHost { pattern, at: Some(setting.at.clone()) };
                by_environment.entry(environment.clone()).or_default().push(host);
            }
        }
        let sites = by_environment.values().flatten().map(|known| site_of(&known.pattern).to_owned());
        let sites = sites.collect();
        Self { by_environment, sites }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_environment.is_empty()
    }

    pub(super) fn of_environment(&self, environment: &str) -> &[KnownHost] {
        self.by_environment.get(environment).map_or(&[], Vec::as_slice)
    }

    /// The environment that knows a host by its full name.
    pub(super) fn owner(&self, host: &str) -> Option<(&str, &KnownHost)> {
        self.by_environment.iter().find_map(|(name, hosts)| {
            let exact = hosts.iter().find(|known| known.covers(host))?;
            Some((name.as_str(), exact))
        })
    }

    /// The domains under which the team's hosts stand.
    pub(super) fn sites(&self) -> impl Iterator<Item = &str> {
        self.sites.iter().map(String::as_str)
    }
}

/// Whether a setting is a host that Terraform certifies or routes.
pub(super) fn is_route(setting: &Setting) -> bool {
    let inside = |kind: &str| setting.within.iter().any(|name| name == kind);
    let certified = setting.key == "domains" && inside("google_compute_managed_ssl_certificate")
        || matches!(setting.key.as_str(), "domain_name" | "subject_alternative_names")
            && inside("aws_acm_certificate");
    let routed = setting.key == "hosts" && inside("host_rule");
    setting.source == SettingSource::Terraform
        && (certified || routed)
        && setting.value != "*"
        && !setting.value.contains(['$', '{'])
}

/// Second labels under which countries register: `example.co.uk`.
const SECOND_LEVEL: &[&str] = &["co", "com", "org", "net", "gov", "edu", "ac", "or", "ne", "go"];

/// The domain that somebody registered: the last two labels, three under a country's second level.
pub(in crate::checks) fn site_of(host: &str) -> &str {
    let Some((front, top)) = host.rsplit_once('.') else { return host };
    let (before, second) = front.rsplit_once('.').unwrap_or(("", front));
    let labels = if top.len() == 2 && SECOND_LEVEL.contains(&second) && !before.is_empty() { 3 } else { 2 };
    let start = host.rmatch_indices('.').nth(labels - 1).map_or(0, |(at, _)| at + 1);
    host.get(start..).unwrap_or(host)
}

/// Whether two hosts have the same words in any order, joined in other ways: `api.staging.x.ai`, `api-staging.x.ai`.
pub(in crate::checks) fn same_words(one: &str, other: &str) -> bool {
    let words = |host: &str| {
        let mut words: Vec<String> = host.split(['.', '-']).map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    one != other && words(one) == words(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_one_label() {
        let known = KnownHost { pattern: "*.example.ai".to_owned(), at: None };
        assert!(known.covers("api.example.ai"));
        assert!(!known.covers("api.staging.example.ai") && known.looks_covering("api.staging.example.ai"));
        assert!(!known.covers("example.ai") && !known.covers(".example.ai"));
    }

    #[test]
    fn sites_are_what_somebody_registered() {
        for (host, site) in [
            ("api.staging.example.ai", "example.ai"),
            ("*.example.ai", "example.ai"),
            ("example.ai", "example.ai"),
            ("a.b.example.co.uk", "example.co.uk"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(site_of(host), site);
        }
    }

    #[test]
    fn the_same_words_in_other_joints() {
        assert!(same_words("api.staging.example.ai", "api-staging.example.ai"));
        assert!(!same_words("api.example.ai", "app.example.ai"));
        assert!(!same_words("api.example.ai", "api.example.ai"));
    }
}
