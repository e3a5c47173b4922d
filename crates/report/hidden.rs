//! Settings whose own key does not say that they are secret: the block, the map or the flag before them does.

use std::borrow::Cow;

use facts::{Facts, Setting, SettingSource};
use source::redact;

/// What tells which settings of a repository are secret.
pub(crate) struct Hidden<'f> {
    facts: &'f Facts,
}

impl<'f> Hidden<'f> {
    pub(crate) const fn of(facts: &'f Facts) -> Self {
        Self { facts }
    }

    /// A copy of a setting's value, or of how it is written, for people to read. `index` is the setting's among all.
    pub(crate) fn shown<'v>(&self, index: usize, setting: &Setting, value: &'v str) -> Cow<'v, str> {
        if self.facts.concealed.holds(&setting.at) {
            return Cow::Borrowed(redact::REDACTED);
        }
        if let Some(flag) = self.flag_before(index, setting) {
            let words = redact::words(&[flag, value]);
            return words.into_iter().next_back().map_or(Cow::Borrowed(redact::REDACTED), Cow::Owned);
        }
        let name = names(setting).find(|name| redact::is_hidden_name(name));
        self.facts.concealed.value(name.unwrap_or(&setting.key), value)
    }

    /// The word before this one in the same list, where that is a flag.
    fn flag_before(&self, index: usize, setting: &Setting) -> Option<&'f str> {
        let before = self.facts.settings.get(index.checked_sub(1)?)?;
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
