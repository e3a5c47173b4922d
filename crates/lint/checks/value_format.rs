//! Values that their reader cannot read: a port with letters, a project number that is a name.

use facts::{Facts, Setting, SettingSource};
use serde::Deserialize;
use source::tokens;

use super::settings;
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
}

impl Reads {
    fn accepts(self, value: &str) -> bool {
        match self {
            Self::Port => value.parse::<u16>().is_ok_and(|port| port > 0),
            Self::Digits => value.bytes().all(|byte| byte.is_ascii_digit()),
        }
    }
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts.settings.iter().filter(|setting| is_variable(setting));
        judged.filter_map(|setting| self.fault(setting)).collect()
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

impl Policy {
    fn fault(&self, setting: &Setting) -> Option<Fault> {
        let value = setting.value.trim();
        // What is empty, filled in later or a list is no value of this form to begin with.
        if value.is_empty() || value.contains(['$', '{', '<', ',']) {
            return None;
        }
        let words: Vec<String> = tokens(&setting.key).collect();
        let format = self.format.iter().find(|format| {
            format.names.iter().any(|name| words.ends_with(name)) && !format.reads.accepts(value)
        })?;
        let message = format!(
            "`{}` is {}, and its value is none: whoever reads it as a number fails when it starts",
            setting.key, format.says
        );
        let environment = setting.scope.environment.as_deref();
        let fault =
            Fault::new(settings::subject(setting), setting.at.clone(), message).in_environment(environment);
        Some(if environment.is_some() { fault } else { fault.at_most(Severity::Warning) })
    }
}
