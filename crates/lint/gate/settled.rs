//! What is left of the findings once the gate has applied what may lessen them, and added what weakens it.

use std::collections::BTreeSet;

use facts::Problem;
use git::Commit;
use source::redact::Concealed;

use super::{Clearance, Counts, GatePolicy, GateScope, Refusal, known, weaker};
use crate::{Config, Finding, Registry, Severity, Suppressed};

/// Findings and problems on their way to a decision.
pub(super) struct Settled {
    pub(super) kept: Vec<Finding>,
    pub(super) suppressed: Vec<Suppressed>,
    pub(super) problems: Vec<Problem>,
    /// Of the problems, those that the clearance tells.
    pub(super) notes: Vec<Problem>,
    pub(super) concealed: Concealed,
}

impl Settled {
    /// Takes out what the baseline knows that the policy names, which may only shrink.
    pub(super) fn apply_baseline(
        &mut self,
        commit: &Commit,
        policy: &GatePolicy,
        registry: &Registry,
        protected: &[Commit],
    ) {
        let Some(path) = &policy.baseline else { return };
        let baseline = match known::read(commit, path) {
            Ok(baseline) => baseline,
            Err(problem) => return self.problems.push(problem),
        };
        let parted = baseline.part(std::mem::take(&mut self.kept), registry, path);
        self.kept = parted.kept;
        self.suppressed.extend(parted.known);
        // Of other environments nothing was asked, so nothing is known to be gone.
        let gone = parted.gone.filter(|_| policy.scope == GateScope::Repository);
        self.problems.extend(gone.clone());
        self.notes.extend(gone);
        let grown = protected.iter().find_map(|protected| known::grown(&baseline, protected, path));
        self.kept.extend(grown);
    }

    /// Adds what asks for less than in one of the protected commits, once each.
    pub(super) fn compare_with_protected(
        &mut self,
        now: weaker::Policy<'_>,
        protected: &[Commit],
        target: &str,
    ) {
        for protected in protected {
            let (config, registry) = (Config::load(protected), Registry::for_tree(protected));
            self.problems.extend(config.problems.iter().chain(registry.problems()).cloned());
            let before = weaker::Policy { config: &config, registry: &registry };
            let told: BTreeSet<String> =
                self.kept.iter().map(|finding| finding.fingerprint.clone()).collect();
            let weaker = weaker::findings(now, before, target);
            self.kept.extend(weaker.into_iter().filter(|finding| !told.contains(&finding.fingerprint)));
        }
    }

    /// What is counted; `allowed` of what is suppressed is so by an allowance.
    pub(super) fn counts(&self, files: usize, allowed: usize) -> Counts {
        let count = |severity| self.kept.iter().filter(|finding| finding.severity == severity).count();
        Counts {
            files,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            suppressed: allowed,
            baselined: self.suppressed.len().saturating_sub(allowed),
        }
    }

    /// Whether nothing holds the deployment back, and everything could be judged.
    pub(super) fn clears(&self, fail_on: Severity) -> bool {
        let holds = self.kept.iter().any(|finding| finding.severity >= fail_on);
        !holds && !self.problems.iter().any(|problem| problem.blocking)
    }

    /// The refusal, which withholds the clearance.
    pub(super) fn refusal(
        self,
        withheld: Clearance,
        policy: &GatePolicy,
        registry: &Registry,
    ) -> Box<Refusal> {
        let own = || [weaker::RULE.to_owned()];
        Box::new(Refusal {
            findings: self.kept,
            concealed: self.concealed,
            problems: self.problems,
            suppressed: self.suppressed,
            fail_on: policy.fail_on,
            never_override: policy.never_override.iter().cloned().chain(own()).collect(),
            known_rules: registry.ids().map(str::to_owned).chain(own()).collect(),
            withheld,
        })
    }
}
