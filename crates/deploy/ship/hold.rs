//! Holding a target, so that nobody else deploys to it.

use super::Request;
use super::candidate::Candidate;
use crate::lock::{Lock, LockError};
use crate::{Exit, Report};

/// A target that is held, until this is dropped or the process ends.
pub(super) struct Hold {
    _here: Lock,
}

impl Hold {
    /// Takes the target's lock. `what` is written down for those who ask.
    pub(super) fn take(
        candidate: &Candidate<'_>,
        what: &str,
        request: &Request,
    ) -> Result<Self, Box<Report>> {
        let path = candidate.opened.places().lock(&candidate.target.name);
        let here = Lock::take(&path, what, request.wait_lock, &request.interrupt);
        here.map(|here| Self { _here: here }).map_err(|error| refused(candidate, error))
    }
}

fn refused(candidate: &Candidate<'_>, error: LockError) -> Box<Report> {
    match error {
        LockError::Held(who) => {
            let why = format!("somebody else deploys to `{}`: {who}", candidate.target.name);
            candidate.report(Exit::Locked).because(why)
        }
        LockError::GivenUp => {
            candidate.report(Exit::Interrupted).because("stopped while waiting for the lock")
        }
        LockError::Failed(error) => {
            candidate.report(Exit::Unsure).because(format!("the lock cannot be asked for: {error}"))
        }
    }
}
