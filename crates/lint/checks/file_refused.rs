//! Files that their own reader refuses as a whole.

use facts::{Facts, Refusal, RefusedBy, RefusedFile};
use serde::Deserialize;

use crate::check::Check;
use crate::nearest::did_you_mean;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Whose refusals are meant.
    by: By,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum By {
    Workflows,
    Compose,
    ComposeProject,
    CloudBuild,
    Helm,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let reader = match self.by {
            By::Workflows => RefusedBy::Workflows,
            By::Compose => RefusedBy::Compose,
            By::ComposeProject => RefusedBy::ComposeProject,
            By::CloudBuild => RefusedBy::CloudBuild,
            By::Helm => RefusedBy::Helm,
        };
        facts.refused_files.iter().filter(|file| file.reader == reader).map(fault).collect()
    }
}

fn fault(file: &RefusedFile) -> Fault {
    let consequence = match file.reader {
        RefusedBy::Workflows => "the platform refuses the workflow, and none of its jobs runs",
        RefusedBy::Compose | RefusedBy::ComposeProject => {
            "Compose refuses the file, and starts none of its services"
        }
        RefusedBy::Helm => "Helm cannot read the template, and installs nothing of the chart",
        RefusedBy::CloudBuild => "Cloud Build refuses the build, and none of its steps runs",
    };
    match &file.why {
        Refusal::NotYaml(message) => {
            let message = format!(
                "this file {message}: {consequence}. In a block after `|` every line is indented deeper than its key, that \
                 of a here-document too"
            );
            Fault::new("not YAML", file.at.clone(), message)
        }
        Refusal::KeyTwice { key, first } => {
            let message =
                format!("`{key}` is stated twice in one mapping: {consequence}. Keep one of the two");
            Fault::new(key.clone(), file.at.clone(), message)
                .because(first.clone(), format!("`{key}` is stated here before"))
        }
        Refusal::Inconsistent { message, needs_profile } => {
            let subject = message.split('`').nth(1).unwrap_or("project").to_owned();
            let when = if *needs_profile { "with the profile of this service " } else { "" };
            let fault = Fault::new(subject, file.at.clone(), format!("{message}: {when}{consequence}"));
            if *needs_profile { fault.at_most(Severity::Warning) } else { fault }
        }
        Refusal::UnknownStep { id, known } => {
            let hint = did_you_mean(id, known.iter().map(String::as_str));
            let message =
                format!("a step waits for `{id}`, and no step has this `id:`: {consequence}.{hint}");
            Fault::new(id.clone(), file.at.clone(), message)
        }
    }
}
