//! Files that a command of an image needs and that no COPY brings.

use std::collections::BTreeMap;

use facts::image::{Image, Link, NotCopied, Phase};
use facts::{Facts, How};
use serde::Deserialize;
use source::Place;

use crate::{Check, Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Whether such files are looked for.
    #[serde(default)]
    imported: bool,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults: BTreeMap<(Place, String), Fault> = BTreeMap::new();
        for image in facts.images.iter().filter(|_| self.imported) {
            for absent in image.not_copied.iter().filter(|absent| absent.how <= How::Lazy) {
                let Some(fault) = fault(image, absent) else { continue };
                // One Dockerfile may be built in several ways.
                let known =
                    faults.entry((fault.at.clone(), fault.subject.clone())).or_insert_with(|| fault.clone());
                if known.severity < fault.severity {
                    *known = fault;
                }
            }
        }
        faults.into_values().collect()
    }
}

fn fault(image: &Image, absent: &NotCopied) -> Option<Fault> {
    let (last, way) = absent.chain.split_last()?;
    let NotCopied { path, command, .. } = absent;
    let dockerfile = &image.dockerfile;
    let follows = match (absent.phase, absent.how) {
        (Phase::Build, _) => format!("`{command}` needs it, so the build of the image stops"),
        (Phase::Start, How::TopLevel) => {
            format!("`{command}` loads it when it starts, so the container ends")
        }
        (Phase::Start, _) => "the code path that loads it fails".to_owned(),
    };
    let message =
        format!("no COPY of {dockerfile} brings `{path}` to where `{}` looks for it; {follows}", last.module);
    let mut fault = Fault::new(format!("{path} {dockerfile}"), last.at.clone(), message)
        .in_environment(image.scope.environment.as_deref())
        .at_most(severity(image, absent));
    if let Some(start) = way.first() {
        fault = fault.because(start.at.clone(), evidence(absent, way));
    }
    Some(fault)
}

/// A container may be given files when it starts; a build has only what COPY brings.
fn severity(image: &Image, absent: &NotCopied) -> Severity {
    let breaks = absent.phase == Phase::Build && absent.how == How::TopLevel;
    if breaks && absent.is_certain && image.context_is_certain { Severity::Error } else { Severity::Warning }
}

/// The way from the command to the import.
fn evidence(absent: &NotCopied, way: &[Link]) -> String {
    let places: Vec<String> =
        way.iter().skip(1).map(|link| format!("{}:{}", link.at.path, link.at.line)).collect();
    let through = if places.is_empty() { String::new() } else { format!(" through {}", places.join(" -> ")) };
    format!("`{}` runs here and comes to it{through}", absent.command)
}
