//! Values that their reader cannot read: a port with letters, a project number that is a name.

use facts::{Facts, Role, Setting, SettingSource};
use serde::Deserialize;
use source::tokens;

use super::support::settings;
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    format: Vec<Format>,
}

/// A form that the values of some variables have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Format {
    /// The last words of the variables' names; one of these lists.
    names: Vec<Vec<String>>,
    /// What the value is read as.
    reads: Reads,
    /// What the value is, for people.
    says: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reads {
    /// A number from 1 to 65535.
    Port,
    /// Digits alone.
    Digits,
    /// A URL; only its port is judged.
    Url,
}

impl Reads {
    /// How grave it is that a value is read so; `None` where it may be right.
    fn refuses(self, value: &str) -> Option<Severity> {
        let all = |is: fn(&u8) -> bool| value.as_bytes().iter().all(is);
        match self {
            Self::Port if all(u8::is_ascii_digit) => {
                // Servers take 0 for "any", or for "none".
                value.parse::<u16>().is_err().then_some(Severity::Error)
            }
            Self::Port => unlike_a_port(value),
            Self::Digits => (!all(u8::is_ascii_digit)).then_some(Severity::Error),
            Self::Url => has_impossible_port(value).then_some(Severity::Error),
        }
    }
}

/// A name where a port is read. Much else is right to its own reader: `0.0.0.0:4317`, `:9411`, `tcp://10.0.0.1:5432`,
/// `/dev/ttyUSB0`, `30000-30010`, `8080/tcp`, and a word that switches something.
fn unlike_a_port(value: &str) -> Option<Severity> {
    const SWITCHES: &[&str] = &[
        "true", "false", "on", "off", "yes", "no", "none", "null", "nil", "auto", "any", "random", "dynamic",
        "default", "disabled", "enabled", "disable", "enable", "all",
    ];
    // A digit that became a letter: `33O6`.
    let is_misspelt = value.starts_with(|first: char| first.is_ascii_digit())
        && value.len() <= 6
        && !value.starts_with("0x")
        && value.chars().all(|letter| letter.is_ascii_alphanumeric());
    if is_misspelt {
        return Some(Severity::Error);
    }
    let is_name = value.starts_with(|first: char| first.is_ascii_alphabetic())
        && value.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    if !is_name || SWITCHES.contains(&value.to_ascii_lowercase().as_str()) {
        return None;
    }
    // One word may be the name of a service or of a device: `http`, `COM3`.
    Some(if value.contains(['-', '_']) { Severity::Error } else { Severity::Warning })
}

/// Whether a URL's port is a number that no port is. Source: RFC 3986, section 3.2, and RFC 9293, section 3.1: 16 bits.
fn has_impossible_port(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.rsplit('@').next().unwrap_or("");
    // Brackets hold an address with colons of its own.
    let Some((_, port)) = host.rsplit_once(':').filter(|(_, port)| !port.contains(']')) else { return false };
    let is_number = port.len() > 1 && port.bytes().all(|byte| byte.is_ascii_digit());
    scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+')
        && is_number
        && port.parse::<u16>().is_err()
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts.settings.iter().filter(|setting| is_variable(setting));
        let deployed = judged.filter_map(|setting| self.fault(setting));
        deployed.chain(facts.settings.iter().filter_map(|setting| self.of_network(setting, facts))).collect()
    }
}

fn is_variable(setting: &Setting) -> bool {
    let is_variable = match setting.source {
        SettingSource::EnvFile
        | SettingSource::Compose
        | SettingSource::Script
        | SettingSource::DockerfileEnv => true,
        SettingSource::Yaml | SettingSource::Terraform => {
            setting.within.last().is_some_and(|map| map.starts_with("env"))
        }
        _ => false,
    };
    is_variable && settings::is_deployed_value(setting)
}

/// Whether the value is given beside a host: `DB_PORT` or `DB_HOST_PORT` beside `DB_HOST`. What a port is for is then told,
/// in every environment.
fn is_beside_host(setting: &Setting, facts: &Facts) -> bool {
    let Some(stem) = setting.key.strip_suffix("_PORT") else { return false };
    let host = if stem.ends_with("_HOST") { stem.to_owned() } else { format!("{stem}_HOST") };
    facts
        .settings_in(&setting.at.path)
        .iter()
        .any(|other| other.key == host && other.within == setting.within)
}

impl Policy {
    /// The fault of a variable of a Compose file that nothing is known to deploy.
    fn of_network(&self, setting: &Setting, facts: &Facts) -> Option<Fault> {
        let is_judged = setting.source == SettingSource::Compose
            && !setting.scope.deployed
            && setting.role == Role::Value
            && !setting.is_template
            && setting.within.last().is_some_and(|map| map.starts_with("env"))
            && is_beside_host(setting, facts);
        is_judged.then(|| self.fault(setting)).flatten().map(|fault| fault.at_most(Severity::Warning))
    }

    fn fault(&self, setting: &Setting) -> Option<Fault> {
        let value = setting.value.trim();
        // What is empty, filled in later or a list is no value of this form to begin with.
        if value.is_empty() || value.contains(['$', '{', '<', ',']) {
            return None;
        }
        let words: Vec<String> = tokens(&setting.key).collect();
        let named = self.format.iter().filter(|format| format.names.iter().any(|name| words.ends_with(name)));
        let mut refused = named.filter_map(|format| Some((format, format.reads.refuses(value)?)));
        let (format, severity) = refused.next()?;
        let consequence = match format.reads {
            Reads::Url => "whoever connects to it is refused before any connection",
            Reads::Port | Reads::Digits => "whoever reads it as a number fails when it starts",
        };
        let message = format!("`{}` is {}, and its value is none: {consequence}", setting.key, format.says);
        let environment = setting.scope.environment.as_deref();
        let fault =
            Fault::new(settings::subject(setting), setting.at.clone(), message).in_environment(environment);
        Some(fault.at_most(if environment.is_some() { severity } else { Severity::Warning }))
    }
}
