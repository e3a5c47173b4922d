//! One deployment to a target at a time, on all machines of a team: a lease that is kept in a ref of the git remote.
//!
//! The remote compares before it moves the ref, so two cannot both have it. A lease that nobody renews any more ends by
//! itself, whatever became of its holder. Every holder gets a greater number than the one before.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use git::{GitError, RemoteRef, Repository};
use serde::{Deserialize, Serialize};

use crate::{Interrupt, time};

/// Between two looks while somebody else has it.
const PAUSE: Duration = Duration::from_secs(2);

/// Where a lease is kept, and how long it counts.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) repository: Repository,
    pub(crate) remote: String,
    pub(crate) reference: String,
    /// A lease that was not renewed for so long is over.
    pub(crate) ttl: Duration,
}

/// What the ref says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// 1.
    pub(crate) version: u32,
    pub(crate) state: State,
    /// The clone that holds it.
    pub(crate) holder: String,
    /// What it is held for, for people.
    pub(crate) what: String,
    /// Grows with each holder.
    pub(crate) fence: u64,
    /// When it was taken or renewed, in UTC.
    pub(crate) renewed: String,
    /// How long it counts from then, in seconds.
    pub(crate) ttl: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// Somebody deploys.
    Held,
    /// Nobody deploys.
    Free,
}

/// Why the lease is not held.
#[derive(Debug)]
pub(crate) enum LeaseError {
    /// Somebody else has it; who, and what to do.
    Held(String),
    /// It was asked to stop before it was free.
    GivenUp,
    /// It cannot be asked for.
    Failed(String),
}

impl Note {
    /// Why somebody else may not take it now; none where they may.
    fn keeps_out(&self, holder: &str, now: u64) -> Option<String> {
        let renewed = time::parse(&self.renewed).unwrap_or(u64::MAX / 2);
        let ends = renewed.saturating_add(self.ttl);
        match self.state {
            // The lock of this machine says that whoever wrote it is gone.
            _ if self.holder == holder => None,
            State::Free => None,
            State::Held if now >= ends => None,
            State::Held => Some(format!(
                "{}, since {}; it ends at {} unless it is renewed",
                self.what,
                self.renewed,
                time::rfc3339(ends)
            )),
        }
    }
}

impl Place {
    /// What the ref says now; none where nobody ever held it.
    pub(crate) fn read(&self) -> Result<Option<(String, Note)>, LeaseError> {
        let found =
            self.repository.read_ref(&self.remote, &self.reference).map_err(|error| self.failed(&error))?;
        let Some(RemoteRef { id, text }) = found else { return Ok(None) };
        let note = serde_json::from_str(&text).map_err(|error| {
            let (reference, remote) = (&self.reference, &self.remote);
            LeaseError::Failed(format!(
                "`{reference}` of `{remote}` holds no lock of this version ({error}); if nobody deploys, delete it: git push \
                 {remote} :{reference}"
            ))
        })?;
        Ok(Some((id, note)))
    }

    fn write(&self, old: Option<&str>, note: &Note) -> Result<Option<String>, LeaseError> {
        let text = serde_json::to_string(note).map_err(|error| LeaseError::Failed(error.to_string()))?;
        self.repository
            .write_ref(&self.remote, &self.reference, old, &text)
            .map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &GitError) -> LeaseError {
        LeaseError::Failed(format!(
            "it cannot be read from or written to the remote `{}`: {error}",
            self.remote
        ))
    }

    /// Frees the target by hand, whatever a holder that is gone has left. Gives what was there.
    pub(crate) fn free(&self, reason: &str) -> Result<Option<Note>, LeaseError> {
        let Some((id, before)) = self.read()? else { return Ok(None) };
        if before.state == State::Held
            && let Some(why) = before.keeps_out("", time::unix())
        {
            return Err(LeaseError::Held(why));
        }
        let what = format!("taken away by hand: {reason}");
        // The number stays: nobody has held the target meanwhile, and the next holder gets the one after it.
        let free = Note { state: State::Free, what, renewed: now(), ..before.clone() };
        match self.write(Some(&id), &free)? {
            Some(_) => Ok(Some(before)),
            None => Err(LeaseError::Held("somebody was quicker".to_owned())),
        }
    }
}

fn now() -> String {
    time::rfc3339(time::unix())
}

/// A lease that is held, and renewed, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    shared: Arc<Shared>,
    renewing: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    place: Place,
    /// Held while the remote is asked, so that renewals do not overtake each other.
    asking: Mutex<()>,
    now: Mutex<Now>,
    wake: Condvar,
}

#[derive(Debug)]
struct Now {
    id: String,
    note: Note,
    renewed: Instant,
    /// Why it is not held any more.
    lost: Option<String>,
    ending: bool,
}

impl Lease {
    /// Takes the lease, waiting for it as long as `patience`, or until `interrupt` asks to stop.
    pub(crate) fn take(
        place: Place,
        holder: &str,
        what: &str,
        patience: Duration,
        interrupt: &Interrupt,
    ) -> Result<Self, LeaseError> {
        let end = Instant::now() + patience;
        loop {
            let before = place.read()?;
            let (old, fence) =
                before.as_ref().map_or((None, 0), |(id, note)| (Some(id.as_str()), note.fence));
            let kept = before.as_ref().and_then(|(_, note)| note.keeps_out(holder, time::unix()));
            let asked = Instant::now();
            if kept.is_none() {
                let ttl = place.ttl.as_secs();
                let (holder, what) = (holder.to_owned(), what.to_owned());
                let note = Note {
                    version: 1,
                    state: State::Held,
                    holder,
                    what,
                    fence: fence + 1,
                    renewed: now(),
                    ttl,
                };
                if let Some(id) = place.write(old, &note)? {
                    return Ok(Self::renewed_from_now_on(place, id, note, asked));
                }
            }
            if interrupt.is_asked() {
                return Err(LeaseError::GivenUp);
            }
            if asked >= end {
                return Err(LeaseError::Held(kept.unwrap_or_else(|| "somebody was quicker".to_owned())));
            }
            std::thread::sleep(PAUSE.min(patience));
        }
    }

    fn renewed_from_now_on(place: Place, id: String, note: Note, renewed: Instant) -> Self {
        let now = Now { id, note, renewed, lost: None, ending: false };
        let shared =
            Arc::new(Shared { place, asking: Mutex::new(()), now: Mutex::new(now), wake: Condvar::new() });
        let theirs = Arc::clone(&shared);
        Self { shared, renewing: Some(std::thread::spawn(move || theirs.renew())) }
    }

    /// The number of this holder, greater than those of all before it.
    pub(crate) fn fence(&self) -> u64 {
        self.shared.lock().note.fence
    }

    /// Whether the target is still ours alone; `surely` asks the remote now.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn holds(&self, surely: bool) -> Result<(), String> {
        if surely {
            self.shared.renew_once();
        }
        let now = self.shared.lock();
        match &now.lost {
            Some(why) => Err(why.clone()),
            None if now.renewed.elapsed() >= self.shared.place.ttl => {
                Err("the lock could not be renewed in time, so somebody else may deploy".to_owned())
            }
            None => Ok(()),
        }
    }

    /// Gives the target back. A lease that is only dropped counts until its time is over.
    pub(crate) fn release(mut self) {
        self.end_renewing();
        let now = self.shared.lock();
        if now.lost.is_none() {
            let note = Note { state: State::Free, renewed: self::now(), ..now.note.clone() };
            // Where the remote does not answer the lease ends by itself.
            let _ = self.shared.place.write(Some(&now.id), &note);
        }
    }

    fn end_renewing(&mut self) {
        self.shared.lock().ending = true;
        self.shared.wake.notify_all();
        if let Some(renewing) = self.renewing.take() {
            // A thread that panicked renews no more, which is all that is wanted.
            let _ = renewing.join();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.end_renewing();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Renews every third of the time for which the lease counts.
    fn renew(&self) {
        let pause = self.place.ttl / 3;
        loop {
            let waited = self.wake.wait_timeout_while(self.lock(), pause, |now| !now.ending);
            let now = waited.map_or_else(|poisoned| poisoned.into_inner().0, |(now, _)| now);
            if now.ending || now.lost.is_some() {
                return;
            }
            drop(now);
            self.renew_once();
        }
    }

    fn renew_once(&self) {
        let _asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        let (id, note) = {
            let now = self.lock();
            (now.id.clone(), Note { renewed: self::now(), ..now.note.clone() })
        };
        let asked = Instant::now();
        let written = self.place.write(Some(&id), &note);
        let mut now = self.lock();
        match written {
            Ok(Some(id)) => {
                now.id = id;
                now.note = note;
                now.renewed = asked;
            }
            Ok(None) => now.lost = Some("somebody else has taken the lock".to_owned()),
            // The remote may answer the next time; until then `holds` counts.
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
