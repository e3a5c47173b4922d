//! What would be shipped: a commit, the target's configuration in it, and whether the gate clears it.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use git::{Change, Commit, Repository};
use lint::gate::{Clearance, GatePolicy, GateScope, gate};
use lint::{Config, Severity};
use source::Tree;

use super::platform;
use super::{Places, Request, refused};
use crate::config::{Deploying, Gate, Target};
use crate::receipt::{self, ReceiptError, Wanted};
use crate::runner::{Processes, Programs};
use crate::{Exit, Interrupt, Plan, Receipt, Report, Snapshot, files, time};

/// So many changed files are named.
const NAMED: usize = 10;

/// A repository, seen for one target.
pub struct Opened {
    pub(super) repository: Repository,
    target: String,
    path: OsString,
    pub(super) interrupt: Interrupt,
}

/// A commit that may be shipped to a target, once the gate has cleared it.
pub struct Candidate<'o> {
    pub(super) opened: &'o Opened,
    pub(super) commit: Commit,
    pub(super) gate: Gate,
    pub(super) target: Target,
}

impl Opened {
    /// Opens the repository that `root` lies in.
    ///
    /// # Errors
    /// It lies in none.
    pub fn open(root: &Path, target: &str) -> Result<Self, Box<Report>> {
        let repository = Repository::open(root).map_err(|error| {
            let why = format!(
                "{} is not in a git repository, and only commits are deployed ({error})",
                root.display()
            );
            Report::on(target, Exit::Unsure).because(why)
        })?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        Ok(Self { repository, target: target.to_owned(), path, interrupt: Interrupt::default() })
    }

    /// Opens what a request is about, with its directories for programs, heeding its wish to stop.
    pub(super) fn of(request: &Request, target: &str) -> Result<Self, Box<Report>> {
        let opened = Self::open(&request.root, target)?;
        let path = request.path.clone().unwrap_or_else(|| opened.path.clone());
        Ok(Self { path, interrupt: request.interrupt.clone(), ..opened })
    }

    /// Where deployments keep their files.
    #[must_use]
    pub fn places(&self) -> Places {
        Places::below(self.repository.common_dir())
    }

    /// Runs programs that are not part of the work tree.
    pub(super) fn runner(&self) -> Processes {
        Processes::new(self.programs()).heeding(&self.interrupt)
    }

    /// Finds programs that are not part of the work tree.
    pub(super) fn programs(&self) -> Programs {
        Programs::new(self.path.clone(), self.repository.top())
    }

    /// The allowed signers that `REVISION:PATH` names, never from the commit that they vouch for.
    pub(super) fn signers(&self, place: &str) -> Result<Vec<u8>, String> {
        let (revision, path) = place
            .split_once(':')
            .ok_or_else(|| format!("`allowed_signers` is `{place}`, not REVISION:PATH"))?;
        let commit = Commit::open(&self.repository, revision).map_err(|error| error.to_string())?;
        commit.read(path, 1 << 20).map_err(|error| format!("{place}: {error}"))
    }

    /// Who of `signers` has signed a receipt; the signature stands beside it.
    pub(super) fn signer(&self, receipt: &Path, signers: &[u8]) -> Result<String, ReceiptError> {
        let bytes =
            files::read(receipt).map_err(|error| ReceiptError(format!("{}: {error}", receipt.display())))?;
        let signature = receipt::signature_of(receipt);
        let scratch = self.places().out("receipt");
        receipt::signer(&mut self.runner(), &bytes, &signature, signers, &scratch)
    }

    /// Chooses the commit and reads the target from it.
    ///
    /// # Errors
    /// The tree is not clean, the configuration is wrong, the target is not there.
    pub fn candidate(&self, request: &Request) -> Result<Candidate<'_>, Box<Report>> {
        let unsure = |why: String| Report::on(&self.target, Exit::Unsure).because(why);
        let changes = match request.from {
            Some(_) => Vec::new(),
            None => self.repository.changes().map_err(|error| unsure(error.to_string()))?,
        };
        let dirty = !changes.is_empty() && request.allow_dirty;
        let commit = match &request.from {
            Some(revision) => Commit::open(&self.repository, revision),
            None if dirty => Commit::of_work_tree(&self.repository),
            None => Commit::open(&self.repository, "HEAD"),
        };
        let commit = commit.map_err(|error| unsure(error.to_string()))?;
        let candidate = self.read(commit).map_err(|report| {
            // A target that is written, but not committed, is a tree that is not clean.
            let uncommitted = changes.iter().any(|change| change.path() == lint::config::FILE_NAME);
            if uncommitted && !dirty { unsure(unclean(&changes)) } else { report }
        })?;
        let allowed = candidate.gate.allow_dirty || candidate.target.allow_dirty;
        let refuses = !changes.is_empty() && (!dirty || !allowed);
        if refuses {
            let mut why = unclean(&changes);
            if dirty {
                why.push_str("; `allow_dirty` of the target does not let them pass");
            }
            return Err(candidate.report(Exit::Unsure).because(why).next("git status"));
        }
        Ok(candidate)
    }

    /// What the commit that is checked out says, whatever the work tree holds.
    pub(super) fn committed(&self) -> Result<Candidate<'_>, Box<Report>> {
        let commit = Commit::open(&self.repository, "HEAD");
        self.read(commit.map_err(|error| Report::on(&self.target, Exit::Unsure).because(error.to_string()))?)
    }

    /// The same for a deployment that was begun before.
    pub(super) fn candidate_of(&self, plan: &Plan) -> Result<Candidate<'_>, Box<Report>> {
        let commit = Commit::with_tree(&self.repository, &plan.commit, &plan.tree)
            .map_err(|error| Report::on(&self.target, Exit::Unsure).because(error.to_string()))?;
        self.read(commit)
    }

    fn read(&self, commit: Commit) -> Result<Candidate<'_>, Box<Report>> {
        let config = Config::load(&commit);
        let usage = |why: String| Report::on(&self.target, Exit::Usage).because(why).next("shipworthy check");
        let deploying = Deploying::load(&commit, &config).map_err(|error| usage(error.to_string()))?;
        let target = deploying.target(&self.target).map_err(usage)?.clone();
        platform::possible(&target).map_err(usage)?;
        Ok(Candidate { opened: self, commit, gate: deploying.gate, target })
    }
}

fn unclean(changes: &[Change]) -> String {
    let told = changes.iter().take(NAMED).map(|change| match change {
        Change::Untracked(path) => format!("{path} is not committed"),
        Change::Changed(path) => format!("{path} differs from the commit"),
        Change::Hidden(path) => {
            format!("{path} hides its changes from git (assume-unchanged or skip-worktree)")
        }
    });
    let more = changes.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    format!("the work tree is not the commit: {}{more}", told.collect::<Vec<_>>().join(", "))
}

impl Candidate<'_> {
    /// A report that knows what it is about.
    pub(super) fn report(&self, exit: Exit) -> Box<Report> {
        let mut report = Report::on(&self.target.name, exit);
        report.environment = Some(self.target.environment.clone());
        report.commit = Some(self.commit.id().to_owned());
        report.tree = Some(self.commit.tree_id().to_owned());
        report.scope =
            Some(self.gate.scope).filter(|scope| *scope != GateScope::Repository).map(GateScope::name);
        report
    }

    /// Asks the gate, and for a receipt from outside where the target needs one.
    ///
    /// # Errors
    /// What holds the deployment back.
    pub(super) fn clear(&self, request: &Request) -> Result<Clearance, Box<Report>> {
        let clearance = self.pass(request)?;
        if self.gate.receipt.ci_required.contains(&self.target.name) {
            self.outside_receipt(request, &clearance)
                .map_err(|why| self.report(Exit::Unsure).because(why))?;
        }
        Ok(clearance)
    }

    /// Asks the gate.
    ///
    /// # Errors
    /// What holds the deployment back.
    pub(super) fn pass(&self, request: &Request) -> Result<Clearance, Box<Report>> {
        let protected = self.up_to_date().map_err(|why| self.report(Exit::Unsure).because(why))?;
        let answer = gate(&self.commit, &self.target.name, &self.policy(), &protected);
        match (answer, &request.break_glass) {
            (Ok(clearance), _) => Ok(clearance),
            (Err(refusal), Some(reason)) => match refusal.unknown(&request.overrides) {
                Some(unknown) => Err(self.report(Exit::Usage).because(unknown)),
                None => refusal
                    .break_glass(reason, &request.overrides)
                    .map_err(|refusal| refused(*refusal, self.report(Exit::Refused))),
            },
            (Err(refusal), None) => Err(refused(*refusal, self.report(Exit::Refused))),
        }
    }

    fn policy(&self) -> GatePolicy {
        GatePolicy {
            environment: self.target.environment.clone(),
            scope: self.gate.scope,
            fail_on: self.gate.fail_on.min(Severity::Error),
            never_override: self.gate.never_override.clone(),
            baseline: self.gate.baseline.clone(),
            today: time::today(),
        }
    }

    fn outside_receipt(&self, request: &Request, clearance: &Clearance) -> Result<(), String> {
        let path = request.receipt.as_ref().ok_or_else(|| {
            format!(
                "the target `{}` needs a signed receipt from outside; name it by --receipt",
                self.target.name
            )
        })?;
        let bytes = files::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let receipt = Receipt::parse(&bytes).map_err(|error| error.to_string())?;
        let wanted =
            Wanted { target: &self.target.name, tree: clearance.tree(), policy: Some(clearance.policy()) };
        receipt.verify(wanted, self.gate.receipt.max_age).map_err(|error| error.to_string())?;
        let place = self.gate.receipt.allowed_signers.as_deref();
        let place =
            place.ok_or("`[gate.receipt]` names no `allowed_signers`, so no receipt can be believed")?;
        self.opened.signer(path, &self.opened.signers(place)?).map(drop).map_err(|error| error.to_string())
    }

    /// What would be done.
    pub(super) fn plan(&self, clearance: &Clearance, finished_before: usize, no_cache: bool) -> Plan {
        let (steps, undo) = platform::steps(&self.target, no_cache);
        let overridden = clearance.overridden();
        let plan = Plan {
            version: 1,
            id: String::new(),
            target: self.target.name.clone(),
            environment: self.target.environment.clone(),
            provider: self.target.provider.name().to_owned(),
            commit: clearance.commit().to_owned(),
            tree: clearance.tree().to_owned(),
            policy: clearance.policy().to_owned(),
            scope: clearance.scope().name().to_owned(),
            overrides: overridden.map_or_else(Vec::new, |one| one.rules.clone()),
            reason: overridden.map_or_else(String::new, |one| one.reason.clone()),
            require_up_to_date: self.gate.require_up_to_date.clone(),
            steps,
            undo,
        };
        plan.named(finished_before)
    }

    /// The receipt, with a snapshot made for it alone.
    pub(super) fn receipt(&self, clearance: &Clearance, at: &Path) -> Result<Receipt, String> {
        let snapshot = Snapshot::create(&self.commit, at)?;
        let receipt = self.receipt_of(clearance, &snapshot);
        snapshot.remove();
        Ok(receipt)
    }

    pub(super) fn receipt_of(&self, clearance: &Clearance, snapshot: &Snapshot) -> Receipt {
        let contexts: Vec<(String, String)> = self
            .target
            .services
            .iter()
            .map(|service| {
                let below = source::join("", &service.context).unwrap_or_default();
                (service.name.clone(), snapshot.digest_below(&below))
            })
            .collect();
        let age = self.gate.receipt.max_age.unwrap_or(Duration::from_hours(24));
        Receipt::of(clearance, &snapshot.digest(), &contexts, age)
    }
}
