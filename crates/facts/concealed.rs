//! What is secret though neither its name nor its form tells: gathered from all files, for every output to hide.

use std::collections::BTreeSet;
use std::sync::Arc;

use source::Place;
use source::redact::{Concealed, is_secret_by_name};

use crate::Setting;

/// A text that is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretText {
    /// Where it stands.
    pub(crate) at: Place,
    /// What its reader makes of it.
    pub(crate) text: String,
}

/// What one file or all of them say to be secret.
#[derive(Debug, Default)]
pub(crate) struct Concealing {
    /// Texts that are secret.
    pub(crate) texts: Vec<SecretText>,
    /// Variables of Terraform that are declared as sensitive.
    pub(crate) variables: Vec<String>,
    /// Texts that are secret where the variable of this name is, which another file may declare.
    pub(crate) given: Vec<(String, SecretText)>,
    /// Env files whose values are all kept as secrets.
    pub(crate) env_files: Vec<String>,
}

impl Concealing {
    pub(crate) fn is_empty(&self) -> bool {
        let Self { texts, variables, given, env_files } = self;
        texts.is_empty() && variables.is_empty() && given.is_empty() && env_files.is_empty()
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.texts.extend(other.texts);
        self.variables.extend(other.variables);
        self.given.extend(other.given);
        self.env_files.extend(other.env_files);
    }

    /// What no output shows. A variable that one module declares as sensitive is so in all: modules hand values on to each
    /// other under the same name.
    #[must_use]
    pub(crate) fn join(self, settings: &[Setting]) -> Concealed {
        let variables: BTreeSet<String> = self.variables.into_iter().collect();
        let env_files: BTreeSet<Arc<str>> = self.env_files.into_iter().map(Arc::from).collect();
        let mut texts = self.texts;
        let given = self.given.into_iter().filter(|(name, _)| variables.contains(name));
        texts.extend(given.map(|(_, text)| text));
        let is_kept = |setting: &&Setting| {
            let name = setting.key.strip_prefix("TF_VAR_");
            setting.is_of_secret()
                || env_files.contains(&setting.at.path)
                || name.is_some_and(|name| variables.contains(name))
        };
        let kept = settings.iter().filter(is_kept);
        texts.extend(kept.map(|one| SecretText { at: one.at.clone(), text: one.value.clone() }));
        // The place of what its own name tells: another copy of it has a name of its own.
        let named = settings.iter().filter(|setting| is_secret_by_name(&setting.key, &setting.value));
        let places = texts.iter().map(|text| &text.at).chain(named.map(|setting| &setting.at));
        let places: Vec<Place> = places.cloned().collect();
        Concealed::new(places, texts.into_iter().map(|secret| secret.text), variables)
    }
}
