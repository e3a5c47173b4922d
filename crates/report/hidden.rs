//! Settings whose own key does not say that they are secret: the block, the map or the flag before them does.

use std::borrow::Cow;
use std::collections::BTreeSet;

use facts::{Facts, Setting, SettingSource};
use source::redact;

/// What tells which settings of a repository are secret.
pub(crate) struct Hidden<'f> {
    settings: &'f [Setting],
    /// Path and names of the blocks that say `sensitive = true`.
    sensitive: BTreeSet<(&'f str, &'f [String])>,
}

impl<'f> Hidden<'f> {
    pub(crate) fn of(facts: &'f Facts) -> Self {
        let says_so = facts.settings.iter().filter(|one| one.key == "sensitive" && one.value == "true");
        let sensitive = says_so.map(|one| (&*one.at.path, one.within.as_slice())).collect();
        Self { settings: &facts.settings, sensitive }
    }

    /// A copy of a setting's value, or of how it is written, for people to read. `index` is the setting's among all.
    pub(crate) fn shown<'v>(&self, index: usize, setting: &Setting, value: &'v str) -> Cow<'v, str> {
        let holds = setting.is_of_secret() || self.is_sensitive(setting);
        if holds && setting.key != "sensitive" {
            return Cow::Borrowed(redact::REDACTED);
        }
        if let Some(flag) = self.flag_before(index, setting) {
            let words = redact::words(&[flag, value]);
            return words.into_iter().next_back().map_or(Cow::Borrowed(redact::REDACTED), Cow::Owned);
        }
        let name = names(setting).find(|name| redact::is_hidden_name(name));
        redact::value(name.unwrap_or(&setting.key), value)
    }

    /// Whether a variable or an output of Terraform says that its value is secret.
    fn is_sensitive(&self, setting: &Setting) -> bool {
        let block = setting.within.get(..2).unwrap_or(&[]);
        let holds = matches!(setting.key.as_str(), "default" | "value") || setting.within.len() > 2;
        holds && self.sensitive.contains(&(&*setting.at.path, block))
    }

    /// The word before this one in the same list, where that is a flag.
    fn flag_before(&self, index: usize, setting: &Setting) -> Option<&'f str> {
        let before = self.settings.get(index.checked_sub(1)?)?;
        let is_same_list =
            before.at.path == setting.at.path && before.key == setting.key && before.within == setting.within;
        (is_same_list && before.value.starts_with('-')).then_some(before.value.as_str())
    }
}

/// The names under which a value of Terraform stands, beside its own key: that of its variable, output or maps.
fn names(setting: &Setting) -> impl Iterator<Item = &String> {
    let within = setting.within.as_slice();
    let names = match (setting.source, within) {
        (SettingSource::Tfvars, all) => all,
        (SettingSource::Terraform, [kind, rest @ ..]) if kind == "locals" => rest,
        (SettingSource::Terraform, [kind, _, rest @ ..]) if kind == "module" => rest,
        (SettingSource::Terraform, [kind, rest @ ..]) if kind == "variable" || kind == "output" => {
            let holds = rest.len() > 1 || matches!(setting.key.as_str(), "default" | "value");
            if holds { rest } else { &[] }
        }
        _ => &[],
    };
    names.iter()
}
