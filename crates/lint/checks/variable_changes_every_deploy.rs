//! Values that a deploy script makes anew each time it runs.

use facts::{Facts, Setting, SettingSource};
use serde::Deserialize;
use source::tokens;

use super::support::settings;
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Calls that give another answer each time.
    calls: Vec<String>,
    /// Words of a name whose value is meant to change with each deployment.
    except_words: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let worked_out = facts.settings.iter().filter(|setting| {
            setting.source == SettingSource::Script && setting.scope.deployed && setting.is_template
        });
        worked_out.filter_map(|setting| self.fault(setting)).collect()
    }
}

impl Policy {
    fn fault(&self, setting: &Setting) -> Option<Fault> {
        if tokens(&setting.key).any(|word| self.except_words.contains(&word)) {
            return None;
        }
        let call = self.calls.iter().find(|call| setting.raw.contains(call.as_str()))?;
        let message = format!(
            "`{}` is made with `{call}`, so every deployment gives it another value: what was stored, signed or \
             registered under the last one is no longer known",
            setting.key
        );
        let fault = Fault::new(settings::subject(setting), setting.at.clone(), message);
        Some(fault.in_environment(setting.scope.environment.as_deref()))
    }
}
