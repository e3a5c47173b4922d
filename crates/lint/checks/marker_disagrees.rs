//! Files named for one environment that say they are another.

use facts::environment::{canonical, named_by_path};
use facts::{Facts, Setting, SettingSource};
use serde::Deserialize;
use source::tokens;

use super::support::settings;
use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Keys whose value names the environment, in lower case.
    keys: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts.settings.iter().filter(|setting| setting.scope.deployed);
        judged.filter_map(|setting| self.disagreement(setting)).collect()
    }
}

impl Policy {
    fn disagreement(&self, setting: &Setting) -> Option<Fault> {
        let by_file = matches!(
            setting.source,
            SettingSource::EnvFile | SettingSource::Tfvars | SettingSource::Compose | SettingSource::Yaml
        );
        let is_key = self.keys.iter().any(|key| key.eq_ignore_ascii_case(&setting.key));
        let [named] = named_by_path(&setting.at.path)[..] else { return None };
        let says = canonical(setting.value.trim()).filter(|says| by_file && is_key && *says != named)?;
        // `environments/dev/internal-qa`: the path says both.
        if tokens(&setting.at.path).any(|word| canonical(&word) == Some(says)) {
            return None;
        }
        let message = format!(
            "`{}` says {says} in a file that is named for {named}: the program takes {says}'s settings, secrets and \
             guards while it serves {named}",
            setting.key
        );
        let fault = Fault::new(settings::subject(setting), setting.at.clone(), message);
        Some(fault.in_environment(Some(named)))
    }
}
