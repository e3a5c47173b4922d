//! An environment concluded from a few letters inside a name.

use std::collections::BTreeMap;

use facts::Facts;
use serde::Deserialize;

use super::support::detector_repair;
use crate::{Check, Fault};

/// Texts that stand inside ordinary words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The text that is looked for, and a name that holds it and means something else.
    #[serde(default)]
    texts: BTreeMap<String, String>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        for detector in &facts.detectors {
            for (text, at) in &detector.substrings {
                let Some(other) = self.texts.get(&text.to_lowercase()) else { continue };
                if faults.iter().any(|fault| fault.at == *at) {
                    continue;
                }
                let message = format!(
                    "`{}` looks for \"{text}\" anywhere in a name: a service called `{other}` is taken for that \
                     environment too. Compare whole words, or a variable that each deployment sets",
                    detector.name
                );
                let what = format!("Look for \"{text}\" among the words between hyphens");
                let fault = Fault::new(format!("{} {text}", detector.name), at.clone(), message);
                faults.push(Fault { fix: detector_repair::of(facts, at, &what), ..fault });
            }
        }
        faults
    }
}
