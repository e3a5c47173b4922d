//! Configuration that is weaker than on the protected branch: whoever could loosen the gate in the same change that it
//! judges would not need to pass it.

use std::collections::{BTreeMap, BTreeSet};

use source::{LineColumn, Place};
use toml::Value;

use crate::config::{Config, FILE_NAME};
use crate::{Finding, Level, Location, Severity, fingerprint};

/// The name under which such findings are reported; it can never be overridden.
pub(super) const RULE: &str = "gate-weaker-than-protected";

/// What `now` allows that `before` does not.
pub(super) fn findings(now: &Config, before: &Config, target: &str) -> Vec<Finding> {
    let mut weaker = Vec::new();
    rules(now, before, &mut weaker);
    scoped(now, before, &mut weaker);
    excluded(now, before, &mut weaker);
    allowed(now, before, &mut weaker);
    tables("gate", now.other.get("gate"), before.other.get("gate"), &mut weaker);
    let of_target = |config: &'_ Config| config.other.get("target").and_then(|all| all.get(target)).cloned();
    if let Some(before) = of_target(before) {
        tables(&format!("target.{target}"), of_target(now).as_ref(), Some(&before), &mut weaker);
    }
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

fn rules(now: &Config, before: &Config, weaker: &mut Vec<Weaker>) {
    for (id, rule) in &now.rules {
        let known = before.rules.get(id);
        let lowered = match (rule.level, known.and_then(|known| known.level)) {
            (None, _) => false,
            (Some(level), Some(was)) => rank(level) < rank(was),
            // Without a level the rule has that of its file, and only an error is at least as grave.
            (Some(level), None) => rank(level) < rank(Level::On(Severity::Error)),
        };
        let same = |(key, (value, _)): (&String, &(Value, Place))| {
            known.and_then(|known| known.policy.get(key)).is_some_and(|(was, _)| was == value)
        };
        if lowered || !rule.policy.iter().all(same) {
            weaker.push((
                format!("rule.{id}"),
                rule.at.clone(),
                format!("`[rule.{id}]` asks for less, or for something else"),
            ));
        }
    }
    let dropped = before.rules.iter().filter(|(id, _)| !now.rules.contains_key(*id));
    for (id, _) in dropped {
        weaker.push((format!("rule.{id}"), Place::file(FILE_NAME), format!("`[rule.{id}]` is gone")));
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

fn rank(level: Level) -> u8 {
    match level {
        Level::Off => 0,
        Level::On(Severity::Info) => 1,
        Level::On(Severity::Warning) => 2,
        Level::On(Severity::Error) => 3,
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

/// Keys that are gone or have another value. New keys ask for more, but for those that let something through.
fn tables(name: &str, now: Option<&Value>, before: Option<&Value>, weaker: &mut Vec<Weaker>) {
    const LOOSEN: &[&str] = &["allow_dirty", "baseline", "scope", "fail_on", "max_age", "pass_env"];
    let mut tell = |key: &str, what: &str| {
        weaker.push((
            format!("{name}.{key}"),
            Place::file(FILE_NAME),
            format!("`{key}` of `[{name}]` {what}"),
        ));
    };
    let empty = toml::Table::new();
    let now = now.and_then(Value::as_table).unwrap_or(&empty);
    let before = before.and_then(Value::as_table).unwrap_or(&empty);
    for (key, was) in before {
        match now.get(key) {
            None => tell(key, "is gone"),
            Some(is) if is != was => tell(key, "has another value"),
            Some(_) => {}
        }
    }
    for key in now.keys().filter(|key| LOOSEN.contains(&key.as_str()) && !before.contains_key(*key)) {
        tell(key, "is new");
    }
}
