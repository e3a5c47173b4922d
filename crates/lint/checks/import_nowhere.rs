//! Imports of modules that stand nowhere in the tree.

use std::collections::BTreeMap;

use facts::Facts;
use facts::image::{Image, Language, Nowhere, Phase};
use source::Place;

use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    // Several images may hold the same code; the gravest counts.
    let mut faults: BTreeMap<Place, Fault> = BTreeMap::new();
    for image in &facts.images {
        for found in &image.nowhere {
            let Some(fault) = fault(image, found) else { continue };
            let known = faults.entry(fault.at.clone()).or_insert_with(|| fault.clone());
            if fault.severity > known.severity {
                *known = fault;
            }
        }
    }
    faults.into_values().collect()
}

fn fault(image: &Image, found: &Nowhere) -> Option<Fault> {
    let (import, before) = found.chain.split_last()?;
    let severity = if image.context_is_certain { Severity::Error } else { Severity::Warning };
    let mut fault = Fault::new(found.path.clone(), import.at.clone(), message(found, &import.module))
        .in_environment(image.scope.environment.as_deref())
        .at_most(severity);
    for link in before {
        fault = fault.because(link.at.clone(), format!("`{}` leads here", link.module));
    }
    Some(fault)
}

fn message(found: &Nowhere, module: &str) -> String {
    let Nowhere { path, command, .. } = found;
    let in_other_letters = |similar: &str| {
        similar.get(..path.len()).is_some_and(|start| start.eq_ignore_ascii_case(path) && start != path)
    };
    let what = match &found.similar {
        Some(similar) if in_other_letters(similar) => {
            format!(
                "`{module}` is not there: the file is called `{similar}`, and Linux tells letters' case apart."
            )
        }
        Some(similar) => {
            format!("`{module}` is not there: no `{path}` in the tree; did you mean `{similar}`?")
        }
        None => {
            format!("`{module}` is not there: the tree has no `{path}`, and nothing of the image makes it.")
        }
    };
    let failure = match found.language {
        Language::Python => "ModuleNotFoundError or ImportError",
        _ => "a module that is not found",
    };
    let follows = match found.phase {
        Phase::Build => format!("`{command}` needs it, so the build of the image stops with {failure}"),
        Phase::Start => {
            format!("`{command}` imports it when it starts, so the container ends with {failure}")
        }
    };
    format!("{what} {follows}")
}
