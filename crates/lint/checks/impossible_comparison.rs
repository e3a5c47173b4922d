//! A comparison that no value makes true.

use facts::{Detector, Facts, Impossible};
use serde::Deserialize;

use super::workflow_flaw::{comparison, is_comparison};
use crate::{Check, Fault};

/// Needs no policy: what is impossible is a fact.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Whether the rule looks at all.
    #[serde(default)]
    enabled: bool,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        for detector in facts.detectors.iter().filter(|_| self.enabled) {
            for (why, at) in &detector.impossible {
                if !is_made_true(facts, why)
                    && !is_of_other_program(why, &at.path)
                    && !faults.iter().any(|fault| fault.at == *at)
                {
                    let (subject, message) = told(detector, why);
                    faults.push(Fault::new(subject, at.clone(), message));
                }
            }
        }
        let flaws = facts.workflow_flaws.iter().filter(|_| self.enabled);
        let compared = flaws.filter(|flaw| is_comparison(flaw.kind));
        faults.extend(compared.map(|flaw| {
            Fault::new(format!("{} {}", flaw.job, flaw.written), flaw.at.clone(), comparison(flaw))
        }));
        faults
    }
}

/// Whether something in the repository gives the variable that value, against what the framework does.
fn is_made_true(facts: &Facts, why: &Impossible) -> bool {
    let Impossible::Framework { variable, text } = why else { return false };
    let deployed =
        facts.deployments.iter().any(|deployment| deployment.variables.get(variable) == Some(text));
    deployed || facts.settings.iter().any(|setting| setting.key == *variable && setting.value == *text)
}

/// Whether another program than the framework loads the file, as its name says: `cypress.config.ts`.
fn is_of_other_program(why: &Impossible, path: &str) -> bool {
    const PROGRAMS: &[&str] =
        &["cypress", "playwright", "jest", "vitest", "drizzle", "codegen", "knexfile", "gulpfile", "wdio"];
    let stem = source::file_name(path).split('.').next().unwrap_or("");
    matches!(why, Impossible::Framework { .. }) && PROGRAMS.contains(&stem)
}

fn told(detector: &Detector, why: &Impossible) -> (String, String) {
    let name = &detector.name;
    match why {
        Impossible::Case { method, text } => (
            format!("{name} {text}"),
            format!(
                "`{name}` compares what `{method}` gives with \"{text}\", which it never is: the branch for it is \
                 taken in no deployment. Compare with the text in the same case"
            ),
        ),
        Impossible::Framework { variable, text } => (
            format!("{name} {variable} {text}"),
            format!(
                "Next.js sets {variable} to production in every deployment, so `{name}` is never true there: what is \
                 meant for {text} is never used. Go by a variable that each deployment sets"
            ),
        ),
    }
}
