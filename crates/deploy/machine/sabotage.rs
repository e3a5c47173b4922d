//! Deliberately broken builds: one for each promise, to show that the tests would notice. What is broken stands around the
//! machine, which is the one that is shipped.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use serde_json::{Map, json};

use super::Watch;
use crate::State;
use crate::journal::{Phase, Record, Store};
use crate::plan::{Act, Step};
use crate::provider::simulator::Simulator;
use crate::provider::{Effect, Known, Provider, Reply};

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Traffic goes to a version that nobody asked whether it is well.
    SkipsChecks,
    /// Something is done before it is written that it will be.
    ActsBeforeIntent,
    /// What a platform says of its own success is believed.
    BelievesAnswers,
    /// The end is not written.
    ForgetsTheEnd,
    /// The way back leads to any other version instead of to what was recorded.
    GuessesPrevious,
    /// The lock stays after the run.
    KeepsLock,
    /// A torn line is left where it is.
    KeepsTornLine,
}

impl Broken {
    pub(crate) const ALL: [Self; 7] = [
        Self::SkipsChecks,
        Self::ActsBeforeIntent,
        Self::BelievesAnswers,
        Self::ForgetsTheEnd,
        Self::GuessesPrevious,
        Self::KeepsLock,
        Self::KeepsTornLine,
    ];
}

/// A platform, asked as a broken machine would ask it.
#[derive(Clone)]
pub(super) struct Platform {
    pub(super) simulator: Rc<RefCell<Simulator>>,
    pub(super) broken: Option<Broken>,
}

impl Platform {
    fn is(&self, broken: Broken, step: &Step, act: Act) -> bool {
        self.broken == Some(broken) && step.act == act
    }
}

impl Provider for Platform {
    fn act(&mut self, step: &Step, known: &Known) -> Reply {
        if self.is(Broken::SkipsChecks, step, Act::Check) {
            return Reply::default();
        }
        let mut known = known.clone();
        if self.is(Broken::GuessesPrevious, step, Act::Restore) {
            let guess = Map::from_iter([("traffic".to_owned(), json!({ "old-a": 100 }))]);
            known.insert(step.service_name().to_owned(), guess);
        }
        self.simulator.borrow_mut().act(step, &known)
    }

    fn effect(&mut self, step: &Step, known: &Known) -> Effect {
        if self.broken == Some(Broken::BelievesAnswers) || self.is(Broken::SkipsChecks, step, Act::Check) {
            return Effect::Unseen;
        }
        if self.is(Broken::GuessesPrevious, step, Act::Restore) {
            return Effect::There(Map::new());
        }
        self.simulator.borrow_mut().effect(step, known)
    }

    fn serving(&mut self, known: &Known) -> Option<String> {
        self.simulator.borrow_mut().serving(known)
    }
}

/// Lets everything be done, and does it at once where that is what is broken.
pub(super) struct Willing(pub(super) Platform);

impl Watch for Willing {
    fn may(&mut self, step: &Step) -> Result<(), String> {
        if self.0.broken == Some(Broken::ActsBeforeIntent) {
            self.0.act(step, &Known::new());
        }
        Ok(())
    }
}

/// Lines that are kept, but for the last one where that is what is broken.
pub(super) struct Kept<S>(pub(super) S, pub(super) Option<Broken>);

impl<S: Store> Store for Kept<S> {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.0.read()
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let record: Record = serde_json::from_slice(line.trim_ascii_end()).unwrap();
        let is_end = record.phase == Phase::Done && State::is_final(record.state);
        if is_end && self.1 == Some(Broken::ForgetsTheEnd) { Ok(()) } else { self.0.append(line) }
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.0.truncate(length)
    }
}
