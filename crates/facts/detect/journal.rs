//! What a program changes, so that it can be taken back.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use super::machine::Machine;
use super::past::{Past, Shared};
use super::scope::{ModuleState, Scope};
use super::value::{Class, Instance, Value};

/// Entries of a dictionary.
pub(super) type Entries = Vec<(Value, Value)>;

/// Something that a program changes.
#[derive(Clone)]
pub(super) enum Slot {
    Name(Rc<Scope>, String),
    Global(Rc<ModuleState>, String),
    Field(Rc<Instance>, String),
    Member(Rc<Class>, String),
    /// A variable of the process.
    Variable(String),
    Items(Rc<RefCell<Vec<Value>>>),
    Entries(Rc<RefCell<Entries>>),
    /// Whether a statement of a module has run.
    Ran(Rc<ModuleState>, usize),
    /// Whether `__init__` is still to run.
    Waits(Rc<Instance>),
}

/// What is in it.
#[derive(Clone)]
pub(super) enum Content {
    Value(Option<Value>),
    Items(Vec<Value>),
    Entries(Entries),
    Flag(bool),
}

/// Which slot it is: the same for the same thing.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct SlotKey(u8, usize, usize, String);

impl Slot {
    pub(super) fn key(&self) -> SlotKey {
        let at = |address: usize, name: &str| (address, 0, name.to_owned());
        let (kind, (address, index, name)) = match self {
            Self::Name(scope, name) => (0, at(Rc::as_ptr(scope).addr(), name)),
            Self::Global(module, name) => (1, at(Rc::as_ptr(module).addr(), name)),
            Self::Field(instance, name) => (2, at(Rc::as_ptr(instance).addr(), name)),
            Self::Member(class, name) => (3, at(Rc::as_ptr(class).addr(), name)),
            Self::Variable(name) => (4, at(0, name)),
            Self::Items(items) => (5, at(Rc::as_ptr(items).addr(), "")),
            Self::Entries(entries) => (6, at(Rc::as_ptr(entries).addr(), "")),
            Self::Ran(module, index) => (7, (Rc::as_ptr(module).addr(), *index, String::new())),
            Self::Waits(instance) => (8, at(Rc::as_ptr(instance).addr(), "")),
        };
        SlotKey(kind, address, index, name)
    }
}

/// A slot that has been changed: what was in it, and what is in it since.
pub(super) struct Change {
    pub(super) slot: Slot,
    before: Content,
    pub(super) after: Content,
}

impl Change {
    /// Whether what is in the slot now is what was in it before, or after.
    pub(super) fn fits(&self, now: &Content) -> bool {
        now.is_same(&self.before) || now.is_same(&self.after)
    }
}

impl Content {
    fn is_same(&self, other: &Self) -> bool {
        let all_same = |one: &[Value], other: &[Value]| {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is_same(other))
        };
        match (self, other) {
            (Self::Value(None), Self::Value(None)) => true,
            (Self::Value(Some(one)), Self::Value(Some(other))) => one.is_same(other),
            (Self::Items(one), Self::Items(other)) => all_same(one, other),
            (Self::Entries(one), Self::Entries(other)) => {
                let same = |((key, value), (other, held)): (&(Value, Value), &(Value, Value))| {
                    key.is_same(other) && value.is_same(held)
                };
                one.len() == other.len() && one.iter().zip(other).all(same)
            }
            (Self::Flag(one), Self::Flag(other)) => one == other,
            _ => false,
        }
    }
}

/// A moment to go back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    at: usize,
    past: Past,
}

/// What was in the slots that have been changed, in order.
#[derive(Default)]
pub(super) struct Journal {
    before: Vec<(Slot, Content)>,
    /// The way here.
    pub(super) past: Past,
    /// Which objects have been put where others find them.
    pub(super) shared: Shared,
    /// Objects, and dictionaries that stand for their fields.
    pub(super) views: Vec<(Rc<Instance>, Rc<RefCell<Entries>>)>,
    /// Whether one of the two was changed and the other, which something still holds, was not.
    pub(super) is_torn: bool,
}

impl Journal {
    pub(super) const fn mark(&self) -> Mark {
        Mark { at: self.before.len(), past: self.past }
    }

    /// The slots that have been changed since `mark`, each as often as it was.
    pub(super) fn writes_since(&self, mark: Mark) -> impl Iterator<Item = &Slot> {
        self.before.get(mark.at..).unwrap_or(&[]).iter().map(|(slot, _)| slot)
    }

    /// The slots that have been changed and were not looked at since, which they are now.
    pub(super) fn unseen(&mut self) -> impl Iterator<Item = Slot> + use<> {
        let from = std::mem::replace(&mut self.shared.seen, self.before.len());
        let slots: Vec<Slot> =
            self.before.get(from..).unwrap_or(&[]).iter().map(|(slot, _)| slot.clone()).collect();
        slots.into_iter()
    }

    fn note_view(&mut self, slot: &Slot) {
        self.is_torn |= self.views.iter().any(|(instance, view)| match slot {
            Slot::Entries(entries) => Rc::ptr_eq(view, entries),
            Slot::Field(changed, _) => Rc::ptr_eq(instance, changed) && Rc::strong_count(view) > 1,
            _ => false,
        });
    }

    /// The slots that have been changed since `mark`, in order, with what was in them.
    fn first_since(&self, at: usize) -> impl Iterator<Item = &(Slot, Content)> {
        let mut seen = HashSet::new();
        let changed = self.before.get(at..).unwrap_or(&[]);
        changed.iter().filter(move |(slot, _)| seen.insert(slot.key()))
    }
}

impl Machine<'_> {
    /// Gives a slot another content.
    pub(super) fn write(&mut self, slot: Slot, content: Content) {
        self.journal.note_view(&slot);
        let before = self.content(&slot);
        self.replace(&slot, content);
        self.journal.before.push((slot, before));
    }

    /// Gives a slot the content that a statement of a module leaves in it: it is there before all that is tried now.
    pub(super) fn write_loaded(&mut self, slot: &Slot, content: Content) {
        let before = self.content(slot);
        self.loaded.before.push((slot.clone(), before));
        self.replace(slot, content);
    }

    /// Gives something that has a name a value.
    pub(super) fn put(&mut self, slot: Slot, value: Value) {
        self.write(slot, Content::Value(Some(value)));
    }

    /// Notes what is in a slot that is about to be changed in its place.
    pub(super) fn touch(&mut self, slot: Slot) {
        self.journal.note_view(&slot);
        let before = self.content(&slot);
        self.journal.before.push((slot, before));
    }

    /// What is in a slot.
    pub(super) fn content(&self, slot: &Slot) -> Content {
        match slot {
            Slot::Name(scope, name) => Content::Value(scope.names.borrow().get(name).cloned()),
            Slot::Global(module, name) => Content::Value(module.names.borrow().get(name).cloned()),
            Slot::Field(instance, name) => Content::Value(instance.fields.borrow().get(name).cloned()),
            Slot::Member(class, name) => Content::Value(class.members.borrow().get(name).cloned()),
            Slot::Variable(name) => Content::Value(self.set.get(name).cloned()),
            Slot::Items(items) => Content::Items(items.borrow().clone()),
            Slot::Entries(entries) => Content::Entries(entries.borrow().clone()),
            Slot::Ran(module, index) => Content::Flag(module.ran.borrow().contains(index)),
            Slot::Waits(instance) => Content::Flag(instance.waits.get()),
        }
    }

    fn replace(&mut self, slot: &Slot, content: Content) {
        match (slot, content) {
            (Slot::Name(scope, name), Content::Value(value)) => {
                store(&mut scope.names.borrow_mut(), name, value);
            }
            (Slot::Global(module, name), Content::Value(value)) => {
                store(&mut module.names.borrow_mut(), name, value);
            }
            (Slot::Field(instance, name), Content::Value(value)) => {
                store(&mut instance.fields.borrow_mut(), name, value);
            }
            (Slot::Member(class, name), Content::Value(value)) => {
                store(&mut class.members.borrow_mut(), name, value);
            }
            (Slot::Variable(name), Content::Value(value)) => store(&mut self.set, name, value),
            (Slot::Items(items), Content::Items(content)) => {
                items.replace(content);
            }
            (Slot::Entries(entries), Content::Entries(content)) => {
                entries.replace(content);
            }
            (Slot::Ran(module, index), Content::Flag(true)) => {
                module.ran.borrow_mut().insert(*index);
            }
            (Slot::Ran(module, index), Content::Flag(false)) => {
                module.ran.borrow_mut().remove(index);
            }
            (Slot::Waits(instance), Content::Flag(waits)) => instance.waits.set(waits),
            _ => {}
        }
    }

    /// The slots that have been changed since `mark`, in order, with what was in them before.
    pub(super) fn changed_since(&self, mark: Mark) -> impl Iterator<Item = &(Slot, Content)> {
        self.journal.first_since(mark.at)
    }

    /// The slots that have been changed since `mark`, in order, with what is in them now.
    pub(super) fn changes_since(&self, mark: Mark) -> Vec<(Slot, Content)> {
        self.journal.first_since(mark.at).map(|(slot, _)| (slot.clone(), self.content(slot))).collect()
    }

    /// Whether what has been changed since `mark` is again as it was.
    pub(super) fn is_unchanged_since(&self, mark: Mark) -> bool {
        self.changed_since(mark).all(|(slot, before)| self.content(slot).is_same(before))
    }

    /// All that has been changed, but for what statements of modules have left behind.
    pub(super) fn changes(&self) -> Vec<Change> {
        let change = |(slot, before): &(Slot, Content)| Change {
            slot: slot.clone(),
            before: before.clone(),
            after: self.content(slot),
        };
        self.journal.first_since(0).map(change).collect()
    }

    /// Takes back what has been changed since `mark`.
    pub(super) fn take_back(&mut self, mark: Mark) {
        let seen = self.journal.shared.seen.saturating_sub(mark.at);
        let changed = self.journal.before.split_off(mark.at);
        for (slot, before) in changed.iter().rev() {
            self.replace(slot, before.clone());
        }
        self.journal.shared.seen -= seen;
        for (slot, _) in changed.iter().take(seen) {
            self.see(slot);
        }
        self.journal.past = mark.past;
    }

    /// Takes back all that has been changed; what was changed, and what was in it then.
    pub(super) fn take_all_back(&mut self) -> Changed {
        let (journal, loaded) = (std::mem::take(&mut self.journal), std::mem::take(&mut self.loaded));
        let changed = loaded.first_since(0).chain(journal.first_since(0));
        let now = changed.map(|(slot, _)| (slot.clone(), self.content(slot))).collect();
        for (slot, before) in loaded.before.iter().chain(&journal.before).rev() {
            self.replace(slot, before.clone());
        }
        Changed { journal, loaded, now }
    }

    /// Changes again what was taken back.
    pub(super) fn change_again(&mut self, changed: Changed) {
        for (slot, content) in changed.now {
            self.replace(&slot, content);
        }
        (self.journal, self.loaded) = (changed.journal, changed.loaded);
    }
}

/// What had been changed when all was taken back.
pub(super) struct Changed {
    journal: Journal,
    loaded: Journal,
    now: Vec<(Slot, Content)>,
}

fn store(names: &mut std::collections::BTreeMap<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => names.insert(name.to_owned(), value),
        None => names.remove(name),
    };
}
