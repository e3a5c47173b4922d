//! Compose files below the one that describes a deployment: those that are started with it, and those that it extends.

use super::Found;
use crate::compose_layers::files_before;
use crate::record::Use;
use crate::{Facts, SettingSource};

impl Found {
    /// Adds what the files below give its service. Where these are not told, it may have more than its own file says.
    pub(super) fn add_layers(&mut self, facts: &Facts, uses: &[Use]) {
        let own = facts
            .compose_services
            .iter()
            .filter(|service| service.name == self.service && self.by_file.contains_key(&service.at.path));
        let is_part = own.into_iter().any(|service| {
            !service.file_stands_alone || service.image.is_none() && service.dockerfile.is_none()
        });
        let mut below = files_before(uses, &self.at.path).into_iter();
        match (below.next(), below.next()) {
            (Some(only), None) => self.layers = only.into_iter().map(str::to_owned).collect(),
            (Some(_), Some(_)) => self.complete = false,
            (None, _) => self.complete &= !is_part,
        }
        for path in self.layers.iter().rev() {
            let given = facts.settings_in(path).iter().filter(|setting| {
                setting.source == SettingSource::Compose
                    && setting.scope.service.as_ref() == Some(&self.service)
            });
            for setting in given {
                let is_known =
                    self.variables.contains_key(&setting.key) || self.hidden.contains(&setting.key);
                match setting.value.contains('$') {
                    _ if is_known => {}
                    true => drop(self.hidden.insert(setting.key.clone())),
                    false => drop(self.variables.insert(setting.key.clone(), setting.value.clone())),
                }
            }
        }
    }
}
