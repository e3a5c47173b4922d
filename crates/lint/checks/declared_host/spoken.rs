//! Hosts that say by their own names that they are another environment's, where nothing is declared.

use std::collections::BTreeSet;

use facts::{Facts, Setting};
use source::tokens;

use super::{Known, hosts_of, site_of};
use crate::Fault;
use crate::checks::support::settings;
use crate::checks::support::words::{Phrase, any_in};

/// Settings of production that lead to staging, and the reverse. Of a domain that is nobody's here it is not known
/// whether its production is shared.
pub(super) fn faults(facts: &Facts, known: &Known, except: &[Phrase]) -> Vec<Fault> {
    let judged: Vec<(&Setting, Vec<String>)> = facts
        .settings
        .iter()
        .filter(|setting| settings::is_deployed_value(setting) && setting.value.contains('.'))
        .map(|setting| (setting, hosts_of(setting)))
        .filter(|(setting, hosts)| !hosts.is_empty() && !any_in(except, &setting.key))
        .collect();
    let plain = judged.iter().flat_map(|(_, hosts)| hosts).filter(|host| spoken(host).is_none());
    let own_sites: BTreeSet<&str> = plain.map(|host| site_of(host)).collect();
    let mut found = Vec::new();
    for (setting, hosts) in &judged {
        let Some(environment) = setting.scope.environment.as_deref() else { continue };
        if !known.of_environment(environment).is_empty() || names_another(setting, environment) {
            continue;
        }
        let wrong = hosts.iter().find_map(|host| {
            let other = spoken(host).filter(|other| *other != environment)?;
            let is_certain = other == "staging" && environment == "production";
            (is_certain || own_sites.contains(site_of(host))).then_some((host, other))
        });
        found.extend(wrong.map(|(host, other)| fault(setting, environment, host, other)));
    }
    found
}

/// The environment that the labels of a host before its domain name, production or staging; `None` where they name none
/// or several.
fn spoken(host: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("production", "production"),
        ("prod", "production"),
        ("prd", "production"),
        ("staging", "staging"),
        ("stage", "staging"),
        ("stg", "staging"),
    ];
    let labels = host.strip_suffix(site_of(host))?;
    let words: Vec<String> = tokens(labels).collect();
    // `pre-prod`, `non-prod`, and `dev-prod`, which is of both.
    let is_other =
        |word: &str| matches!(word, "pre" | "non" | "not") || facts::environment::canonical(word).is_some();
    let named = |word: &String| WORDS.iter().find(|(known, _)| known == word).map(|(_, name)| *name);
    let mut found = words.iter().filter_map(named);
    let first = found.next()?;
    let others = words.iter().filter(|word| named(word).is_none_or(|name| name != first));
    (!others.into_iter().any(|word| is_other(word))).then_some(first)
}

/// Whether the setting itself says that it is about another environment: `STAGING_API_URL` in production's file.
fn names_another(setting: &Setting, environment: &str) -> bool {
    let names = setting.within.iter().chain([&setting.key]);
    let mut words = names.flat_map(|name| tokens(name));
    words.any(|word| facts::environment::canonical(&word).is_some_and(|named| named != environment))
}

fn fault(setting: &Setting, environment: &str, host: &str, other: &str) -> Fault {
    let message = format!(
        "`{}` leads {environment} to `{host}`, by its name a host of {other}: what {environment} asks for there is {other}'s. \
         If both share it, say so in `[environment.{environment}] hosts`",
        setting.key
    );
    let subject = format!("{} to {host}", settings::subject(setting));
    Fault::new(subject, setting.at.clone(), message)
        .in_environment(Some(environment))
        .at_most(crate::Severity::Warning)
}
