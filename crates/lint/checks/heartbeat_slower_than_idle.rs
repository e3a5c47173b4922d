//! Heartbeats that come after the connection was given up.

use std::collections::BTreeMap;

use facts::{Facts, Setting};
use serde::Deserialize;
use source::{Place, tokens};

use super::support::settings;
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// Words of a key whose interval keeps a connection alive: `heartbeat`.
    #[serde(default)]
    heartbeats: Vec<String>,
    /// Words of a key whose timeout ends a connection that is silent: `idle`.
    #[serde(default)]
    limits: Vec<String>,
}

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(table)?))
}

/// Settings that one program is given in one place, and the words that their keys begin with.
type Family<'f> = (&'f str, Option<&'f str>, Option<&'f str>, &'f [String], Vec<String>);

#[derive(Default)]
struct Pair<'f> {
    interval: Option<&'f Setting>,
    limits: Vec<&'f Setting>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut families: BTreeMap<Family<'_>, Pair<'_>> = BTreeMap::new();
        for setting in facts.settings.iter().filter(|setting| settings::is_deployed_value(setting)) {
            let words: Vec<String> = tokens(&setting.key).collect();
            let ends = |last: &str| words.iter().any(|word| word == last);
            let start = |names: &[String]| {
                let at = words.iter().position(|word| names.contains(word))?;
                words.get(..at).map(<[String]>::to_vec)
            };
            let family = |prefix| {
                let scope = &setting.scope;
                (
                    &*setting.at.path,
                    scope.environment.as_deref(),
                    scope.service.as_deref(),
                    setting.within.as_slice(),
                    prefix,
                )
            };
            if ends("interval") {
                if let Some(prefix) = start(&self.heartbeats) {
                    families.entry(family(prefix)).or_default().interval = Some(setting);
                }
            } else if ends("timeout")
                && let Some(prefix) = start(&self.limits)
            {
                families.entry(family(prefix)).or_default().limits.push(setting);
            }
        }
        families.into_values().filter_map(|pair| fault(&pair)).collect()
    }
}

fn fault(pair: &Pair<'_>) -> Option<Fault> {
    let interval = pair.interval?;
    let (every, limit, at) = pair.limits.iter().find_map(|limit| slower(interval, limit))?;
    let message = format!(
        "`{}` sends a heartbeat every {every}, and `{}` closes a connection that is idle for {}: healthy \
        connections are dropped",
        interval.key, limit.key, limit.value
    );
    Some(
        Fault::new(settings::subject(interval), interval.at.clone(), message)
            .because(at.clone(), "the connection is given up after this time")
            .in_environment(interval.scope.environment.as_deref()),
    )
}

/// The interval where it is not shorter than the limit; both in one unit, whichever it is.
fn slower<'f>(interval: &'f Setting, limit: &'f Setting) -> Option<(&'f str, &'f Setting, &'f Place)> {
    let of = |setting: &Setting| {
        facts::duration::seconds(&setting.key, &setting.value, None)
            .map(|seconds| (seconds, true))
            .or_else(|| Some((setting.value.trim().parse::<f64>().ok()?, false)))
    };
    let ((every, known), (after, other_known)) = (of(interval)?, of(limit)?);
    (known == other_known && after > 0.0 && every >= after).then_some((
        interval.value.as_str(),
        limit,
        &limit.at,
    ))
}
