//! Source that is left out of an image and that nothing here can judge.

use std::collections::BTreeMap;

use facts::Facts;
use facts::image::ExcludedSource;
use serde::Deserialize;
use source::Place;

use crate::{Check, Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The languages that are spoken of.
    #[serde(default)]
    languages: Vec<String>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults: BTreeMap<(Place, String), Fault> = BTreeMap::new();
        for image in &facts.images {
            let spoken = image.excluded_source.iter();
            for left in spoken.filter(|left| self.languages.iter().any(|language| language == left.language))
            {
                let fault = fault(left, &image.dockerfile, image.builder);
                faults.entry((fault.at.clone(), fault.subject.clone())).or_insert(fault);
            }
        }
        faults.into_values().collect()
    }
}

fn fault(left: &ExcludedSource, dockerfile: &str, builder: &str) -> Fault {
    let ExcludedSource { language, example, pattern, .. } = left;
    let others = match left.count {
        1 => String::new(),
        count => format!(" and {} more files", count - 1),
    };
    let message = format!(
        "`{pattern}` leaves `{example}`{others} out of the image of {dockerfile} ({builder}), which takes other {language} \
         source; imports of {language} are not followed, so it could not be judged whether the build needs it"
    );
    Fault::new(format!("{pattern} {dockerfile} {language}"), left.by.clone(), message).at_most(Severity::Info)
}
