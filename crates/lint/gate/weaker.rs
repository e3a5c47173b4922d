//! Configuration that is weaker than on the protected branch: whoever could loosen the gate in the same change that it
//! judges would not need to pass it.

mod declared;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use source::{LineColumn, Place};

use crate::config::{Config, FILE_NAME, RuleConfig};
use crate::{Finding, Level, Location, Registry, Severity, fingerprint};

/// The name under which such findings are reported; it can never be overridden.
pub(super) const RULE: &str = "gate-weaker-than-protected";

/// What a tree is judged by.
#[derive(Clone, Copy)]
pub(super) struct Policy<'p> {
    pub(super) config: &'p Config,
    pub(super) registry: &'p Registry,
}

/// What `now` allows that `before` does not.
pub(super) fn findings(now: Policy<'_>, before: Policy<'_>, target: &str) -> Vec<Finding> {
    let mut weaker = Vec::new();
    rules(now, before, &mut weaker);
    declared::team_rules(now.registry, before.registry, &mut weaker);
    let (now, before) = (now.config, before.config);
    scoped(now, before, &mut weaker);
    excluded(now, before, &mut weaker);
    allowed(now, before, &mut weaker);
    declared::environments(now, before, &mut weaker);
    declared::timeouts(now, before, &mut weaker);
    declared::secrets(now, before, &mut weaker);
    tables::gate(now, before, &mut weaker);
    tables::target(now, before, target, &mut weaker);
    weaker.into_iter().map(|(subject, at, message)| finding(subject, at, &message)).collect()
}

type Weaker = (String, Place, String);

/// Something that is weaker.
pub(super) fn finding(subject: String, place: Place, message: &str) -> Finding {
    let start = LineColumn { line: place.line, column: 1 };
    Finding {
        rule: RULE.to_owned(),
        severity: Severity::Error,
        fingerprint: fingerprint(RULE, &place.path, &subject),
        at: Location { place, start, end: start },
        message: format!("{message}; the gate is changed on the protected branch first"),
        subject,
        environment: None,
        because: Vec::new(),
        fix: None,
    }
}

fn rules(now: Policy<'_>, before: Policy<'_>, weaker: &mut Vec<Weaker>) {
    let ids: BTreeSet<&String> = now.config.rules.keys().chain(before.config.rules.keys()).collect();
    for id in ids {
        let (is, was) = (now.config.rules.get(id), before.config.rules.get(id));
        let policy = |rule: Option<&RuleConfig>| -> BTreeMap<String, toml::Value> {
            let keys = rule.map(|rule| rule.policy.clone()).unwrap_or_default();
            keys.into_iter().map(|(key, (value, _))| (key, value)).collect()
        };
        // What a key of a policy asks for is for its check to know, so another value may ask for less.
        if rank(now, id) < rank(before, id) || policy(is) != policy(was) {
            let at = is.map_or_else(|| Place::file(FILE_NAME), |rule| rule.at.clone());
            let message = format!("`[rule.{id}]` asks for less, or for something else");
            weaker.push((format!("rule.{id}"), at, message));
        }
    }
}

/// How grave a rule's findings are in the whole repository: as configured, else as its file says.
fn rank(policy: Policy<'_>, id: &str) -> u8 {
    let configured = policy.config.rules.get(id).and_then(|rule| rule.level);
    let own = || policy.registry.get(id).map_or(Severity::Error, |rule| rule.head.severity);
    match configured.unwrap_or_else(|| Level::On(own())) {
        Level::Off => 0,
        Level::On(Severity::Info) => 1,
        Level::On(Severity::Warning) => 2,
        Level::On(Severity::Error) => 3,
    }
}

/// Severities of a part of the repository. Each that is not on the protected branch as it stands may ask for less.
fn scoped(now: &Config, before: &Config, weaker: &mut Vec<Weaker>) {
    let levels = |config: &Config| -> BTreeMap<(String, String), (Level, Place)> {
        let of_scope = |scope: &crate::config::Scope| {
            let path = scope.path.text.clone();
            scope.rules.clone().into_iter().map(move |(id, found)| ((path.clone(), id), found))
        };
        config.scopes.iter().flat_map(of_scope).collect()
    };
    let (now, before) = (levels(now), levels(before));
    for ((path, id), (level, at)) in &now {
        if before.get(&(path.clone(), id.clone())).is_none_or(|(was, _)| was != level) {
            let message = format!("`[scope.rule.{id}]` of `{path}` is new or another");
            weaker.push((format!("scope {path} {id}"), at.clone(), message));
        }
    }
    for (path, id) in before.keys().filter(|key| !now.contains_key(*key)) {
        let message = format!("`[scope.rule.{id}]` of `{path}` is gone");
        weaker.push((format!("scope {path} {id}"), Place::file(FILE_NAME), message));
    }
}

fn excluded(now: &Config, before: &Config, weaker: &mut Vec<Weaker>) {
    let known: BTreeSet<&str> = before.exclude.iter().map(|pattern| pattern.text.as_str()).collect();
    for pattern in now.exclude.iter().filter(|pattern| !known.contains(pattern.text.as_str())) {
        let message = format!("`exclude` names `{}` as well", pattern.text);
        weaker.push((format!("exclude {}", pattern.text), pattern.at.clone(), message));
    }
}

fn allowed(now: &Config, before: &Config, weaker: &mut Vec<Weaker>) {
    let identity = |allow: &crate::config::Allow| {
        let path = allow.path.as_ref().map(|pattern| pattern.text.clone());
        (allow.rule.text.clone(), path, allow.subject.clone(), allow.until)
    };
    let known: BTreeSet<_> = before.allow.iter().map(identity).collect();
    for allow in now.allow.iter().filter(|allow| !known.contains(&identity(allow))) {
        let message = format!("an `[[allow]]` of `{}` is new or lasts longer", allow.rule.text);
        weaker.push((format!("allow {}", allow.rule.text), allow.rule.at.clone(), message));
    }
}
