//! Texts that Terraform refuses to read.

use std::collections::BTreeMap;

use facts::Facts;
use serde::Deserialize;
use source::{FileKind, Place};

use crate::Fault;
use crate::check::Check;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Files that are judged: `configuration`, `values`.
    #[serde(default)]
    files: Vec<Files>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Files {
    Configuration,
    Values,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged = facts.judged_modules();
        let errors =
            judged.flat_map(|module| &module.errors).filter(|(at, _)| self.files.contains(&kind(at)));
        // What follows the first error of a file is often its echo.
        let mut first: BTreeMap<&str, &(Place, String)> = BTreeMap::new();
        for error in errors {
            first.entry(&error.0.path).or_insert(error);
        }
        first.into_values().map(fault).collect()
    }
}

fn kind(at: &Place) -> Files {
    if FileKind::of(&at.path) == FileKind::Terraform { Files::Configuration } else { Files::Values }
}

fn fault((at, reason): &(Place, String)) -> Fault {
    let consequence = match kind(at) {
        Files::Configuration => "Terraform refuses the whole module, so neither init nor plan gets further",
        Files::Values => "Terraform refuses the file: a tfvars file holds literal values only",
    };
    Fault::new(reason.clone(), at.clone(), format!("{reason}; {consequence}"))
}
