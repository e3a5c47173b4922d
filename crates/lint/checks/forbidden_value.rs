//! Values that must not reach a deployed environment: placeholders, loopback hosts, switches for debugging.

mod fix;
mod policy;

use std::cell::LazyCell;
use std::collections::BTreeSet;

use facts::{Facts, Setting, SettingSource};
use source::{Place, Span, redact};

use self::policy::{Found, Policy};
use super::support::settings;
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
        let known = LazyCell::new(|| given(facts));
        let judged = facts.settings.iter().filter(|setting| settings::is_deployed_value(setting));
        judged.filter_map(|setting| self.fault(setting, &known, facts)).collect()
    }
}

impl ForbiddenValue {
    /// `known`: the variables that are given a value, asked for where one decides only.
    fn fault<'f>(
        &self,
        setting: &Setting,
        known: &LazyCell<BTreeSet<&'f str>, impl FnOnce() -> BTreeSet<&'f str>>,
        facts: &Facts,
    ) -> Option<Fault> {
        let found = self.policy.find(setting)?;
        // On a machine without containers this is where the other programs are.
        let is_of_host = facts.runs_on_host && setting.source == SettingSource::EnvFile;
        if is_of_host && self.policy.is_of_hosts() && !self.policy.is_for_browsers(&setting.key) {
            return None;
        }
        // The default of an image for the machine that a developer runs it on; who deploys it sets another.
        if setting.source == SettingSource::DockerfileEnv && found.says.contains("docker.internal") {
            return None;
        }
        let condition = match part(&setting.value, found.range.start) {
            Part::Literal => None,
            // A reference is no value yet; one that nobody replaces is another rule's fault.
            Part::Name => return None,
            Part::Fallback(variable) if !setting.expands_variables || known.contains(variable) => {
                return None;
            }
            Part::Fallback(variable) => Some(variable),
        };
        let environment = setting.scope.environment.as_deref();
        let mut message = self.policy.message(&setting.key, &found, environment);
        if let Some(variable) = condition {
            message.extend([", unless `", variable, "` is set"]);
        }
        let mut fault = Fault::new(settings::subject(setting), place(setting, &found), message)
            .in_environment(environment);
        // What a step reads may do for the step, which only needs some value.
        let is_of_steps = setting.source == SettingSource::Workflow;
        let is_for_users =
            self.policy.is_for_browsers(&setting.key) || self.policy.is_own_address(&setting.key);
        let here = is_for_users.then(|| published(setting, &found, facts));
        let is_conditional = condition.is_some()
            || found.is_doubtful
            || is_of_steps
            || here.flatten().is_some()
            || self.policy.has_tunnel(setting, facts);
        fault.severity = self.consequence(environment.is_some(), is_conditional);
        // What a bundler has written into files stays there.
        let is_default = !self.policy.is_for_browsers(&setting.key) && is_default_of_image(setting, facts);
        if self.policy.is_of_hosts() && (is_default || is_for_nomad(setting, facts)) {
            fault.severity = Some(Severity::Info);
        }
        fault.fix = fix::known_address(setting, &found, &self.services);
        Some(match here.flatten() {
            Some(at) => fault.because(
                at.clone(),
                "this publishes the port, so that it works for a browser on the same machine alone",
            ),
            None => fault,
        })
    }

    fn consequence(&self, environment_is_known: bool, is_conditional: bool) -> Option<Severity> {
        let unknown = (!environment_is_known).then_some(self.policy.unknown_environment).flatten();
        if is_conditional {
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

/// Whether a variable of an image is only what holds where nobody gives one, and something of the repository that runs it
/// does.
fn is_default_of_image(setting: &Setting, facts: &Facts) -> bool {
    let runs = |source: SettingSource| {
        matches!(
            source,
            SettingSource::Compose | SettingSource::EnvFile | SettingSource::Yaml | SettingSource::Terraform
        )
    };
    setting.source == SettingSource::DockerfileEnv
        && setting.scope.environment.is_none()
        && facts.settings.iter().any(|other| other.key == setting.key && runs(other.source))
}

/// Whether a value of Terraform is for jobs of Nomad, which share the network of the machine that they run on.
fn is_for_nomad(setting: &Setting, facts: &Facts) -> bool {
    setting.source == SettingSource::Terraform
        && facts
            .modules
            .iter()
            .flat_map(|module| &module.resources)
            .any(|resource| resource.kind == "nomad_job")
}

/// Where the Compose file of a setting publishes the port that the value asks on the machine itself.
fn published<'f>(setting: &Setting, found: &Found, facts: &'f Facts) -> Option<&'f Place> {
    let after = setting.value.get(found.range.end..)?.trim_start_matches(']');
    let digits = after.strip_prefix(':')?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let port: u16 = digits.get(..end)?.parse().ok()?;
    let services = facts.compose_services.iter().filter(|service| service.at.path == setting.at.path);
    let mut ports = services.flat_map(|service| &service.ports);
    ports.find(|published| published.host == Some(port)).map(|published| &published.at)
}

/// The variables that a deployed file gives a value of its own; one that hands a variable on gives none.
fn given(facts: &Facts) -> BTreeSet<&str> {
    let hands_on = |setting: &Setting| setting.value.contains(&format!("${{{}", setting.key));
    let given = facts.settings.iter().filter(|setting| setting.scope.deployed && !hands_on(setting));
    given.map(|setting| setting.key.as_str()).collect()
}

/// What a byte of a value belongs to.
#[derive(Debug, PartialEq, Eq)]
enum Part<'v> {
    /// The value itself.
    Literal,
    /// The name of a variable, or the message for its absence.
    Name,
    /// The fallback of this variable: `${VARIABLE:-fallback}`.
    Fallback(&'v str),
}

fn part(value: &str, offset: usize) -> Part<'_> {
    let open = value.get(..offset).and_then(|before| before.rfind("${"));
    let Some(inside) = open.and_then(|open| value.get(open + 2..)) else { return Part::Literal };
    let before = inside.len() - (value.len() - offset);
    if inside.get(..before).is_none_or(|before| before.contains('}')) {
        return Part::Literal;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name_end = inside.find(|c: char| !is_name(c)).unwrap_or(inside.len());
    let (name, rest) = inside.split_at(name_end);
    let has_fallback = rest.strip_prefix(':').unwrap_or(rest).starts_with('-');
    if has_fallback && before > name_end { Part::Fallback(name) } else { Part::Name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fallback_knows_its_variable() {
        let at = |value: &'static str, found: &str| part(value, value.find(found).unwrap());
        assert_eq!(at("${API_URL:-http://localhost}", "localhost"), Part::Fallback("API_URL"));
        assert_eq!(at("${API_URL-localhost}", "localhost"), Part::Fallback("API_URL"));
        assert_eq!(at("${API_URL}/localhost", "localhost"), Part::Literal);
        assert_eq!(at("localhost/${API_URL}", "localhost"), Part::Literal);
        assert_eq!(at("${PLACEHOLDER:?set it}", "PLACEHOLDER"), Part::Name);
        assert_eq!(at("${A:?no placeholder}", "placeholder"), Part::Name);
    }
}
