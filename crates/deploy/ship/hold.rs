//! Holding a target, so that nobody else deploys to it: on this machine by a file, for a team by a ref of the remote too.

use std::path::Path;

use super::candidate::Candidate;
use super::{Opened, Places, Request};
use crate::config::SharedLock;
use crate::lease::{Lease, LeaseError, Place};
use crate::lock::{Lock, LockError};
use crate::{Exit, Report, Served, files, hash, time};

/// A target that is held, until this is dropped or the process ends.
pub(super) struct Hold {
    lease: Option<Lease>,
    // Freed last: whoever has it may take the lease of this clone over.
    _here: Lock,
}

impl Hold {
    /// Takes the target's locks. `what` is written down for those who ask.
    pub(super) fn take(
        candidate: &Candidate<'_>,
        what: &str,
        request: &Request,
    ) -> Result<Self, Box<Report>> {
        let (places, target) = (candidate.opened.places(), &candidate.target);
        let here = Lock::take(&places.lock(&target.name), what, request.wait_lock, &request.interrupt)
            .map_err(|error| refused(candidate, of_lock(error)))?;
        let Some(shared) = &target.lock else { return Ok(Self { lease: None, _here: here }) };
        let holder = holder(&places).map_err(|why| refused(candidate, LeaseError::Failed(why)))?;
        let who = std::env::var("USER").map(|user| format!("{what}, by {user}"));
        let who = who.unwrap_or_else(|_| what.to_owned());
        let place = place(candidate.opened, &target.name, shared);
        let lease = Lease::take(place, &holder, &who, request.wait_lock, &request.interrupt)
            .map_err(|error| refused(candidate, error))?;
        Ok(Self { lease: Some(lease), _here: here })
    }

    /// A number that grows with everybody who holds the target; none where only this machine deploys.
    pub(super) fn fence(&self) -> Option<u64> {
        self.lease.as_ref().map(Lease::fence)
    }

    /// Whether nobody else deploys; `surely` asks the remote now.
    pub(super) fn holds(&self, surely: bool) -> Result<(), String> {
        self.lease.as_ref().map_or(Ok(()), |lease| lease.holds(surely))
    }

    /// Gives the target back. Where a run was stopped in the middle of a step, or while users may be shared between
    /// versions, the others are kept out for as long as the lease counts.
    pub(super) fn release(self, report: Box<Report>) -> Box<Report> {
        let is_left = matches!(report.exit, Exit::Interrupted | Exit::Unsure);
        let is_mixed = report.cut_off || report.otherwise == Served::Unknown;
        let is_left = is_left && !report.overtaken;
        if let Some(lease) = self.lease
            && !(is_left && is_mixed)
        {
            lease.release();
        }
        report
    }
}

/// The ref that holds a target's lock.
pub(super) fn place(opened: &Opened, target: &str, shared: &SharedLock) -> Place {
    Place {
        repository: opened.repository.clone(),
        remote: shared.remote.clone(),
        reference: format!("refs/shipworthy/lock/{target}"),
        ttl: shared.ttl,
    }
}

/// The name of this clone: nobody else's, and the same in every run.
fn holder(places: &Places) -> Result<String, String> {
    let path = places.clone_name();
    let read = |path: &Path| files::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(name) = read(&path).filter(|name| name.len() == 32) {
        return Ok(name);
    }
    // Two clones that are named in one second by processes of one number would still lie in different folders.
    let seed = format!("{} {} {}", time::unix(), std::process::id(), path.display());
    let name: String = hash::sha256(seed.as_bytes()).chars().take(32).collect();
    files::write_private(&path, name.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(name)
}

fn of_lock(error: LockError) -> LeaseError {
    match error {
        LockError::Held(who) => LeaseError::Held(who),
        LockError::GivenUp => LeaseError::GivenUp,
        LockError::Failed(error) => LeaseError::Failed(error.to_string()),
    }
}

fn refused(candidate: &Candidate<'_>, error: LeaseError) -> Box<Report> {
    match error {
        LeaseError::Held(who) => {
            let why = format!("somebody else deploys to `{}`: {who}", candidate.target.name);
            let mut report = candidate.report(Exit::Locked).because(why);
            report.otherwise = Served::Unknown;
            report
        }
        LeaseError::GivenUp => {
            candidate.report(Exit::Interrupted).because("stopped while waiting for the lock")
        }
        LeaseError::Failed(error) => {
            candidate.report(Exit::Unsure).because(format!("the lock cannot be asked for: {error}"))
        }
    }
}

/// Takes a lock of the team away that its holder has left. Gives what there is to say.
///
/// # Errors
/// Somebody holds it, or it cannot be asked for.
pub fn unlock(request: &Request, reason: &str) -> Result<String, Box<Report>> {
    let opened = Opened::of(request, &request.target)?;
    let target = &request.target;
    if let Some(who) = Lock::held_by(&opened.places().lock(target)) {
        let why = format!("{target}: held by {who}; it is free as soon as that process ends");
        return Err(Report::on(target, Exit::Locked).because(why));
    }
    let candidate = opened.committed()?;
    let Some(shared) = &candidate.target.lock else {
        return Ok(format!("{target}: nobody holds the lock ({reason})"));
    };
    match place(&opened, target, shared).free(reason) {
        Ok(Some(before)) => {
            Ok(format!("{target}: taken away from: {}, renewed {} ({reason})", before.what, before.renewed))
        }
        Ok(None) => Ok(format!("{target}: nobody holds the lock ({reason})")),
        Err(error) => Err(refused(&candidate, error)),
    }
}
