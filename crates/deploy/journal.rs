//! The journal: what was about to be done, and what came of it, one JSON object a line.
//!
//! Every line holds the digest of the one before it, and is on the disk before anything goes on. A last line without its
//! end is what a kill left of it, and counts as not written.

mod record;
mod store;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

pub use record::{Draft, Phase, Record};
pub(crate) use store::ReadOnly;
#[cfg(test)]
pub(crate) use store::tests as store_tests;
pub use store::{FileStore, Store};

use crate::hash::sha256;
use crate::plan::{Plan, Step, Way};
use crate::{Exit, State};

/// What stands for the digest of the line before the first.
const NOTHING: &str = "sha256:";

/// Why the journal cannot be used. Nothing more may be done then: it could not be told afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalError(pub String);

impl fmt::Display for JournalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for JournalError {}

/// The journal of one deployment.
pub struct Journal {
    store: Box<dyn Store>,
    records: Vec<Record>,
    last: String,
}

impl Journal {
    /// Opens a journal, and removes a last line that a kill has torn.
    ///
    /// # Errors
    /// It cannot be read, or its chain is broken.
    pub fn open(mut store: Box<dyn Store>) -> Result<Self, JournalError> {
        let failed = |error: std::io::Error| JournalError(format!("the journal cannot be read: {error}"));
        let bytes = store.read().map_err(failed)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (records, last) = read_chain(bytes.get(..whole).unwrap_or(&[]))?;
        if whole < bytes.len() {
            store.truncate(whole as u64).map_err(failed)?;
        }
        Ok(Self { store, records, last })
    }

    /// Every record.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The end of the deployment, where it has one.
    #[must_use]
    pub fn ending(&self) -> Option<&Record> {
        self.records.last().filter(|record| record.state.is_final() && record.phase == Phase::Done)
    }

    /// Writes a record to the disk.
    ///
    /// # Errors
    /// It may not be there; nothing more may be done.
    pub fn write(&mut self, draft: Draft) -> Result<&Record, JournalError> {
        let record = draft.into_record(self.records.len() as u64 + 1, self.last.clone());
        let mut line = serde_json::to_vec(&record).map_err(|error| JournalError(error.to_string()))?;
        let digest = format!("sha256:{}", sha256(&line));
        line.push(b'\n');
        self.store
            .append(&line)
            .map_err(|error| JournalError(format!("the journal cannot be written: {error}")))?;
        self.last = digest;
        self.records.push(record);
        self.records.last().ok_or_else(|| JournalError("nothing was written".to_owned()))
    }

    /// The records of a step, by its name.
    #[must_use]
    pub fn of_step<'j>(&'j self, key: &'j str) -> impl DoubleEndedIterator<Item = &'j Record> {
        self.records.iter().filter(move |record| record.idem == key)
    }

    /// Whether the step's effect is known to be there.
    #[must_use]
    pub fn is_done(&self, key: &str) -> bool {
        self.of_step(key).any(|record| matches!(record.phase, Phase::Done | Phase::Observed))
    }

    /// Whether the step was begun.
    #[must_use]
    pub fn is_begun(&self, key: &str) -> bool {
        self.of_step(key).any(|record| record.phase == Phase::Intent)
    }

    /// Whether a step of the plan of this kind was begun on the way forward.
    #[must_use]
    pub fn began(&self, plan: &Plan, is_meant: impl Fn(&Step) -> bool) -> bool {
        let steps = plan.steps.iter().enumerate().filter(|(_, step)| is_meant(step));
        let mut keys = steps.map(|(index, _)| plan.key(Way::Forward, index));
        keys.any(|key| self.is_begun(&key))
    }

    /// Whether the step was begun, and what came of it is not written.
    #[must_use]
    pub fn is_open(&self, key: &str) -> bool {
        self.of_step(key).next_back().is_some_and(|record| record.phase == Phase::Intent)
    }

    /// Why and with which end the way back was taken, where it was.
    #[must_use]
    pub fn turned_back(&self) -> Option<&Record> {
        self.records.iter().find(|record| record.phase == Phase::Turned)
    }

    /// Everything that steps have found out, by service.
    #[must_use]
    pub fn known(&self) -> BTreeMap<String, Map<String, Value>> {
        let mut known: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for record in
            self.records.iter().filter(|record| matches!(record.phase, Phase::Done | Phase::Observed))
        {
            let of_service = known.entry(record.svc.clone().unwrap_or_default()).or_default();
            of_service.extend(record.observed.clone());
        }
        known
    }

    /// The last state that was reached on the way forward or back.
    #[must_use]
    pub fn state(&self) -> State {
        self.records.last().map_or(State::Planned, |record| record.state)
    }

    /// The exit that the journal ends with.
    #[must_use]
    pub fn exit(&self) -> Option<Exit> {
        self.ending().and_then(|record| record.exit)
    }
}

/// Reads whole lines, each of which names the digest of the one before it.
fn read_chain(bytes: &[u8]) -> Result<(Vec<Record>, String), JournalError> {
    let mut records: Vec<Record> = Vec::new();
    let mut last = NOTHING.to_owned();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let number = records.len() + 1;
        let record: Record = serde_json::from_slice(line).map_err(|error| {
            JournalError(format!("line {number} of the journal is not a record: {error}"))
        })?;
        if record.prev != last || record.seq != number as u64 {
            return Err(JournalError(format!(
                "line {number} of the journal does not follow the line before it"
            )));
        }
        last = format!("sha256:{}", sha256(line));
        records.push(record);
    }
    Ok((records, last))
}

#[cfg(test)]
mod tests {
    use super::store::tests::MemoryStore;
    use super::*;

    fn journal(store: &MemoryStore) -> Result<Journal, JournalError> {
        Journal::open(Box::new(store.clone()))
    }

    fn written() -> MemoryStore {
        let store = MemoryStore::default();
        let mut journal = journal(&store).unwrap();
        for state in [State::Planned, State::Recorded, State::Staged] {
            journal.write(Draft::new("d", state, Phase::Done)).unwrap();
        }
        store
    }

    #[test]
    fn what_is_written_is_read() {
        let store = written();
        let states: Vec<_> = journal(&store).unwrap().records().iter().map(|record| record.state).collect();
        assert_eq!(states, [State::Planned, State::Recorded, State::Staged]);
    }

    #[test]
    fn a_torn_line_is_as_if_it_was_never_written() {
        let store = written();
        let whole = store.bytes().len();
        store.change(|bytes| bytes.extend_from_slice(b"{\"v\":1,\"seq\":4,\"pr"));
        let mut opened = journal(&store).unwrap();
        assert_eq!(opened.records().len(), 3);
        assert_eq!(store.bytes().len(), whole);
        opened.write(Draft::new("d", State::Done, Phase::Done)).unwrap();
        assert_eq!(journal(&store).unwrap().records().len(), 4);
    }

    #[test]
    fn a_changed_or_missing_line_breaks_the_chain() {
        let store = written();
        store.change(|bytes| {
            let text = String::from_utf8(bytes.clone()).unwrap().replacen("RECORDED", "PROMOTED", 1);
            *bytes = text.into_bytes();
        });
        assert!(journal(&store).is_err());
        let store = written();
        store.change(|bytes| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let kept: Vec<&str> =
                text.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, line)| line).collect();
            *bytes = format!("{}\n", kept.join("\n")).into_bytes();
        });
        assert!(journal(&store).is_err());
    }
}
