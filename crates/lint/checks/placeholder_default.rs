//! Secrets whose absence code makes up for with a literal.

use std::collections::BTreeSet;

use facts::environment::{canonical, is_deployed, named_by_words};
use facts::{EnvRead, Facts};
use serde::Deserialize;
use source::{redact, tokens};

use super::support::deployed::Given;
use super::support::words::{self, Phrase};
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Words of a default that say that it was to be replaced.
    placeholders: Vec<String>,
    /// Defaults that stand for nothing, in lower case.
    nothing: Vec<String>,
    /// Last words of names that make something else of a secret: `RATE_LIMIT_PASSWORD_RESET`.
    about: Vec<String>,
    /// Beginnings of keys that their providers mean to be published.
    published: Vec<String>,
    /// Beginnings of variables that a bundler writes into what browsers load.
    public_prefixes: Vec<String>,
    /// Last words of the names of keys to somebody else's service, where more words stand before them.
    of_others: Vec<String>,
}

struct ReadDefault {
    placeholders: Vec<Phrase>,
    nothing: Vec<String>,
    about: Vec<Phrase>,
    published: Vec<String>,
    public_prefixes: Vec<String>,
    of_others: Vec<Phrase>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let policy: Policy = super::policy(policy)?;
    let phrases = |texts: &[String]| texts.iter().map(|text| Phrase::new(text)).collect();
    Ok(Box::new(ReadDefault {
        placeholders: phrases(&policy.placeholders),
        nothing: policy.nothing,
        about: phrases(&policy.about),
        published: policy.published,
        public_prefixes: policy.public_prefixes,
        of_others: phrases(&policy.of_others),
    }))
}

impl Check for ReadDefault {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let shipped: BTreeSet<&str> =
            facts.images.iter().flat_map(|image| image.needs.iter().map(|path| &**path)).collect();
        let given = Given::of(facts);
        let judged = facts.env_reads.iter().filter(|read| {
            shipped.contains(&*read.at.path)
                && !tokens(&read.at.path).any(|word| word == "test" || word == "tests")
        });
        let fault = |read: &EnvRead| {
            let fault = self.fault(read, &given)?;
            let is_local = is_of_local_server(read, facts);
            Some(if is_local { fault.at_most(Severity::Info) } else { fault })
        };
        judged.filter_map(fault).collect()
    }
}

impl ReadDefault {
    fn fault(&self, read: &EnvRead, given: &Given<'_>) -> Option<Fault> {
        let default = read.default.as_deref()?.trim();
        let is_nothing = default.len() < 3 || self.nothing.contains(&default.to_ascii_lowercase());
        // `CLIENT_SECRET_DEVELOPMENT` is nobody's secret in a deployment.
        let is_local = named_by_words(&read.name).is_some_and(|name| !is_deployed(name))
            || read.within.as_deref().is_some_and(is_of_development);
        let words = words::tokens(&read.name);
        let is_about = self.about.iter().any(|phrase| phrase.ends(&words));
        if is_nothing
            || is_local
            || is_about
            || is_open_address(default)
            || is_path(default)
            || self.published.iter().any(|start| default.starts_with(start.as_str()))
            || self.public_prefixes.iter().any(|start| read.name.starts_with(start.as_str()))
            || self.is_stand_in_for_others(&words, default)
            || !redact::is_secret_name(&read.name)
            || default.parse::<f64>().is_ok()
        {
            return None;
        }
        let placeholder = self.placeholders.iter().any(|phrase| phrase.is_in(default));
        let what = if placeholder { "a placeholder" } else { "a literal that everybody with the code knows" };
        if given.everywhere(&read.name) {
            return None;
        }
        let message = format!(
            "where `{}` is not set, {what} takes its place and nothing fails: whoever has the code has the secret",
            read.name
        );
        Some(Fault::new(read.name.clone(), read.at.clone(), message).at_most(Severity::Warning))
    }

    /// Whether a value stands in for a key to somebody else's service, who refuses it: `OPENAI_API_KEY` is `custom`
    /// where a server of one's own asks for none.
    fn is_stand_in_for_others(&self, name: &[(usize, &str)], default: &str) -> bool {
        let own = |word: &&str| {
            ["admin", "app", "backend", "internal", "master", "server", "service"]
                .iter()
                .any(|own| word.eq_ignore_ascii_case(own))
        };
        let is_word = !default.contains(|letter: char| letter.is_ascii_digit());
        let names_another = self.of_others.iter().any(|phrase| phrase.ends(name))
            && name.len() > 2
            && !name.iter().any(|(_, word)| own(word));
        // Whoever sends mail proves itself to the server of a provider.
        let is_for_mail = || {
            let of_mail = |(_, word): &(usize, &str)| {
                ["email", "mail", "smtp"].iter().any(|mail| word.eq_ignore_ascii_case(mail))
            };
            name.iter().any(of_mail)
        };
        (names_another || is_for_mail()) && is_word
    }
}

/// Whether a password is that of a server whose host, read beside it, is by default one on the developer's machine or a
/// service of Compose: where neither is set, no deployment's secret is at stake. Not where a deployment names the host.
fn is_of_local_server(read: &EnvRead, facts: &Facts) -> bool {
    const PASSWORDS: &[&str] = &["PASS", "PASSWD", "PASSWORD", "PWD"];
    const HOSTS: &[&str] = &["ADDR", "ADDRESS", "HOST", "HOSTNAME", "SERVER"];
    let Some((server, _)) = read.name.rsplit_once('_').filter(|(_, last)| PASSWORDS.contains(last)) else {
        return false;
    };
    let is_host = |name: &str| {
        name.rsplit_once('_').is_some_and(|(start, last)| start == server && HOSTS.contains(&last))
    };
    let beside = facts.env_reads.iter().find(|other| other.at.path == read.at.path && is_host(&other.name));
    let Some((host, default)) = beside.and_then(|host| Some((&host.name, host.default.as_deref()?))) else {
        return false;
    };
    let is_local = matches!(default, "localhost" | "127.0.0.1" | "::1")
        || facts.compose_services.iter().any(|service| service.name == default);
    let is_named = facts.settings.iter().any(|setting| setting.key == *host && setting.scope.deployed)
        || facts.secrets.iter().any(|secret| secret.variable.as_ref() == Some(host));
    is_local && !is_named
}

/// Whether a class or a function is named as the configuration of an environment that is not deployed: `Development`,
/// `TestConfig`.
fn is_of_development(within: &str) -> bool {
    const OTHER: &[&str] = &["base", "config", "configuration", "env", "environment", "settings"];
    let of_one = |name: &str| {
        let words = camel_words(name);
        let is_local = |word: &String| canonical(word).is_some_and(|name| !is_deployed(name));
        words.iter().any(is_local)
            && words.iter().all(|word| is_local(word) || OTHER.contains(&word.to_ascii_lowercase().as_str()))
    };
    within.split('.').any(of_one)
}

/// The words of `TestConfig` and `local_settings`.
fn camel_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut begins = true;
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() {
            begins = true;
            continue;
        }
        match words.last_mut().filter(|_| !begins && !letter.is_ascii_uppercase()) {
            Some(word) => word.push(letter),
            None => words.push(letter.to_string()),
        }
        begins = false;
    }
    words
}

/// Whether a value is the path of a file: `secrets/keycloak.json`.
fn is_path(value: &str) -> bool {
    let ending = value.rsplit_once('/').and_then(|(_, name)| name.rsplit_once('.'));
    !value.contains("://")
        && ending.is_some_and(|(stem, ending)| {
            !stem.is_empty()
                && (2..=5).contains(&ending.len())
                && ending.bytes().all(|b| b.is_ascii_lowercase())
        })
}

/// Whether a value is an address without anything secret in it: no user, no query, no long part of a path.
fn is_open_address(value: &str) -> bool {
    const LONG: usize = 16;
    let Some((_, rest)) = value.split_once("://") else { return false };
    !rest.contains(['@', '?']) && rest.split('/').skip(1).all(|part| part.len() < LONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_may_be_of_development() {
        for (within, expected) in [
            ("Development", true),
            ("TestConfig", true),
            ("Settings.Local", true),
            ("LocalAuthBackend", false),
            ("Config", false),
            ("Contest", false),
        ] {
            assert_eq!(is_of_development(within), expected, "{within}");
        }
    }

    #[test]
    fn an_address_without_a_user_is_open() {
        assert!(is_open_address("redis://localhost:6379/0"));
        assert!(!is_open_address("redis://:pass@localhost"));
        assert!(!is_open_address("https://hooks.example.com/T0/abcdefghijklmnopqrst"));
        assert!(!is_open_address("hunter2"));
    }
}
