//! Compose files that one command starts together add to each other: `docker compose -f a.yml -f b.yml up`.

use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use crate::record::{Use, UseKind};

impl Found {
    /// Gives each file of a group what the other files of it give the service.
    pub(super) fn add_companions(&mut self, uses: &[Use]) {
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
            for path in group {
                if let Some(own) = self.by_file.get_mut(path) {
                    own.given.extend(given.iter().cloned());
                    own.gives_others |= gives_others;
                }
            }
        }
    }
}
