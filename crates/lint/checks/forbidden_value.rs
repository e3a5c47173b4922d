//! Values that must not reach a deployed environment: placeholders, loopback hosts, switches for debugging.

mod destination;
mod fix;
mod policy;

use std::collections::BTreeSet;

use facts::{Facts, Role, Setting};
use source::{Place, Span, redact};

use self::policy::{Found, Policy};
use super::settings;
use crate::check::{Check, CheckContext};
use crate::config::Service;
use crate::{Fault, Severity};

/// See [`Policy`] for what is forbidden.
struct ForbiddenValue {
    policy: Policy,
    /// The declared services, whose addresses a fix may offer.
    services: Vec<(String, Service)>,
}

pub(super) fn build(policy: &toml::Table, context: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let services = context.config.services.iter().map(|(name, service)| (name.clone(), service.clone()));
    Ok(Box::new(ForbiddenValue { policy: Policy::read(policy)?, services: services.collect() }))
}

impl Check for ForbiddenValue {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let known: BTreeSet<&str> = facts.settings.iter().map(|setting| setting.key.as_str()).collect();
        let judged = facts.settings.iter().filter(|setting| is_judged(setting));
        judged.filter_map(|setting| self.fault(setting, &known)).collect()
    }
}

/// Whether the value reaches a deployed environment as it stands.
fn is_judged(setting: &Setting) -> bool {
    setting.scope.deployed && setting.role == Role::Value && !setting.is_template
}

impl ForbiddenValue {
    fn fault(&self, setting: &Setting, known: &BTreeSet<&str>) -> Option<Fault> {
        let found = self.policy.find(setting)?;
        let condition = fallback_of(&setting.value, found.range.start);
        // A fallback does not count where the variable is set; where nobody reads it, the value is no value at all.
        if condition.is_some_and(|variable| known.contains(variable) || !setting.expands_variables) {
            return None;
        }
        let environment = setting.scope.environment.as_deref();
        let mut message = self.policy.message(&setting.key, &found, environment);
        if let Some(variable) = condition {
            message.push_str(&format!(", unless `{variable}` is set"));
        }
        let mut fault = Fault::new(settings::subject(setting), place(setting, &found), message)
            .in_environment(environment);
        fault.severity = self.consequence(environment.is_some(), condition.is_some());
        fault.fix = fix::known_address(setting, &found, &self.services);
        Some(fault)
    }

    fn consequence(&self, environment_is_known: bool, is_fallback: bool) -> Option<Severity> {
        let unknown = (!environment_is_known).then_some(self.policy.unknown_environment).flatten();
        if is_fallback {
            Some(unknown.map_or(Severity::Warning, |severity| severity.min(Severity::Warning)))
        } else {
            unknown
        }
    }
}

/// The place of what was found; that of the whole value where it is written in another way than it is read.
fn place(setting: &Setting, found: &Found) -> Place {
    let whole = &setting.at;
    let is_verbatim = whole.span.len() == setting.value.len() && !setting.value.contains('\n');
    // A secret's value may be shown masked as a whole, so that a part of it has no place of its own.
    if !is_verbatim || redact::is_secret_name(&setting.key) {
        return whole.clone();
    }
    let span = Span::new(found.range.start, found.range.end).shifted(whole.span.start);
    Place { span, ..whole.clone() }
}

/// The variable whose `${VARIABLE:-fallback}` holds the byte at `offset`.
fn fallback_of(value: &str, offset: usize) -> Option<&str> {
    let open = value.get(..offset)?.rfind("${")?;
    let inside = value.get(open + 2..)?;
    let closes = inside.find('}')? + open + 2;
    let (name, _) = inside.split_once('-')?;
    (offset < closes).then_some(name.trim_end_matches(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fallback_knows_its_variable() {
        assert_eq!(fallback_of("${API_URL:-http://localhost}", 12), Some("API_URL"));
        assert_eq!(fallback_of("${API_URL}/http://localhost", 12), None);
        assert_eq!(fallback_of("http://localhost", 7), None);
    }
}
