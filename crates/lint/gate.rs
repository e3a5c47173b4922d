//! The gate: whether exactly these files may be deployed.
//!
//! [`gate`] is the only way to a [`Clearance`] but [`Refusal::break_glass`], whose clearances stay marked. It runs every
//! rule on the files of one commit; a finding is allowed only by an `[[allow]]` entry whose last day is still to come, or
//! known only by the baseline that the policy names.

mod allowed;
mod clearance;
mod digest;
mod known;
mod refusal;
mod settled;
mod weaker;

use std::panic::{AssertUnwindSafe, catch_unwind};

use facts::Problem;
use git::Commit;

use crate::nearest::did_you_mean;
use crate::{Config, Date, Options, Outcome, Registry, Severity, Verdict, engine};

pub use clearance::{Clearance, Counts, Override};
pub use refusal::Refusal;
use settled::Settled;

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
    let found = std::mem::take(&mut outcome.findings);
    let (mut kept, suppressed) = allowed::part(found, &config, &registry, policy.today);
    allowed::tell(&mut kept, commit, &config, &registry);
    let allowed = suppressed.len();
    let (problems, concealed) = (outcome.problems, outcome.concealed);
    let mut settled = Settled { kept, suppressed, problems, notes: Vec::new(), concealed };
    settled.apply_baseline(commit, policy, &registry, protected);
    settled.compare_with_protected(
        weaker::Policy { config: &config, registry: &registry },
        protected,
        target,
    );
    let clearance = Clearance {
        target: target.to_owned(),
        environment: policy.environment.clone(),
        commit: commit.id().to_owned(),
        tree: commit.tree_id().to_owned(),
        dirty: commit.is_dirty(),
        scope: policy.scope,
        policy: digest::of(commit, &config, &registry, policy.baseline.as_deref()),
        counts: settled.counts(outcome.files, allowed),
        notes: std::mem::take(&mut settled.notes),
        overridden: None,
    };
    if settled.clears(policy.fail_on) {
        Ok(clearance)
    } else {
        Err(settled.refusal(clearance, policy, &registry))
    }
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
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Outcome::not_judged("internal error of shipworthy, so nothing was judged"))
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
