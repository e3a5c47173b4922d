//! Compose files that one command starts together add to each other: `docker compose -f a.yml -f b.yml up`.

use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use crate::Facts;
use crate::record::{Use, UseKind};

impl Found {
    /// Gives each file of a group what the other files of it give the service.
    pub(super) fn add_companions(&mut self, facts: &Facts, uses: &[Use]) {
        let mut groups: BTreeMap<(&str, usize), Vec<&str>> = BTreeMap::new();
        for used in uses {
            if let UseKind::Started { command, .. } = &used.what {
                groups.entry((&used.at.path, *command)).or_default().push(&used.path);
            }
        }
        for group in groups.into_values() {
            let known = group.iter().filter_map(|path| self.by_file.get(*path));
            let given: BTreeSet<String> = known.clone().flat_map(|own| own.given.iter().cloned()).collect();
            let gives_others = known.into_iter().any(|own| own.gives_others);
            // A file of the group whose env file is not here gives what no file tells.
            let is_of_it = group.iter().any(|path| self.by_file.contains_key(*path));
            if is_of_it && lacks_env_file(&group, &self.service, facts, uses) {
                self.complete = false;
            }
            for path in group {
                if let Some(own) = self.by_file.get_mut(path) {
                    own.given.extend(given.iter().cloned());
                    own.gives_others |= gives_others;
                }
            }
        }
    }
}

/// Whether one of these files loads an env file for the service that the repository does not hold.
fn lacks_env_file(group: &[&str], service: &str, facts: &Facts, uses: &[Use]) -> bool {
    uses.iter().filter(|used| group.contains(&&*used.at.path)).any(|used| {
        let UseKind::EnvFile { service: loaded_by, .. } = &used.what else { return false };
        loaded_by.as_ref().is_none_or(|loaded_by| loaded_by == service)
            && facts.settings_in(&used.path).is_empty()
    })
}
