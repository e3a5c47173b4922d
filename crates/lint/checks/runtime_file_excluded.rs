//! Files that an image starts, or that its code opens, and the ignore file of its build leaves out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use facts::image::{Image, LeftOut, Need};
use facts::{Facts, How};
use serde::Deserialize;
use source::{Place, file_name, redact};

use super::reinclude_fix;
use crate::{Check, Fault, Safety, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Whether files that code opens are looked for.
    #[serde(default)]
    opened: bool,
}

type Missed<'f> = (&'f Image, &'f LeftOut);

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut groups: BTreeMap<(Place, Arc<str>), Vec<Missed<'_>>> = BTreeMap::new();
        for image in facts.images.iter().filter(|_| self.opened) {
            for left in
                image.left_out.iter().filter(|left| left.need != Need::Import && left.how <= How::Lazy)
            {
                groups
                    .entry((left.by.clone(), Arc::clone(&image.dockerfile)))
                    .or_default()
                    .push((image, left));
            }
        }
        groups.into_iter().filter_map(|((by, dockerfile), group)| fault(by, &dockerfile, group)).collect()
    }
}

/// One fault for each line of an ignore file and Dockerfile; what is started first, then what is opened at start-up.
fn fault(by: Place, dockerfile: &str, mut group: Vec<Missed<'_>>) -> Option<Fault> {
    group.sort_by_key(|(_, left)| (left.need != Need::Start, left.how, Arc::clone(&left.path)));
    let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
    group.retain(|(_, left)| seen.insert(Arc::clone(&left.path)));
    let (image, first) = *group.first()?;
    let others = match group.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let is_started = first.need == Need::Start;
    let follows = match &first.command {
        Some(command) if is_started => format!("and `{command}` runs it, so the build of the image stops"),
        _ if is_started => "which starts it, so the container ends at once".to_owned(),
        _ => "which opens it when it runs".to_owned(),
    };
    let message = format!(
        "`{}` leaves `{}`{others} out of the image of {dockerfile} ({}), {follows}",
        first.pattern, first.path, image.builder
    );
    let is_grave = is_started && image.context_is_certain;
    let mut fault = Fault::new(format!("{} {dockerfile}", first.pattern), by, message)
        .in_environment(image.scope.environment.as_deref())
        .at_most(if is_grave { Severity::Error } else { Severity::Warning });
    for (_, left) in &group {
        if let Some(link) = left.chain.last() {
            let verb = match left.need {
                Need::Start if left.command.is_some() => "run",
                Need::Start => "started",
                _ => "opened",
            };
            fault = fault.because(link.at.clone(), format!("`{}` is {verb} here", left.path));
        }
    }
    if let Some((at, _, reason)) = &first.not_brought_back_by {
        fault = fault.because(at.clone(), reason.clone());
    }
    fault.fix = first.reinclude.as_deref().map(|reinclude| {
        let is_secret = |path: &Arc<str>| redact::is_secret_name(file_name(path));
        let is_safe = reinclude.is_exact && !reinclude.modules.iter().any(is_secret);
        reinclude_fix(reinclude, &first.pattern, if is_safe { Safety::Safe } else { Safety::Unsafe })
    });
    Some(fault)
}
