//! The team's configuration: `shipworthy.toml`, and those that it extends.
//!
//! What the file says wrong is not an error of the program: unknown names and entries that match nothing become
//! [`Note`]s, which the engine reports as findings; what cannot be understood becomes a blocking problem.

mod affix;
mod declared;
mod deploying;
mod entries;
mod load;
mod reader;
mod scope;
mod sections;
pub mod starter;
mod unmatched;
mod version;

use std::collections::BTreeMap;

use facts::{Declared, Problem};
use source::{Place, Tree};

pub use affix::Affix;
pub use deploying::keys;
pub use entries::{Entry, entries};
pub use scope::Scope;

use crate::{Date, Fault, Level, Pattern};

/// The name of the configuration file.
pub const FILE_NAME: &str = "shipworthy.toml";

/// What the configuration says. Without a file everything is empty.
#[derive(Debug, Default)]
pub struct Config {
    /// The configuration files that were read, the one at the root last.
    pub files: Vec<String>,
    /// `exclude`: files that are no primary place of a finding.
    pub exclude: Vec<Pattern>,
    /// `[environment.NAME]` by canonical name.
    pub environments: BTreeMap<String, Environment>,
    /// `[service.NAME]`.
    pub services: BTreeMap<String, Service>,
    /// `[secrets]`.
    pub secrets: Secrets,
    /// `[timeouts]`, in the order of the file.
    pub timeouts: Vec<TimeoutDemand>,
    /// `[rule.ID]`.
    pub rules: BTreeMap<String, RuleConfig>,
    /// `[[allow]]`, in the order of the file.
    pub allow: Vec<Allow>,
    /// `[[scope]]`, in the order of the file.
    pub scopes: Vec<Scope>,
    /// The environments that `[secrets]` and `[timeouts]` name, as written.
    pub named_environments: Vec<Written>,
    /// `[gate]` and `[target.*]`, as written: they are read by those who use them.
    pub other: toml::Table,
    /// What the configuration says wrong about itself.
    pub notes: Vec<Note>,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
}

/// `[environment.NAME]`.
#[derive(Debug, Default, Clone)]
pub struct Environment {
    /// Files that belong to it.
    pub files: Vec<Pattern>,
    /// Whether it is deployed; `None` leaves that to its name.
    pub deployed: Option<bool>,
    /// Hosts that belong to it.
    pub hosts: Vec<String>,
    /// What every deployment of it sets.
    pub variables: BTreeMap<String, String>,
}

/// `[service.NAME]`.
#[derive(Debug, Default, Clone)]
pub struct Service {
    /// The files of the service.
    pub paths: Vec<Pattern>,
    /// Its Dockerfile, relative to the root.
    pub dockerfile: Option<Written>,
    /// Its build context, relative to the root.
    pub context: Option<Written>,
    /// The builder's name.
    pub builder: Option<String>,
    /// `[service.NAME.deploy.ENVIRONMENT]` by canonical name.
    pub deploy: BTreeMap<String, Deploy>,
}

/// `[service.NAME.deploy.ENVIRONMENT]`.
#[derive(Debug, Default, Clone)]
pub struct Deploy {
    /// The variables it sets.
    pub variables: BTreeMap<String, String>,
    /// Whether nothing else is set.
    pub complete: bool,
    /// Where it answers.
    pub url: Option<String>,
}

/// A text of the configuration and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub at: Place,
}

/// `[secrets]`.
#[derive(Debug, Default, Clone)]
pub struct Secrets {
    /// How a secret's name carries its environment; `None` where nothing is declared.
    pub affix: Option<Affix>,
    /// The environments whose secrets carry it, by canonical name.
    pub environments: Vec<String>,
    /// Secrets that every such environment has, without affix.
    pub required: Vec<String>,
    /// Where they are listed.
    pub required_at: Option<Place>,
    /// Secrets that an environment may have, without affix.
    pub optional: Vec<String>,
}

/// One key of `[timeouts]`.
#[derive(Debug, Clone)]
pub struct TimeoutDemand {
    /// The key that is judged; letter case does not matter.
    pub key: String,
    /// The wanted number of seconds.
    pub equals: Option<f64>,
    /// The least number of seconds.
    pub at_least: Option<f64>,
    /// The greatest number of seconds.
    pub at_most: Option<f64>,
    /// The environments it holds in, by canonical name; empty means every deployed one.
    pub environments: Vec<String>,
    /// Where it is demanded.
    pub at: Place,
}

impl TimeoutDemand {
    /// Whether the demanded key is a setting's own, or its own with those of the maps around it: `health_check_timeout`
    /// for `health_check: {timeout: 10s}`.
    #[must_use]
    pub fn names(&self, name: &str, within: &[String]) -> bool {
        let joined = |key: &str| key.to_ascii_lowercase().replace(['-', '.'], "_");
        let (wanted, mut path) = (joined(&self.key), joined(name));
        let mut around = within.iter().rev();
        loop {
            if path == wanted {
                return true;
            }
            let Some(map) = around.next().filter(|_| path.len() < wanted.len()) else { return false };
            path = format!("{}_{path}", joined(map));
        }
    }
}

/// `[rule.ID]`.
#[derive(Debug, Clone)]
pub struct RuleConfig {
    /// The wanted severity.
    pub level: Option<Level>,
    /// Keys that replace those of the rule's policy, each with its place.
    pub policy: BTreeMap<String, (toml::Value, Place)>,
    /// Where the section names the rule.
    pub at: Place,
}

/// One `[[allow]]` entry.
#[derive(Debug, Clone)]
pub struct Allow {
    /// The rule whose findings are allowed, and where it is named.
    pub rule: Written,
    /// The files they may be in; every file where nothing is said.
    pub path: Option<Pattern>,
    /// The subject they must have; any where nothing is said.
    pub subject: Option<String>,
    /// Why they are allowed; empty where nothing is said.
    pub reason: String,
    /// The last day on which they are allowed.
    pub until: Option<Date>,
}

/// A finding on the configuration or on a suppression, found by the engine itself and not by a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The rule that explains it.
    pub rule: &'static str,
    /// What is wrong.
    pub fault: Fault,
}

impl Config {
    /// The configuration of a repository; the default where there is no file.
    #[must_use]
    pub fn load(tree: &dyn Tree) -> Self {
        load::load(tree)
    }

    /// What the collection of facts needs to know.
    #[must_use]
    pub fn declared(&self) -> Declared {
        declared::of(self)
    }

    /// The severity that is wished for a rule's findings in the file at `path`: by the innermost scope around it that
    /// names the rule, else by `[rule.ID]`; `None` where nothing is said.
    #[must_use]
    pub fn level(&self, rule: &str, path: &str) -> Option<Level> {
        let scoped = scope::level(&self.scopes, rule, path);
        scoped.or_else(|| self.rules.get(rule).and_then(|configured| configured.level))
    }

    /// Whether findings in the file at `path` are not wanted.
    #[must_use]
    pub fn excludes(&self, path: &str) -> bool {
        self.exclude.iter().any(|pattern| pattern.matches(path))
    }
}

pub(crate) use unmatched::notes as unmatched_notes;

#[cfg(test)]
mod tests;
