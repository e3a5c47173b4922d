//! The gate: whether exactly these files may be deployed.
//!
//! [`gate`] is the only way to a [`Clearance`] but [`Refusal::break_glass`], whose clearances stay marked. It runs every
//! rule on the files of one commit; a finding is allowed only by an `[[allow]]` entry whose last day is still to come, or
//! known only by the baseline that the policy names.

mod allowed;
mod digest;
mod known;
mod weaker;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use facts::Problem;
use git::Commit;
use globset::Glob;

use crate::nearest::did_you_mean;
use crate::{Config, Date, Finding, Options, Outcome, Registry, Severity, Suppressed, Verdict, engine};

/// Rules that break-glass never overrides where the configuration names none.
pub const NEVER_OVERRIDDEN: &[&str] = &["secret-*"];

/// What there is to say of a finding that the gate makes itself, which is of no rule; `None` for every other name.
#[must_use]
pub fn explanation(id: &str) -> Option<&'static str> {
    (id == weaker::RULE).then_some(include_str!("gate/weaker/explanation.md"))
}

/// How a target is judged.
#[derive(Debug, Clone)]
pub struct GatePolicy {
    /// The environment that is deployed to, by canonical name.
    pub environment: String,
    /// Which findings refuse.
    pub scope: GateScope,
    /// The mildest severity that refuses.
    pub fail_on: Severity,
    /// Patterns of rules that break-glass cannot override.
    pub never_override: Vec<String>,
    /// The file of the baseline that is honoured, relative to the root; without one every finding counts.
    pub baseline: Option<String>,
    /// The day on which allowances are judged.
    pub today: Date,
}

/// Which findings refuse a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateScope {
    /// Every one in the repository.
    Repository,
    /// Those of the target's environment, and those of no environment in particular.
    Environment,
}

impl GateScope {
    /// The name used in the configuration and in receipts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::Environment => "environment",
        }
    }
}

/// What the gate counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files that were read.
    pub files: usize,
    /// Findings that the deployment breaks or is unsafe.
    pub errors: usize,
    /// Findings that break under a condition.
    pub warnings: usize,
    /// Findings that an allowance with a last day covers.
    pub suppressed: usize,
    /// Findings that the baseline covers.
    pub baselined: usize,
}

/// The proof that one tree of files may be deployed to one target. It cannot be made but by the gate.
#[derive(Debug, PartialEq, Eq)]
pub struct Clearance {
    target: String,
    environment: String,
    commit: String,
    tree: String,
    dirty: bool,
    scope: GateScope,
    policy: String,
    counts: Counts,
    notes: Vec<Problem>,
    overridden: Option<Override>,
}

/// What break-glass passed over, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The rules whose findings were passed over, in order.
    pub rules: Vec<String>,
    /// Why, in the words of the person who did it.
    pub reason: String,
}

impl Clearance {
    /// The target.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The environment that was judged, by canonical name.
    #[must_use]
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The id of the commit.
    #[must_use]
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The id of the tree of files.
    #[must_use]
    pub fn tree(&self) -> &str {
        &self.tree
    }

    /// Whether the tree holds changes that the commit does not.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Which findings would have refused.
    #[must_use]
    pub fn scope(&self) -> GateScope {
        self.scope
    }

    /// SHA-256 in hexadecimal over the program's version, every rule, the configuration and the baseline.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What is worth knowing although it does not refuse: entries of the baseline that stand for nothing any more.
    #[must_use]
    pub fn notes(&self) -> &[Problem] {
        &self.notes
    }

    /// What was passed over; `None` where every rule was held.
    #[must_use]
    pub fn overridden(&self) -> Option<&Override> {
        self.overridden.as_ref()
    }
}

/// Why a tree may not be deployed.
#[derive(Debug)]
pub struct Refusal {
    /// What holds the deployment back, and what is worth knowing beside, in the order of every output.
    pub findings: Vec<Finding>,
    /// What could not be read, understood or run.
    pub problems: Vec<Problem>,
    /// What an allowance or the baseline covers.
    pub suppressed: Vec<Suppressed>,
    fail_on: Severity,
    never_override: Vec<String>,
    known_rules: Vec<String>,
    withheld: Clearance,
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

    fn cannot_override(&self, rule: &str) -> Option<String> {
        if !self.known_rules.iter().any(|known| known == rule) {
            let hint = did_you_mean(rule, self.known_rules.iter().map(String::as_str));
            return Some(format!("there is no rule named `{rule}` to override.{hint}"));
        }
        let protects =
            |pattern: &String| Glob::new(pattern).map_or(true, |glob| glob.compile_matcher().is_match(rule));
        let pattern = self.never_override.iter().find(|pattern| protects(pattern))?;
        Some(format!("`{rule}` may never be overridden: `never_override` names `{pattern}`"))
    }
}

/// Judges the files of a commit for a target. `protected` are the commits that the configuration is measured against:
/// what is weaker than in one of them refuses.
///
/// # Errors
/// What holds the deployment back, or what could not be judged.
pub fn gate(
    commit: &Commit,
    target: &str,
    policy: &GatePolicy,
    protected: &[Commit],
) -> Result<Clearance, Box<Refusal>> {
    let config = Config::load(commit);
    let registry = Registry::for_tree(commit);
    let mut outcome = judged(commit, &config, &registry, policy);
    outcome.problems.extend(commit.obstacles().iter().map(|obstacle| Problem {
        path: obstacle.path.as_str().into(),
        line: 1,
        message: obstacle.message.clone(),
        blocking: true,
    }));
    outcome.problems.extend(unrecognised(&outcome, policy));
    let (mut findings, mut suppressed) = allowed::part(outcome.findings, &config, &registry, policy.today);
    let allowed = suppressed.len();
    let mut notes = Vec::new();
    if let Some(path) = &policy.baseline {
        match known::read(commit, path) {
            Ok(baseline) => {
                let parted = baseline.part(findings, &registry, path);
                findings = parted.kept;
                suppressed.extend(parted.known);
                // Of other environments nothing was asked, so nothing is known to be gone.
                notes.extend(parted.gone.filter(|_| policy.scope == GateScope::Repository));
                let grown = protected.iter().find_map(|protected| known::grown(&baseline, protected, path));
                findings.extend(grown);
            }
            Err(problem) => outcome.problems.push(problem),
        }
    }
    outcome.problems.extend(notes.iter().cloned());
    let now = weaker::Policy { config: &config, registry: &registry };
    for protected in protected {
        let (before, rules) = (Config::load(protected), Registry::for_tree(protected));
        outcome.problems.extend(before.problems.iter().chain(rules.problems()).cloned());
        let before = weaker::Policy { config: &before, registry: &rules };
        let known: BTreeSet<String> = findings.iter().map(|finding| finding.fingerprint.clone()).collect();
        let weaker = weaker::findings(now, before, target);
        findings.extend(weaker.into_iter().filter(|finding| !known.contains(&finding.fingerprint)));
    }
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let clearance = Clearance {
        target: target.to_owned(),
        environment: policy.environment.clone(),
        commit: commit.id().to_owned(),
        tree: commit.tree_id().to_owned(),
        dirty: commit.is_dirty(),
        scope: policy.scope,
        policy: digest::of(commit, &config, &registry, policy.baseline.as_deref()),
        counts: Counts {
            files: outcome.files,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            suppressed: allowed,
            baselined: suppressed.len() - allowed,
        },
        notes,
        overridden: None,
    };
    let holds = findings.iter().any(|finding| finding.severity >= policy.fail_on);
    if !holds && !outcome.problems.iter().any(|problem| problem.blocking) {
        return Ok(clearance);
    }
    Err(Box::new(Refusal {
        findings,
        problems: outcome.problems,
        suppressed,
        fail_on: policy.fail_on,
        never_override: policy.never_override.iter().cloned().chain([weaker::RULE.to_owned()]).collect(),
        known_rules: registry.ids().map(str::to_owned).chain([weaker::RULE.to_owned()]).collect(),
        withheld: clearance,
    }))
}

/// Every rule on every file; a panic on the way leaves the tree unjudged.
fn judged(commit: &Commit, config: &Config, registry: &Registry, policy: &GatePolicy) -> Outcome {
    let environments = match policy.scope {
        GateScope::Repository => Vec::new(),
        GateScope::Environment => vec![policy.environment.clone()],
    };
    // Allowances are judged by the gate's own measure, below.
    let options = Options {
        rules: Vec::new(),
        environments,
        fail_on: policy.fail_on,
        no_allow: true,
        today: policy.today,
    };
    let work = || {
        let facts = facts::collect(commit, &config.declared());
        engine::run(commit, &facts, config, registry, &options)
    };
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Outcome::not_judged("shipworthy stopped on an error of its own, so nothing was judged")
    })
}

/// Where nothing belongs to the environment, the rules on values judged nothing of what is deployed.
fn unrecognised(outcome: &Outcome, policy: &GatePolicy) -> Option<Problem> {
    let name = &policy.environment;
    if outcome.environments.contains(name) || outcome.verdict == Verdict::Unsure {
        return None;
    }
    let hint = did_you_mean(name, outcome.environments.iter().map(String::as_str));
    Some(whole(format!(
        "no file was recognised as belonging to the environment `{name}`, so its values were not judged; name them in \
         shipworthy.toml: [environment.{name}] files = [\"config/{name}/**\"].{hint}"
    )))
}

/// A problem of the run as a whole.
fn whole(message: String) -> Problem {
    Problem { path: "".into(), line: 1, message, blocking: true }
}

#[cfg(test)]
mod tests;
