//! A platform in memory: it keeps revisions and traffic, and fails, lies or dawdles where it is told to.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::{Effect, Known, Provider, Reply, known};
use crate::command_runner::CommandRunner;
use crate::plan::{Act, Step};

/// A change that is slow takes effect after so many further questions.
const SLOW: u64 = 3;

/// How the platform takes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Manner {
    /// Does it and says so.
    Ok,
    /// Does not do it and says so.
    Error,
    /// Does it, and gives no answer in time.
    TimeoutButDone,
    /// Does it, but only after a while.
    Slow,
    /// Does not do it and says that it did.
    Lie,
}

impl Manner {
    /// Every manner by the name that the configuration uses.
    pub(crate) const ALL: [(&'static str, Self); 5] = [
        ("ok", Self::Ok),
        ("error", Self::Error),
        ("timeout-but-done", Self::TimeoutButDone),
        ("slow", Self::Slow),
        ("lie", Self::Lie),
    ];
}

/// What one service looks like to its users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Served {
    revisions: BTreeSet<String>,
    traffic: BTreeMap<String, u8>,
    /// Revisions that were asked whether they are well, and were; those that served from the beginning too.
    checked: BTreeSet<String>,
    /// Grows with every accepted change; a change that was meant for an older one is refused, as platforms do by
    /// resource version.
    generation: u64,
}

/// What the platform holds. It outlives a run that is killed.
#[derive(Debug, Default)]
pub(crate) struct World {
    services: BTreeMap<String, Served>,
    pending: Vec<Pending>,
    now: u64,
    /// Everything that was asked for, in order.
    pub(crate) acts: Vec<(Act, String)>,
    /// Every time users were sent to a version that nobody had asked whether it is well.
    pub(crate) violations: Vec<String>,
}

#[derive(Debug)]
struct Pending {
    due: u64,
    service: String,
    generation: u64,
    change: Change,
}

#[derive(Debug, Clone)]
enum Change {
    Add(String),
    Remove(String),
    Traffic(BTreeMap<String, u8>),
}

impl World {
    /// A world in which each service is served by two older revisions.
    pub(crate) fn with<'s>(services: impl IntoIterator<Item = &'s str>) -> Self {
        let old: BTreeSet<String> = ["old-a".to_owned(), "old-b".to_owned()].into();
        let traffic: BTreeMap<String, u8> = [("old-a".to_owned(), 30), ("old-b".to_owned(), 70)].into();
        let served = Served { revisions: old.clone(), traffic, checked: old, generation: 1 };
        let services = services.into_iter().map(|name| (name.to_owned(), served.clone())).collect();
        Self { services, ..Self::default() }
    }

    /// The shares of traffic of each service, by revision.
    #[cfg(test)]
    pub(crate) fn traffic(&self) -> BTreeMap<String, BTreeMap<String, u8>> {
        self.services.iter().map(|(name, served)| (name.clone(), served.traffic.clone())).collect()
    }

    /// Time passes; what is due takes effect.
    pub(crate) fn pass(&mut self, ticks: u64) {
        self.now += ticks;
        let now = self.now;
        let (due, later) =
            std::mem::take(&mut self.pending).into_iter().partition(|one: &Pending| one.due <= now);
        self.pending = later;
        let due: Vec<Pending> = due;
        for one in due {
            self.apply(&one.service, one.generation, one.change);
        }
    }

    fn apply(&mut self, service: &str, generation: u64, change: Change) {
        let Some(served) = self.services.get_mut(service) else { return };
        if served.generation != generation {
            return;
        }
        served.generation += 1;
        match change {
            Change::Add(revision) => drop(served.revisions.insert(revision)),
            Change::Remove(revision) => {
                served.revisions.remove(&revision);
            }
            Change::Traffic(traffic) => {
                for revision in traffic.keys().filter(|revision| !served.checked.contains(*revision)) {
                    self.violations.push(format!("{service} sent users to {revision}"));
                }
                served.traffic = traffic;
            }
        }
    }
}

/// How the platform takes a step, given how often it was asked before.
pub(crate) type Script = Box<dyn Fn(&Step, usize) -> Manner>;

/// The platform.
pub(crate) struct Simulator {
    world: Rc<RefCell<World>>,
    revision: String,
    script: Script,
    asked: BTreeMap<(Act, String), usize>,
    /// Set when the process that asks is dead; nothing more is observed then.
    pub(crate) dead: Rc<Cell<bool>>,
    /// The step in whose middle the process dies.
    pub(crate) dies_in: Option<(Act, String)>,
    /// Runs what is real about a simulated deployment: the target's own tests and migrations.
    runner: Option<CommandRunner>,
}

impl Simulator {
    /// A platform that holds `world`, for a deployment whose revisions are named after `mark`.
    #[must_use]
    pub(crate) fn new(world: Rc<RefCell<World>>, mark: &str, script: Script) -> Self {
        Self {
            world,
            revision: mark.to_owned(),
            script,
            asked: BTreeMap::new(),
            dead: Rc::default(),
            dies_in: None,
            runner: None,
        }
    }

    /// The same with a place to run commands in.
    pub(crate) fn helped(mut self, runner: CommandRunner) -> Self {
        self.runner = Some(runner);
        self
    }

    /// What an act changes; `None` for one that changes nothing that users or later steps could see.
    fn change(&self, step: &Step, so_far: &Known) -> Option<Change> {
        match step.act {
            Act::Stage => Some(Change::Add(self.revision.clone())),
            Act::Unstage => Some(Change::Remove(self.revision.clone())),
            Act::Shift(percent) => Some(Change::Traffic(self.shared(step, percent, so_far))),
            Act::Restore => Some(Change::Traffic(Self::recorded(step, so_far))),
            _ => None,
        }
    }

    fn recorded(step: &Step, so_far: &Known) -> BTreeMap<String, u8> {
        let recorded = known(so_far, step.service_name(), "traffic").cloned().unwrap_or_default();
        serde_json::from_value(recorded).unwrap_or_default()
    }

    /// The new revision's share, and the rest as it was recorded, in proportion.
    fn shared(&self, step: &Step, percent: u8, so_far: &Known) -> BTreeMap<String, u8> {
        shares(&self.revision, percent, &Self::recorded(step, so_far))
    }

    fn is_there(&self, step: &Step, so_far: &Known) -> Option<bool> {
        let change = self.change(step, so_far)?;
        let world = self.world.borrow();
        let served = world.services.get(step.service_name())?;
        Some(match change {
            Change::Add(revision) => served.revisions.contains(&revision),
            Change::Remove(revision) => !served.revisions.contains(&revision),
            Change::Traffic(traffic) => served.traffic == traffic,
        })
    }

    fn manner(&mut self, step: &Step) -> Manner {
        let times = self.asked.entry((step.act, step.service_name().to_owned())).or_default();
        *times += 1;
        (self.script)(step, *times - 1)
    }

    fn perform(&mut self, step: &Step, manner: Manner, so_far: &Known) {
        let Some(change) =
            self.change(step, so_far).filter(|_| !matches!(manner, Manner::Error | Manner::Lie))
        else {
            return;
        };
        let mut world = self.world.borrow_mut();
        let service = step.service_name();
        let generation = world.services.get(service).map_or(0, |served| served.generation);
        if manner == Manner::Slow {
            let due = world.now + SLOW;
            world.pending.push(Pending { due, service: service.to_owned(), generation, change });
        } else {
            world.apply(service, generation, change);
        }
    }

    fn observed(&self, step: &Step) -> Map<String, Value> {
        let world = self.world.borrow();
        let served = world.services.get(step.service_name());
        let found = match step.act {
            Act::Record => served.map(|served| json!({ "traffic": served.traffic })),
            Act::Stage => Some(json!({ "revision": self.revision })),
            _ => None,
        };
        match found {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }
}

impl Provider for Simulator {
    fn act(&mut self, step: &Step, so_far: &Known) -> Reply {
        let manner = self.manner(step);
        if let Some(runner) =
            self.runner.as_mut().filter(|_| !step.commands.is_empty() && manner == Manner::Ok)
        {
            return runner.run_step(step);
        }
        let at = (step.act, step.service_name().to_owned());
        self.world.borrow_mut().acts.push(at.clone());
        self.perform(step, manner, so_far);
        if self.dies_in.as_ref() == Some(&at) {
            self.dead.set(true);
            return Reply::failed("killed");
        }
        self.world.borrow_mut().pass(if manner == Manner::Slow { SLOW } else { 1 });
        if step.act == Act::Check
            && manner != Manner::Error
            && let Some(served) = self.world.borrow_mut().services.get_mut(step.service_name())
        {
            served.checked.insert(self.revision.clone());
        }
        match manner {
            Manner::Error => Reply::failed("the platform refused"),
            Manner::TimeoutButDone => {
                Reply { observed: self.observed(step), ..Reply::failed("no answer in time") }
            }
            Manner::Ok | Manner::Slow | Manner::Lie => Reply::done(self.observed(step)),
        }
    }

    fn effect(&mut self, step: &Step, so_far: &Known) -> Effect {
        if self.dead.get() {
            return Effect::Unseen;
        }
        self.world.borrow_mut().pass(1);
        match self.is_there(step, so_far) {
            None => Effect::Unseen,
            Some(true) => Effect::There(self.observed(step)),
            Some(false) => Effect::Missing("the platform does not show it".to_owned()),
        }
    }

    fn serving(&mut self, _known: &Known) -> Option<String> {
        let world = self.world.borrow();
        let all = world.services.iter().map(|(name, served)| {
            let shares: Vec<String> =
                served.traffic.iter().map(|(revision, share)| format!("{revision} {share} %")).collect();
            if name.is_empty() { shares.join(" + ") } else { format!("{name}: {}", shares.join(" + ")) }
        });
        Some(all.collect::<Vec<_>>().join(", "))
    }
}

/// `percent` for one revision, and the rest for the others in proportion to what they had, in whole percents.
pub(crate) fn shares(revision: &str, percent: u8, before: &BTreeMap<String, u8>) -> BTreeMap<String, u8> {
    let mut shares: BTreeMap<String, u8> = [(revision.to_owned(), percent)].into();
    let others: Vec<(&String, u64)> = before
        .iter()
        .filter(|(name, _)| *name != revision)
        .map(|(name, share)| (name, u64::from(*share)))
        .collect();
    let whole: u64 = others.iter().map(|(_, share)| share).sum();
    let mut left = u64::from(100 - percent.min(100));
    let mut weight = whole;
    for (name, share) in others {
        // What rounding leaves over goes to the last, so that the sum is always a hundred.
        let part = if weight == share { left } else { left * share / weight.max(1) };
        weight -= share;
        left -= part;
        if part > 0 {
            shares.insert(name.clone(), u8::try_from(part).unwrap_or(0));
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_always_sum_to_a_hundred() {
        let before: BTreeMap<String, u8> =
            [("a".to_owned(), 33), ("b".to_owned(), 33), ("c".to_owned(), 34)].into();
        for percent in [1, 10, 50, 99, 100] {
            let shares = shares("new", percent, &before);
            assert_eq!(shares.values().map(|share| u32::from(*share)).sum::<u32>(), 100, "{percent}");
            assert_eq!(shares["new"], percent);
        }
    }
}
