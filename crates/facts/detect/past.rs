//! The way on which a run has come to where it is. All that a run does follows from the answers that it is given: two
//! runs with the same past are in the same state, but for the objects that each has made itself.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use super::journal::{Content, Slot, SlotKey};
use super::machine::Machine;
use super::value::Value;

/// The way to one moment of a run, but for the answers to its questions.
#[derive(Clone, Copy, Default)]
pub(super) struct Past {
    /// A number for all that has been called, joined and loaded in its place.
    number: u64,
    /// How many values have been met of which nothing is known.
    unknowns: u64,
}

impl Past {
    /// A run that begins, of this kind.
    pub(super) fn of(kind: impl Hash) -> Self {
        let mut past = Self::default();
        past.goes_on("begins", kind);
        past
    }

    /// Goes on with what has been done, and of which kind it was.
    pub(super) fn goes_on(&mut self, done: &str, kind: impl Hash) {
        let mut hash = DefaultHasher::new();
        (self.number, done, kind).hash(&mut hash);
        self.number = hash.finish();
    }
}

/// The objects that have been put where other code finds them.
#[derive(Default)]
pub(super) struct Shared {
    /// A number for the objects in each slot, where there are any.
    by_slot: HashMap<SlotKey, u64>,
    /// All of them in one.
    number: u64,
    /// Changes that have been looked at, from the first on.
    pub(super) seen: usize,
}

impl Shared {
    fn set(&mut self, slot: SlotKey, objects: Option<u64>) {
        let before = match objects {
            Some(objects) => self.by_slot.insert(slot, objects),
            None => self.by_slot.remove(&slot),
        };
        self.number ^= before.unwrap_or_default() ^ objects.unwrap_or_default();
    }
}

impl Machine<'_> {
    /// A number for the moment: where it is the same in two runs, both are in the same state, with the same objects.
    pub(super) fn moment_of_run(&mut self) -> u64 {
        for slot in self.journal.unseen() {
            self.see(&slot);
        }
        let mut hash = DefaultHasher::new();
        (self.journal.past.number, self.oracle.path(), self.journal.shared.number).hash(&mut hash);
        hash.finish()
    }

    /// Looks at which objects are in a slot that other code can come to.
    pub(super) fn see(&mut self, slot: &Slot) {
        if matches!(slot, Slot::Name(..) | Slot::Ran(..) | Slot::Waits(_)) {
            return;
        }
        let key = slot.key();
        let objects = self.content(slot).objects().map(|objects| {
            let mut hash = DefaultHasher::new();
            (&key, objects).hash(&mut hash);
            hash.finish()
        });
        self.journal.shared.set(key, objects);
    }

    /// A term for something of which nothing is known: the same in all runs that have come the same way.
    pub(super) fn fresh_term(&mut self) -> u64 {
        self.journal.past.unknowns += 1;
        let mut hash = DefaultHasher::new();
        let Past { number, unknowns } = self.journal.past;
        ("fresh", number, unknowns, self.oracle.path()).hash(&mut hash);
        hash.finish()
    }

    /// Parts from all other runs: what comes is like nothing that was before.
    pub(super) fn part_ways(&mut self) {
        self.partings += 1;
        self.journal.past.goes_on("parts", self.partings);
    }
}

impl Content {
    /// A number for the objects in it; `None` where there are none.
    fn objects(&self) -> Option<u64> {
        match self {
            Self::Value(value) => value.as_ref().and_then(Value::objects),
            Self::Items(items) => all_objects(items.iter()),
            Self::Entries(entries) => all_objects(entries.iter().flat_map(|(key, value)| [key, value])),
            Self::Flag(_) => None,
        }
    }
}

impl Value {
    /// A number for the objects that it is made of; `None` for a plain value.
    fn objects(&self) -> Option<u64> {
        let of = |address: usize| u64::try_from(address).ok();
        match self {
            Self::Sequence(_, items) => of(Rc::as_ptr(items).addr()),
            Self::Map(entries) => of(Rc::as_ptr(entries).addr()),
            Self::Function(closure) => of(Rc::as_ptr(closure).addr()),
            Self::Class(class) => of(Rc::as_ptr(class).addr()),
            Self::Instance(instance) => of(Rc::as_ptr(instance).addr()),
            Self::Copy(copy) => of(Rc::as_ptr(copy).addr()),
            Self::Method(method) => of(Rc::as_ptr(method).addr()),
            Self::Exception(exception) => of(Rc::as_ptr(exception).addr()),
            Self::Variant(_, values) => all_objects(values.iter()),
            Self::Open(open) => open.default.objects(),
            Self::Either(either) => all_objects([&either.no, &either.yes].into_iter()),
            _ => None,
        }
    }
}

fn all_objects<'v>(values: impl Iterator<Item = &'v Value>) -> Option<u64> {
    let mut hash = DefaultHasher::new();
    let mut is_any = false;
    for (at, value) in values.enumerate() {
        if let Some(objects) = value.objects() {
            (at, objects).hash(&mut hash);
            is_any = true;
        }
    }
    is_any.then(|| hash.finish())
}
