//! What the gate says where it does not clear a tree, and what may be passed over all the same.

use facts::Problem;
use globset::Glob;
use source::redact::Concealed;

use super::{Clearance, Override, whole};
use crate::nearest::did_you_mean;
use crate::{Finding, Severity, Suppressed, Verdict};

/// Why a tree may not be deployed.
#[derive(Debug)]
pub struct Refusal {
    /// What holds the deployment back, and what is worth knowing beside, in the order of every output.
    pub findings: Vec<Finding>,
    /// What of their lines is not shown.
    pub concealed: Concealed,
    /// What could not be read, understood or run.
    pub problems: Vec<Problem>,
    /// What an allowance or the baseline covers.
    pub suppressed: Vec<Suppressed>,
    pub(super) fail_on: Severity,
    pub(super) never_override: Vec<String>,
    pub(super) known_rules: Vec<String>,
    pub(super) withheld: Clearance,
}

impl Refusal {
    /// Whether findings refuse; otherwise the tree could not be judged.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.holding().next().is_some()
    }

    /// The mildest severity that refuses.
    #[must_use]
    pub fn fail_on(&self) -> Severity {
        self.fail_on
    }

    /// What every output says of it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict::decide(&self.findings, &self.problems, self.fail_on)
    }

    /// The findings that refuse.
    pub fn holding(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity >= self.fail_on)
    }

    /// Passes over the findings of `rules`. Blocking problems cannot be passed over, nor can rules that the policy
    /// protects.
    ///
    /// # Errors
    /// The refusal itself with what may not be overridden added to its problems, or what still holds.
    pub fn break_glass(mut self, reason: &str, rules: &[String]) -> Result<Clearance, Box<Self>> {
        let wrong: Vec<String> = rules.iter().filter_map(|rule| self.cannot_override(rule)).collect();
        if reason.trim().is_empty() || !wrong.is_empty() {
            let missing = "break-glass needs a reason".to_owned();
            let told = if wrong.is_empty() { vec![missing] } else { wrong };
            self.problems.extend(told.into_iter().map(whole));
            return Err(Box::new(self));
        }
        let holds = self.holding().any(|finding| !rules.contains(&finding.rule));
        if holds || self.problems.iter().any(|problem| problem.blocking) {
            return Err(Box::new(self));
        }
        let mut rules = rules.to_vec();
        rules.sort();
        rules.dedup();
        self.withheld.overridden = Some(Override { rules, reason: reason.trim().to_owned() });
        Ok(self.withheld)
    }

    /// What is wrong with the first of `rules` that is no rule at all.
    #[must_use]
    pub fn unknown(&self, rules: &[String]) -> Option<String> {
        let rule = rules.iter().find(|rule| !self.known_rules.contains(rule))?;
        let hint = did_you_mean(rule, self.known_rules.iter().map(String::as_str));
        Some(format!("there is no rule named `{rule}` to override.{hint}"))
    }

    fn cannot_override(&self, rule: &str) -> Option<String> {
        if let Some(unknown) = self.unknown(&[rule.to_owned()]) {
            return Some(unknown);
        }
        let protects =
            |pattern: &String| Glob::new(pattern).map_or(true, |glob| glob.compile_matcher().is_match(rule));
        let pattern = self.never_override.iter().find(|pattern| protects(pattern))?;
        Some(format!("`{rule}` may never be overridden: `never_override` names `{pattern}`"))
    }
}
