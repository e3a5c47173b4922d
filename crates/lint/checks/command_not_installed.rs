//! Programs that a container starts and that nothing installs.

use std::collections::BTreeMap;

use facts::Facts;
use facts::image::{Image, Uninstalled};
use source::Place;

use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    // One Dockerfile may be built in several ways.
    let mut faults: BTreeMap<Place, Fault> = BTreeMap::new();
    for image in &facts.images {
        for program in &image.uninstalled {
            faults.entry(program.at.clone()).or_insert_with(|| fault(image, program));
        }
    }
    faults.into_values().collect()
}

fn fault(image: &Image, found: &Uninstalled) -> Fault {
    let program = &found.program;
    let reason = if found.is_certain {
        "none of the lists that the image installs from, which are whole, names its package"
    } else {
        "none of the packages that the image installs is its own or known to bring it"
    };
    let message = format!(
        "the container starts `{program}`, and {reason}: `{program}: not found`, and the container ends each time it is \
         started. Add `{program}` to the packages"
    );
    Fault::new(program.clone(), found.at.clone(), message)
        .in_environment(image.scope.environment.as_deref())
        .at_most(if found.is_certain { Severity::Error } else { Severity::Warning })
}
