//! Files that an image needs and that not every builder which builds it is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use facts::{Disagreement, Facts};
use serde::Deserialize;
use source::{Place, file_name, redact};

use super::reinclude_fix;
use crate::{Check, Fault, Safety};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Whether builders that build the same Dockerfile are compared.
    #[serde(default)]
    compare: bool,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut groups: BTreeMap<(Place, Arc<str>), Vec<&Disagreement>> = BTreeMap::new();
        for one in facts.disagreements.iter().filter(|_| self.compare) {
            groups.entry((one.by.clone(), Arc::clone(&one.dockerfile))).or_default().push(one);
        }
        groups.into_iter().filter_map(|((by, dockerfile), group)| fault(by, &dockerfile, &group)).collect()
    }
}

/// One fault for each line of an ignore file and Dockerfile.
fn fault(by: Place, dockerfile: &str, group: &[&Disagreement]) -> Option<Fault> {
    let first = group.first()?;
    let others = match group.len() {
        1 => String::new(),
        count => format!(" and {} more files", count - 1),
    };
    let message = format!(
        "`{}` leaves `{}`{others} out where {} builds {dockerfile}, and {} is sent it: the image works or fails \
        by who builds it",
        first.pattern, first.path, first.left_out_by, first.sent_by
    );
    let fault = Fault::new(format!("{} {dockerfile}", first.pattern), by, message);
    let builds = first.built_by.iter().map(|at| (at.clone(), "this builds it"));
    let mut fault = builds.fold(fault, |fault, (at, told)| fault.because(at, told));
    fault.fix = first.reinclude.as_deref().map(|reinclude| {
        let is_secret = |path: &Arc<str>| redact::is_secret_name(file_name(path));
        let is_safe = !reinclude.modules.iter().any(is_secret);
        reinclude_fix(reinclude, &first.pattern, if is_safe { Safety::Safe } else { Safety::Unsafe })
    });
    Some(fault)
}
