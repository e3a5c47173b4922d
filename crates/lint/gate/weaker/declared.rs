//! What the configuration declares of the repository, where less of it means that less is found.

use std::collections::BTreeMap;

use source::Place;

use super::Weaker;
use crate::config::{Config, Environment, FILE_NAME, TimeoutDemand};
use crate::{Pattern, Registry};

/// A team's own rule that is gone or reads otherwise. The built-in ones come with the program, whose version is in the
/// digest of the policy.
pub(super) fn team_rules(now: &Registry, before: &Registry, weaker: &mut Vec<Weaker>) {
    for was in before.team_rules() {
        let id = was.id();
        let what = match now.get(id) {
            None => "is gone",
            Some(is) if is.text != was.text => "reads otherwise",
            Some(_) => continue,
        };
        let message = format!("the team's rule `{id}` {what}");
        weaker.push((format!("team rule {id}"), Place::file(&was.path), message));
    }
}

/// An environment decides which values are judged, and what they may be.
pub(super) fn environments(now: &Config, before: &Config, weaker: &mut Vec<Weaker>) {
    let texts =
        |patterns: &[Pattern]| -> Vec<String> { patterns.iter().map(|one| one.text.clone()).collect() };
    let same = |one: &Environment, other: &Environment| {
        texts(&one.files) == texts(&other.files)
            && (one.deployed, &one.hosts, &one.variables) == (other.deployed, &other.hosts, &other.variables)
    };
    let mut tell = |name: &str, what: &str| {
        let message = format!("`[environment.{name}]` {what}");
        weaker.push((format!("environment.{name}"), Place::file(FILE_NAME), message));
    };
    for (name, was) in &before.environments {
        match now.environments.get(name) {
            None => tell(name, "is gone"),
            Some(is) if !same(is, was) => tell(name, "is another"),
            Some(_) => {}
        }
    }
    for (name, is) in now.environments.iter().filter(|(name, _)| !before.environments.contains_key(*name)) {
        // It can take files away from the others, or from all that is deployed.
        if !is.files.is_empty() || is.deployed == Some(false) {
            tell(name, "is new, and claims files or is not deployed");
        }
    }
}

/// Demands on lengths of time that are not made any more.
pub(super) fn timeouts(now: &Config, before: &Config, weaker: &mut Vec<Weaker>) {
    let same = |one: &TimeoutDemand, other: &TimeoutDemand| {
        (&one.key, one.equals, one.at_least, one.at_most, &one.environments)
            == (&other.key, other.equals, other.at_least, other.at_most, &other.environments)
    };
    let gone = before.timeouts.iter().filter(|was| !now.timeouts.iter().any(|is| same(is, was)));
    for was in gone {
        let message = format!("`{}` of `[timeouts]` is gone or has another value", was.key);
        weaker.push((format!("timeouts.{}", was.key), Place::file(FILE_NAME), message));
    }
}

/// Secrets that need not be there any more, or may have another name.
pub(super) fn secrets(now: &Config, before: &Config, weaker: &mut Vec<Weaker>) {
    let (now, before) = (&now.secrets, &before.secrets);
    let lacks = |is: &[String], was: &[String]| was.iter().any(|name| !is.contains(name));
    let loosened = BTreeMap::from([
        ("affix", before.affix.is_some() && now.affix != before.affix),
        ("environments", lacks(&now.environments, &before.environments)),
        ("required", lacks(&now.required, &before.required)),
        ("optional", lacks(&before.optional, &now.optional)),
    ]);
    for key in loosened.into_iter().filter_map(|(key, is)| is.then_some(key)) {
        let message = format!("`{key}` of `[secrets]` asks for less, or for something else");
        weaker.push((format!("secrets.{key}"), Place::file(FILE_NAME), message));
    }
}
