//! Calls that are not run again: where a run has come the same way as one before it, a call does what it did then.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use source::Place;

use super::journal::{Content, Mark, Slot};
use super::knots::Knots;
use super::loads::Statement;
use super::machine::{Eval, Flow, Machine, Raised};
use super::oracle::{SoFar, Told};
use super::past::Past;
use super::value::{Closure, Unknown, Value};

/// Steps of a call that is worth to be kept; tests keep all.
const STEPS_WORTH: u32 = if cfg!(test) { 1 } else { 16 };

/// Changes that are made again for what one step takes.
const CHANGES_OF_A_STEP: usize = 4;

/// The calls of one detector with the variables of one deployment.
#[derive(Default)]
pub(super) struct Recalls {
    known: HashMap<u64, Vec<Rc<Recall>>>,
    /// What the calls have made, which may hold itself.
    knots: Knots,
}

impl Recalls {
    /// Keeps what a run has made as long as the calls.
    pub(super) fn keep(&mut self, knots: &mut Knots) {
        self.knots.take(knots);
    }
}

/// What is called, and with what.
#[derive(Clone)]
pub(super) struct Called {
    closure: Rc<Closure>,
    arguments: Vec<Value>,
    keywords: Vec<(String, Value)>,
}

impl Called {
    pub(super) fn new(closure: &Rc<Closure>, arguments: &[Value], keywords: &[(String, Value)]) -> Self {
        Self { closure: Rc::clone(closure), arguments: arguments.to_vec(), keywords: keywords.to_vec() }
    }

    /// Whether it is the same call of the same objects.
    fn is_same(&self, other: &Self) -> bool {
        let (one, another) = (&self.closure, &other.closure);
        let receivers = match (&one.receiver, &another.receiver) {
            (None, None) => true,
            (Some(one), Some(other)) => one.is_same(other),
            _ => false,
        };
        let of_class = |closure: &Closure| closure.class.borrow().as_ref().map(Rc::as_ptr);
        receivers
            && Arc::ptr_eq(&one.function, &another.function)
            && one.role == another.role
            && one.scope.as_ref().map(Rc::as_ptr) == another.scope.as_ref().map(Rc::as_ptr)
            && of_class(one) == of_class(another)
            && self.arguments.len() == other.arguments.len()
            && self.arguments.iter().zip(&other.arguments).all(|(one, other)| one.is_same(other))
            && self.keywords.len() == other.keywords.len()
            && self
                .keywords
                .iter()
                .zip(&other.keywords)
                .all(|((name, one), (named, other))| name == named && one.is_same(other))
    }
}

/// A call that has been run.
struct Recall {
    called: Called,
    told: Told,
    /// Statements of modules that it needed.
    loads: Vec<Statement>,
    changes: Vec<(Slot, Content)>,
    end: End,
    branch: Option<Place>,
    returned: Option<Place>,
    moment: u64,
    past: Past,
}

/// How a call ended.
enum End {
    Gives(Value),
    Raises(Vec<String>, Value, Place),
    Stops(Rc<Unknown>),
}

impl End {
    /// `None` for what ends more than a call.
    fn of(ended: &Eval<Value>) -> Option<Self> {
        match ended {
            Ok(value) => Some(Self::Gives(value.clone())),
            Err(Flow::Raise(Raised { classes, value, place })) => {
                Some(Self::Raises(classes.clone(), value.clone(), place.clone()))
            }
            Err(Flow::Stop(unknown)) => Some(Self::Stops(Rc::clone(unknown))),
            Err(Flow::Return(..) | Flow::Break | Flow::Continue | Flow::Probed(..)) => None,
        }
    }

    fn again(&self) -> Eval<Value> {
        match self {
            Self::Gives(value) => Ok(value.clone()),
            Self::Raises(classes, value, place) => Err(Flow::Raise(Raised {
                classes: classes.clone(),
                value: value.clone(),
                place: place.clone(),
            })),
            Self::Stops(unknown) => Err(Flow::Stop(Rc::clone(unknown))),
        }
    }
}

/// A call at its beginning.
pub(super) enum Beginning {
    /// What it comes to is known: that has been done.
    Done(Eval<Value>),
    /// It is to be run, and noted.
    Begun(Box<Begun>),
    /// It is to be run.
    Unnoted,
}

/// A call that has begun.
pub(super) struct Begun {
    called: Called,
    key: u64,
    mark: Mark,
    so_far: SoFar,
    replayed: usize,
    partings: u64,
    views: usize,
    steps: u32,
}

impl Machine<'_> {
    /// Begins a call, or does again what it did before.
    pub(super) fn begin_call(&mut self, called: Called) -> Beginning {
        if self.is_loading() {
            return Beginning::Unnoted;
        }
        let key = self.moment_of_run();
        let known = self.recalls.known.get(&key).and_then(|known| {
            known.iter().find(|recall| recall.called.is_same(&called) && self.oracle.tells(&recall.told))
        });
        if let Some(recall) = known.cloned()
            && self.reload(&recall.loads)
        {
            return Beginning::Done(self.do_again(&recall));
        }
        let begun = Begun {
            key,
            mark: self.journal.mark(),
            so_far: self.oracle.so_far(),
            replayed: self.loads.replayed.len(),
            partings: self.partings,
            views: self.journal.views.len(),
            steps: self.steps,
            called,
        };
        self.journal.past.goes_on("calls", Arc::as_ptr(&begun.called.closure.function).addr());
        Beginning::Begun(Box::new(begun))
    }

    fn do_again(&mut self, recall: &Recall) -> Eval<Value> {
        self.oracle.tell(&recall.told);
        for (slot, content) in &recall.changes {
            self.write(slot.clone(), content.clone());
        }
        let steps = recall.changes.len() / CHANGES_OF_A_STEP;
        self.steps += u32::try_from(steps).unwrap_or(u32::MAX);
        self.branch.clone_from(&recall.branch);
        self.returned.clone_from(&recall.returned);
        self.moment = recall.moment;
        self.journal.past = recall.past;
        recall.end.again()
    }

    /// Ends a call, and notes what it has done.
    pub(super) fn end_call(&mut self, begun: Begun, ended: &Eval<Value>) {
        self.journal.past.goes_on("ends", ());
        let is_worth = self.steps.saturating_sub(begun.steps) >= STEPS_WORTH;
        let is_alike = begun.partings == self.partings && begun.views == self.journal.views.len();
        if !is_worth || !is_alike || self.is_spent() {
            return;
        }
        let Some(end) = End::of(ended) else { return };
        let recall = Recall {
            called: begun.called,
            told: self.oracle.told_since(begun.so_far),
            loads: self.loads.replayed.get(begun.replayed..).unwrap_or(&[]).to_vec(),
            changes: self.lasting_changes(begun.mark),
            end,
            branch: self.branch.clone(),
            returned: self.returned.clone(),
            moment: self.moment,
            past: self.journal.past,
        };
        self.recalls.known.entry(begun.key).or_default().push(Rc::new(recall));
    }

    /// The changes since `mark` but for names of scopes that nothing holds any more.
    fn lasting_changes(&self, mark: Mark) -> Vec<(Slot, Content)> {
        let mut written: HashMap<usize, usize> = HashMap::new();
        for slot in self.journal.writes_since(mark) {
            if let Slot::Name(scope, _) = slot {
                *written.entry(Rc::as_ptr(scope).addr()).or_default() += 1;
            }
        }
        let lasts = |slot: &Slot| match slot {
            Slot::Name(scope, _) => {
                let in_journal = written.get(&Rc::as_ptr(scope).addr()).copied().unwrap_or_default();
                Rc::strong_count(scope) > in_journal
            }
            _ => true,
        };
        let changed = self.changed_since(mark).filter(|(slot, _)| lasts(slot));
        changed.map(|(slot, _)| (slot.clone(), self.content(slot))).collect()
    }
}
