//! From a target's name to an end: what is checked before anything is done, and in which order.

mod back;
mod candidate;
mod history;
mod hold;
mod overtaken;
mod places;
mod platform;
mod programs;
mod protected;
mod run;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lint::gate::Refusal;

pub use back::rollback;
pub use candidate::{Candidate, Opened};
pub use history::Deployment;
use hold::Hold;
pub use hold::unlock;
pub use places::Places;
pub use run::{abort, resume};

use crate::journal::JournalError;
use crate::receipt::{self, ReceiptError, Wanted};
use crate::{Exit, Interrupt, Judged, Plan, Receipt, Report, Served, State, files};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The directory of the repository.
    pub root: PathBuf,
    /// The target.
    pub target: String,
    /// The commit, where it is not the one that is checked out.
    pub from: Option<String>,
    /// Whether an unclean tree is shipped as it is, where the target allows that.
    pub allow_dirty: bool,
    /// Only the plan is wanted.
    pub dry_run: bool,
    /// Where to write the plan.
    pub plan_out: Option<PathBuf>,
    /// A plan that must be exactly the one that is carried out.
    pub apply: Option<PathBuf>,
    /// The reason for passing over findings.
    pub break_glass: Option<String>,
    /// The rules whose findings are passed over.
    pub overrides: Vec<String>,
    /// A receipt from outside.
    pub receipt: Option<PathBuf>,
    /// How long to wait for the lock.
    pub wait_lock: Duration,
    /// Whether every image is built anew.
    pub no_cache: bool,
    /// The wish to stop.
    pub interrupt: Interrupt,
    /// Where programs are looked for, as `PATH` writes it; the caller's own where nothing is said.
    pub path: Option<OsString>,
}

/// What is told on the way.
pub trait Progress {
    /// A line for people: what is being done.
    fn tell(&mut self, line: &str);

    /// Whether to stop before the next step.
    fn stop(&mut self) -> bool {
        false
    }
}

/// Deploys to a target, or says why not.
#[must_use]
pub fn deploy(request: &Request, progress: &mut dyn Progress) -> Box<Report> {
    match attempt(request, progress) {
        Ok(report) | Err(report) => report,
    }
}

type Attempt = Result<Box<Report>, Box<Report>>;

fn attempt(request: &Request, progress: &mut dyn Progress) -> Attempt {
    let opened = Opened::of(request, &request.target)?;
    let candidate = opened.candidate(request)?;
    progress.tell(&format!("judging {} for {}", short(candidate.commit.id()), request.target));
    let clearance = candidate.clear(request)?;
    for note in clearance.notes() {
        progress.tell(&format!("{}: {}", note.path, note.message));
    }
    let places = opened.places();
    let finished = history::finished(&places, &request.target);
    let finished = finished.map_err(|error| candidate.report(Exit::Unsure).because(error.to_string()))?;
    let plan = candidate.plan(&clearance, finished, request.no_cache);
    candidate.has_programs(&plan).map_err(|why| candidate.report(Exit::Usage).because(why))?;
    if let Some(path) = &request.plan_out {
        let written = files::write_private(path, &plan.bytes());
        written
            .map_err(|error| candidate.report(Exit::Usage).because(format!("{}: {error}", path.display())))?;
    }
    if let Some(path) = &request.apply {
        let saved = files::read(path)
            .map_err(|error| candidate.report(Exit::Usage).because(format!("{}: {error}", path.display())))?;
        same_plan(path, &saved, &plan).map_err(|why| candidate.report(Exit::Unsure).because(why))?;
    }
    if request.dry_run {
        let mut report = candidate.report(Exit::Done).next(format!("shipworthy deploy {}", request.target));
        report.deploy = Some(plan.id.clone());
        report.plan = Some(plan.shown());
        return Ok(report);
    }
    if request.interrupt.is_asked() {
        return Err(candidate.report(Exit::Interrupted).because("stopped before anything was done"));
    }
    let hold = Hold::take(&candidate, &format!("deploying {}", plan.id), request)?;
    let settled = run::settle_earlier(&opened, &plan, &hold, progress).map_err(|ending| {
        let why = format!("an earlier deployment could not be brought to an end: {}", ending.note);
        let mut report = candidate.report(ending.exit).because(why);
        report.otherwise = Served::Unknown;
        report
    });
    let shipped = settled.and_then(|()| {
        run::not_overtaken(&candidate, &plan, &hold)?;
        run::ship(&opened, &candidate, &clearance, &plan, (request, &hold), progress)
    });
    match shipped {
        Ok(report) => Ok(hold.release(report)),
        Err(report) => Err(hold.release(report)),
    }
}

fn same_plan(path: &Path, saved: &[u8], plan: &Plan) -> Result<(), String> {
    if saved == plan.bytes() {
        return Ok(());
    }
    Err(format!("{} is not what would be done now; make the plan again", path.display()))
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// Makes a receipt for a target without deploying.
///
/// # Errors
/// The gate refuses, or something could not be judged.
pub fn make_receipt(request: &Request) -> Result<Receipt, Box<Report>> {
    let opened = Opened::of(request, &request.target)?;
    let candidate = opened.candidate(request)?;
    let clearance = candidate.pass(request)?;
    let snapshot = opened.places().snapshot(&format!("receipt-{}", std::process::id()));
    let made = candidate.receipt(&clearance, &snapshot);
    made.map_err(|why| candidate.report(Exit::Unsure).because(why))
}

/// What a refusal of the gate says.
fn refused(refusal: Refusal, mut report: Box<Report>) -> Box<Report> {
    report.exit = if refusal.is_held() { Exit::Refused } else { Exit::Unsure };
    let environment = report.environment.as_deref().unwrap_or("");
    report.next = format!("shipworthy check --env {environment}");
    report.judged = Some(Judged { verdict: refusal.verdict(), fail_on: refusal.fail_on() });
    report.findings = refusal.findings;
    report.concealed = refusal.concealed;
    report.problems.extend(refusal.problems);
    report.state = State::Snapshot;
    report
}

/// Whether the commit that is checked out has the target.
///
/// # Errors
/// It has none of that name, or its configuration is wrong.
pub fn is_target(request: &Request) -> Result<(), Box<Report>> {
    Opened::of(request, &request.target)?.committed().map(drop)
}

/// Every deployment that was begun here, or those to a target, in the order in which they began.
///
/// # Errors
/// There is no repository, or a journal cannot be read.
pub fn deployments(request: &Request, target: Option<&str>) -> Result<Vec<Deployment>, Box<Report>> {
    let name = target.unwrap_or("");
    let unread = |error: JournalError| Report::on(name, Exit::Unsure).because(error.to_string());
    history::with_holders(&Opened::of(request, name)?.places(), target).map_err(unread)
}

/// Reads a receipt.
///
/// # Errors
/// The file is not there, or holds none.
pub fn read_receipt(file: &Path) -> Result<Receipt, ReceiptError> {
    let bytes = files::read(file).map_err(|error| ReceiptError(format!("{}: {error}", file.display())))?;
    Receipt::parse(&bytes)
}

/// Writes a receipt, and signs it where a key is given.
///
/// # Errors
/// The disk refuses, or the key does.
pub fn write_receipt(
    request: &Request,
    receipt: &Receipt,
    file: &Path,
    key: Option<&Path>,
) -> Result<(), ReceiptError> {
    let failed = |at: &Path, error: std::io::Error| ReceiptError(format!("{}: {error}", at.display()));
    let bytes = receipt.bytes();
    let signed = key.map(|key| receipt::sign(&mut opened(request)?.runner(), key, &bytes)).transpose()?;
    let beside = receipt::signature_of(file);
    // That of an earlier receipt would be one of other bytes.
    let _ = std::fs::remove_file(&beside);
    files::write_private(file, &bytes).map_err(|error| failed(file, error))?;
    let Some(signature) = signed else { return Ok(()) };
    files::write_private(&beside, signature.as_bytes()).map_err(|error| {
        let _ = std::fs::remove_file(file);
        failed(&beside, error)
    })
}

/// Whether a receipt is for the commit that is checked out, and signed by one of `signers`; without these, by one of
/// those that `[gate.receipt]` names, on the protected branch where there is one. Gives who signed it.
///
/// # Errors
/// It is not to be believed.
pub fn verify_receipt(
    request: &Request,
    file: &Path,
    signers: Option<&Path>,
) -> Result<String, ReceiptError> {
    let failed = |why: String| ReceiptError(why);
    let opened = opened(request)?;
    let tree = opened.repository.tree_id("HEAD").map_err(|error| failed(error.to_string()))?;
    let receipt = read_receipt(file)?;
    receipt.verify(Wanted { target: &request.target, tree: &tree, policy: None }, None)?;
    let signers = match signers {
        Some(path) => files::read(path).map_err(|error| failed(format!("{}: {error}", path.display())))?,
        None => protected_signers(&opened).map_err(failed)?,
    };
    opened.signer(file, &signers)
}

/// The signers that the configuration names.
fn protected_signers(opened: &Opened) -> Result<Vec<u8>, String> {
    let nobody = "it is for this commit and target, but nobody is named whose signature would make it believed: say \
                  `--allowed-signers FILE`, or write `allowed_signers` below `[gate.receipt]`";
    let candidate = opened.committed().map_err(|report| said(&report))?;
    let place = candidate.allowed_signers()?.ok_or(nobody)?;
    opened.signers(&place)
}

fn opened(request: &Request) -> Result<Opened, ReceiptError> {
    Opened::of(request, &request.target).map_err(|report| ReceiptError(said(&report)))
}

/// The first thing that a report says.
fn said(report: &Report) -> String {
    report.problems.first().map_or_else(String::new, |problem| problem.message.clone())
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_cloud_run;
#[cfg(test)]
mod tests_lock;
#[cfg(test)]
mod tests_overtaken;
#[cfg(test)]
mod tests_protected;
#[cfg(test)]
mod tests_receipt;
#[cfg(test)]
mod tests_resume;
#[cfg(test)]
mod tests_terraform;
