//! The way back.

use super::{Ending, Failure, Machine};
use crate::journal::{Draft, JournalError, Phase};
use crate::plan::{Act, Step, Way};
use crate::{Exit, State};

/// A platform that is out of order for a moment must not leave users on a version that failed.
const ATTEMPTS: usize = 3;

impl Machine<'_> {
    /// Writes down that the way leads back from here on, and why.
    pub(super) fn turn_back(&mut self, failure: Failure) -> Result<(), JournalError> {
        let state = if self.traffic_moved() { State::RollingBack } else { State::Unstaging };
        let draft = Draft::new(&self.plan.id, state, Phase::Turned).exit(failure.exit).note(failure.note);
        self.write(draft)
    }

    /// Whether users may have seen another version.
    pub(super) fn traffic_moved(&self) -> bool {
        self.began(|step| step.act.changes_what_serves())
    }

    /// Whether a step of this kind was begun.
    fn began(&self, is_meant: impl Fn(&Step) -> bool) -> bool {
        self.journal.began(self.plan, is_meant)
    }

    /// Undoes what was done, and ends the deployment.
    pub(super) fn go_back(&mut self) -> Result<Ending, JournalError> {
        let turned = self.journal.turned_back();
        let (exit, why) = turned.map_or((Exit::Unsure, String::new()), |record| {
            (record.exit.unwrap_or(Exit::Unsure), record.note.clone())
        });
        if self.traffic_moved() { self.restore(exit, why) } else { self.unstage(exit, why) }
    }

    fn unstage(&mut self, exit: Exit, why: String) -> Result<Ending, JournalError> {
        let note = match self.undo(|act| act == Act::Unstage)? {
            Ok(()) => why,
            // Nobody sees what is left over, so it does not change how this ends.
            Err(left) => format!("{why}; what was staged is still there: {left}"),
        };
        self.end(State::FailedSafe, exit, note)
    }

    fn restore(&mut self, exit: Exit, why: String) -> Result<Ending, JournalError> {
        if !self.plan.undo.iter().any(|step| step.act == Act::Restore) {
            // Without a way back, a step that failed has shown nothing to users that is known to be wrong.
            let confirmed = self.began(|step| matches!(step.act, Act::Confirm | Act::Settle));
            let is_known_to_be_wrong = confirmed || exit != Exit::Failed || self.can_stage();
            let (state, exit) = if is_known_to_be_wrong || self.plan.is_rollback() {
                (State::RollbackFailed, Exit::RollbackFailed)
            } else {
                (State::Failed, Exit::Failed)
            };
            let note =
                if self.plan.is_rollback() { why } else { format!("{why}; the target has no way back") };
            return self.end(state, exit, note);
        }
        let restored = match self.undo(|act| act == Act::Restore)? {
            Ok(()) => self.undo(|act| act == Act::Confirm)?,
            wrong => wrong,
        };
        match restored {
            Ok(()) => {
                // What is left over serves nobody.
                let _ = self.undo(|act| act == Act::Unstage)?;
                self.end(State::RolledBack, Exit::RolledBack, why)
            }
            Err(wrong) => self.end(
                State::RollbackFailed,
                Exit::RollbackFailed,
                format!("{why}; the way back failed: {wrong}"),
            ),
        }
    }

    /// Whether the platform serves nobody but by a step that says so.
    fn can_stage(&self) -> bool {
        self.plan.steps.iter().any(|step| step.act == Act::Stage)
    }

    /// Undoes, of the steps of one kind, those for which there is something to undo. All are tried.
    fn undo(&mut self, is_meant: impl Fn(Act) -> bool) -> Result<Result<(), String>, JournalError> {
        let plan = self.plan;
        let mut outcome = Ok(());
        for (index, step) in plan.undo.iter().enumerate() {
            let key = plan.key(Way::Back, index);
            if !is_meant(step.act) || !self.is_needed(step) || self.journal.is_done(&key) {
                continue;
            }
            let mut last = self.step(&key, step)?;
            for _ in 1..ATTEMPTS {
                if last.is_ok() {
                    break;
                }
                last = self.step(&key, step)?;
            }
            outcome = outcome.and(last);
        }
        Ok(outcome)
    }

    /// A service that was not touched is not touched on the way back either.
    fn is_needed(&self, undo: &Step) -> bool {
        let same = |step: &Step| undo.service.is_none() || step.service == undo.service;
        match undo.act {
            Act::Unstage => self.began(|step| step.act == Act::Stage && same(step)),
            _ => self.began(|step| step.act.moves_traffic() && same(step)),
        }
    }
}
