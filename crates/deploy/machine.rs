//! The machine that carries out a plan: intent, act, look, record; and the way back when something fails.

mod back;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod sabotage;

use crate::journal::{Draft, Journal, JournalError, Phase, Record};
use crate::plan::{Act, Plan, Step, Way};
use crate::provider::{Effect, Provider, Reply};
use crate::{Exit, State};

/// How a run of the machine ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// What was reached.
    pub state: State,
    /// How it ended.
    pub exit: Exit,
    /// What there is to say to a person.
    pub note: String,
    /// What users see now.
    pub serving: Option<String>,
}

/// What the machine asks before it acts, and tells while it does.
pub trait Watch {
    /// Whether a step may be done: the files are still those that were judged.
    ///
    /// # Errors
    /// Why not.
    fn may(&mut self, step: &Step) -> Result<(), String>;

    /// Whether the target is still held by this run alone.
    ///
    /// # Errors
    /// Why not; nothing more may be done then, not even on the way back.
    fn holds(&mut self, _step: &Step) -> Result<(), String> {
        Ok(())
    }

    /// Whether to stop before the next step.
    fn stop(&mut self) -> bool {
        false
    }

    /// Whether not even the present step is to be finished.
    fn is_at_once(&self) -> bool {
        false
    }

    /// A record was written.
    fn tell(&mut self, _record: &Record) {}
}

/// Why the way forward ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// How the deployment ends once the way back is done, where traffic had not moved.
    exit: Exit,
    note: String,
}

/// Carries out one plan.
pub(crate) struct Machine<'m> {
    pub(crate) plan: &'m Plan,
    pub(crate) journal: &'m mut Journal,
    pub(crate) provider: &'m mut dyn Provider,
    pub(crate) watch: &'m mut dyn Watch,
}

/// What came of the way forward.
enum Forward {
    Arrived,
    Stopped,
    Failed(Failure),
}

impl Machine<'_> {
    /// Goes on from where the journal ends. A deployment that has ended stays as it is.
    ///
    /// # Errors
    /// The journal cannot be written, the lock is lost, or the end was asked for at once; the next run goes on from what it holds.
    pub(crate) fn run(&mut self) -> Result<Ending, JournalError> {
        if let Some(ending) = self.ended() {
            return Ok(ending);
        }
        if self.journal.turned_back().is_some() {
            return self.go_back();
        }
        match self.forward()? {
            Forward::Arrived => self.end(State::Done, Exit::Done, String::new()),
            Forward::Stopped => self.stopped(),
            Forward::Failed(failure) => {
                self.turn_back(failure)?;
                self.go_back()
            }
        }
    }

    /// Gives up: leads back from wherever the journal ends.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(crate) fn abort(&mut self, reason: &str) -> Result<Ending, JournalError> {
        if let Some(ending) = self.ended() {
            return Ok(ending);
        }
        if self.journal.turned_back().is_none() {
            self.turn_back(Failure { exit: Exit::Failed, note: format!("given up: {reason}") })?;
        }
        self.go_back()
    }

    fn ended(&mut self) -> Option<Ending> {
        let record = self.journal.ending()?;
        let (state, note) = (record.state, record.note.clone());
        let exit = record.exit.unwrap_or(Exit::Unsure);
        let serving = self.provider.serving(&self.journal.known());
        Some(Ending { state, exit, note, serving })
    }

    fn forward(&mut self) -> Result<Forward, JournalError> {
        let plan = self.plan;
        for (index, step) in plan.steps.iter().enumerate() {
            let key = plan.key(Way::Forward, index);
            if self.journal.is_done(&key) {
                continue;
            }
            if self.watch.stop() {
                return Ok(Forward::Stopped);
            }
            if let Err(note) = self.step(&key, step)? {
                return Ok(Forward::Failed(Failure { exit: exit_of(step.act), note }));
            }
        }
        Ok(Forward::Arrived)
    }

    fn stopped(&mut self) -> Result<Ending, JournalError> {
        let state = self.journal.state();
        let note = if self.traffic_moved() {
            "stopped on request; users may see the new version already: `resume` goes on, `abort` leads back"
        } else {
            "stopped on request; nothing is half done"
        };
        let note = note.to_owned();
        self.write(Draft::new(&self.plan.id, state, Phase::Interrupted).note(note.clone()))?;
        let serving = self.provider.serving(&self.journal.known());
        Ok(Ending { state, exit: Exit::Interrupted, note, serving })
    }

    /// Does one step, unless its effect is already there. The inner error is for people.
    fn step(&mut self, key: &str, step: &Step) -> Result<Result<(), String>, JournalError> {
        if self.journal.is_open(key) {
            match self.provider.effect(step, &self.journal.known()) {
                Effect::There(observed) => {
                    let draft = self.draft(key, step, Phase::Observed).observed(observed);
                    self.write(draft.note("had been done before the last run ended"))?;
                    return Ok(Ok(()));
                }
                Effect::Unknown(why) => return self.failed(key, step, why, &Reply::default()),
                Effect::Unseen if step.irreversible => {
                    let why = "was begun by a run that ended, and nobody can tell whether it was done; look yourself, then \
                               deploy again";
                    return self.failed(key, step, why.to_owned(), &Reply::default());
                }
                Effect::Missing(_) | Effect::Unseen => {}
            }
        }
        self.watch.holds(step).map_err(JournalError)?;
        if let Err(why) = self.watch.may(step) {
            return self.failed(key, step, why, &Reply::default());
        }
        let intent = self.draft(key, step, Phase::Intent);
        self.write(intent)?;
        let reply = self.provider.act(step, &self.journal.known());
        if self.watch.is_at_once() {
            // As if killed here: what came of the step is for the next run to see.
            return Err(JournalError(format!("stopped at once, in the middle of {}", step.state)));
        }
        self.settle(key, step, reply)
    }

    /// Decides by what is seen, not by what was answered.
    fn settle(
        &mut self,
        key: &str,
        step: &Step,
        mut reply: Reply,
    ) -> Result<Result<(), String>, JournalError> {
        let trouble = match self.provider.effect(step, &self.journal.known()) {
            Effect::There(observed) => {
                reply.observed.extend(observed);
                None
            }
            Effect::Unseen => reply.trouble.clone(),
            Effect::Missing(why) | Effect::Unknown(why) => Some(reply.trouble.clone().unwrap_or(why)),
        };
        if let Some(why) = trouble {
            return self.failed(key, step, why, &reply);
        }
        let draft = self.draft(key, step, Phase::Done).observed(std::mem::take(&mut reply.observed));
        let draft = match reply.trouble {
            Some(answer) => draft.note(format!("is there, although the answer was: {answer}")),
            None => draft,
        };
        self.write(draft.ran(reply.argv, reply.rc, reply.ms, reply.redactions))?;
        Ok(Ok(()))
    }

    fn failed(
        &mut self,
        key: &str,
        step: &Step,
        why: String,
        reply: &Reply,
    ) -> Result<Result<(), String>, JournalError> {
        let draft = self.draft(key, step, Phase::Failed).note(why.clone());
        self.write(draft.ran(reply.argv.clone(), reply.rc, reply.ms, reply.redactions))?;
        Ok(Err(why))
    }

    fn draft(&self, key: &str, step: &Step, phase: Phase) -> Draft {
        Draft::new(&self.plan.id, step.state, phase).step(key, step.service.as_deref())
    }

    fn end(&mut self, state: State, exit: Exit, note: String) -> Result<Ending, JournalError> {
        self.write(Draft::new(&self.plan.id, state, Phase::Done).exit(exit).note(note.clone()))?;
        let serving = self.provider.serving(&self.journal.known());
        Ok(Ending { state, exit, note, serving })
    }

    fn write(&mut self, draft: Draft) -> Result<(), JournalError> {
        let record = self.journal.write(draft)?;
        self.watch.tell(record);
        Ok(())
    }
}

/// How a deployment ends when this act fails and traffic has not moved.
const fn exit_of(act: Act) -> Exit {
    match act {
        Act::Record => Exit::Unsure,
        Act::Check => Exit::Unhealthy,
        Act::Smoke => Exit::Invalid,
        Act::Restore => Exit::RollbackFailed,
        _ => Exit::Failed,
    }
}
