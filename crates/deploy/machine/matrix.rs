//! The crash matrix: a run is killed at every write and in the middle of every act, for every manner in which the
//! platform may answer, and then resumed. What is promised must hold each time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::sabotage::{Broken, Kept, Platform, Willing};
use super::{Ending, Machine};
use crate::journal::store_tests::{Kill, MemoryStore};
use crate::journal::{Journal, JournalError, Phase};
use crate::lock::Lock;
use crate::plan::{Act, Plan, Step, Way};
use crate::provider::simulator::{Manner, Simulator, World};
use crate::{Exit, Interrupt, State};

const SERVICES: [&str; 2] = ["backend", "frontend"];
/// What a kill is counted under.
const MANNERS: [Manner; 4] = [Manner::Ok, Manner::Error, Manner::TimeoutButDone, Manner::Slow];

/// A process that another test is just starting holds the lock too, until it has become another program.
const PATIENCE: Duration = Duration::from_secs(2);

fn plan() -> Plan {
    let each = |state, act| SERVICES.map(|name| Step::new(state, Some(name), act));
    let steps = [
        each(State::Recorded, Act::Record),
        each(State::Built, Act::Build),
        each(State::Pushed, Act::Push),
        each(State::Staged, Act::Stage),
        each(State::Healthy, Act::Check),
        each(State::Canary, Act::Shift(10)),
        each(State::Promoted, Act::Shift(100)),
        each(State::Settled, Act::Settle),
    ];
    let undo = [each(State::RollingBack, Act::Restore), each(State::Unstaging, Act::Unstage)];
    let text = || "x".to_owned();
    let plan = Plan {
        version: 1,
        id: String::new(),
        target: "staging".to_owned(),
        environment: text(),
        provider: text(),
        commit: text(),
        tree: text(),
        policy: text(),
        scope: String::new(),
        overrides: Vec::new(),
        reason: String::new(),
        require_up_to_date: None,
        steps: steps.concat(),
        undo: undo.concat().into_iter().rev().collect(),
    };
    let mut plan = plan.named(0);
    plan.undo.sort_by_key(|step| step.act != Act::Restore);
    plan
}

/// One case: a manner at one step, a second one on the way back, and a kill.
#[derive(Debug, Clone, Copy)]
struct Case {
    at: Option<(Act, &'static str, Manner)>,
    back: Manner,
    kill: Option<Kill>,
    dies_in: Option<(Act, &'static str)>,
    again: Option<Kill>,
}

impl Case {
    fn manner(self, step: &Step, times: usize) -> Manner {
        if matches!(step.act, Act::Restore | Act::Unstage) {
            // Out of order for a moment.
            return if times == 0 { self.back } else { Manner::Ok };
        }
        match self.at {
            Some((act, service, manner))
                if (act, service) == (step.act, step.service_name()) && times == 0 =>
            {
                manner
            }
            _ => Manner::Ok,
        }
    }
}

/// What is there when all runs are over.
struct Bench {
    plan: Plan,
    world: Rc<RefCell<World>>,
    store: MemoryStore,
    lock: std::path::PathBuf,
    broken: Option<Broken>,
    before: BTreeMap<String, BTreeMap<String, u8>>,
}

impl Bench {
    fn new(folder: &std::path::Path, broken: Option<Broken>) -> Self {
        let world = World::with(SERVICES);
        let before = world.traffic();
        let mut store = MemoryStore::default();
        store.keeps_torn = broken == Some(Broken::KeepsTornLine);
        let lock = folder.join("lock");
        Self { plan: plan(), world: Rc::new(RefCell::new(world)), store, lock, broken, before }
    }

    /// One run of the program, killed or not.
    fn run(&self, case: Case, kill: Option<Kill>, dies: bool) -> Result<Ending, JournalError> {
        let lock = Lock::take(&self.lock, "test", PATIENCE, &Interrupt::default())
            .map_err(|error| JournalError(format!("not locked: {error:?}")))?;
        let script = Box::new(move |step: &Step, times: usize| case.manner(step, times));
        let mut simulator = Simulator::new(Rc::clone(&self.world), &self.plan.mark(), script);
        let store = self.store.again(kill, Rc::clone(&simulator.dead));
        simulator.dies_in = case.dies_in.filter(|_| dies).map(|(act, service)| (act, service.to_owned()));
        let mut journal = Journal::open(Box::new(Kept(store, self.broken)))?;
        let mut platform = Platform { simulator: Rc::new(RefCell::new(simulator)), broken: self.broken };
        let mut watch = Willing(platform.clone());
        let mut machine =
            Machine { plan: &self.plan, journal: &mut journal, provider: &mut platform, watch: &mut watch };
        let ending = machine.run();
        if self.broken == Some(Broken::KeepsLock) {
            std::mem::forget(lock);
        } else {
            drop(lock);
        }
        ending
    }

    /// Everything that is promised, after a run that was killed and one that went on.
    fn judge(&self, case: Case) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{what}: {case:?}"));
        let first = self.run(case, case.kill, true);
        if Lock::take(&self.lock, "test", PATIENCE, &Interrupt::default()).is_err() {
            return wrong("the lock is still held");
        }
        if let Some(kill) = case.again.filter(|_| first.is_err()) {
            let _ = self.run(case, Some(kill), false);
        }
        let ending = match self.run(case, None, false) {
            Ok(ending) => ending,
            Err(error) => return wrong(&format!("cannot be resumed: {error}")),
        };
        let Ok(journal) = Journal::open(Box::new(self.store.again(None, Rc::default()))) else {
            return wrong("the chain is broken");
        };
        let Some(end) = journal.ending() else { return wrong("the journal has no end") };
        if end.exit != Some(ending.exit) {
            return wrong("the journal ends otherwise than the run");
        }
        self.judge_acts(&journal).or_else(|why| wrong(&why))?;
        let (lines, acts) = (self.store.bytes(), self.world.borrow().acts.len());
        let second = self.run(case, None, false);
        if second.as_ref().map(|ending| ending.exit) != Ok(ending.exit)
            || self.store.bytes() != lines
            || self.world.borrow().acts.len() != acts
        {
            return wrong("the second resume did something");
        }
        // What a killed run left under way may still arrive.
        self.world.borrow_mut().pass(1_000);
        self.judge_world(&ending).or_else(|why| wrong(&why))
    }

    /// Nothing is done that is not written before.
    fn judge_acts(&self, journal: &Journal) -> Result<(), String> {
        let steps = keyed(&self.plan);
        let mut balance: BTreeMap<(Act, &str), i64> = BTreeMap::new();
        for record in journal.records().iter().filter(|record| record.phase == Phase::Intent) {
            if let Some(step) = steps.get(record.idem.as_str()) {
                *balance.entry((step.act, step.service_name())).or_default() += 1;
            }
        }
        let world = self.world.borrow();
        for (act, service) in &world.acts {
            let left = balance.entry((*act, service)).or_default();
            *left -= 1;
            if *left < 0 {
                return Err(format!("{act:?} of {service} was done without being written before"));
            }
        }
        Ok(())
    }

    fn judge_world(&self, ending: &Ending) -> Result<(), String> {
        let world = self.world.borrow();
        if let Some(violation) = world.violations.first() {
            return Err(violation.clone());
        }
        let traffic = world.traffic();
        let all_new: BTreeMap<String, u8> = [(self.plan.mark(), 100)].into();
        let holds = match (ending.state, ending.exit) {
            (State::Done, Exit::Done) => traffic.values().all(|shares| *shares == all_new),
            (State::FailedSafe, exit) => traffic == self.before && exit != Exit::RolledBack,
            (State::RolledBack, Exit::RolledBack) => traffic == self.before,
            _ => false,
        };
        if holds { Ok(()) } else { Err(format!("ends {} but the traffic is {traffic:?}", ending.state)) }
    }
}

/// Every step by its name in the journal.
fn keyed(plan: &Plan) -> BTreeMap<String, &Step> {
    let named =
        |way, steps: &'_ [Step]| (0..steps.len()).map(|index| plan.key(way, index)).collect::<Vec<_>>();
    let forward = named(Way::Forward, &plan.steps).into_iter().zip(&plan.steps);
    forward.chain(named(Way::Back, &plan.undo).into_iter().zip(&plan.undo)).collect()
}

/// Every case: no kill, a kill at each write, a kill in the middle of each act, and two kills.
fn cases() -> Vec<Case> {
    let plan = plan();
    let manners = || MANNERS.into_iter().chain([Manner::Lie]);
    let mut cases = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let service = SERVICES.into_iter().find(|name| *name == step.service_name()).unwrap();
        // Health is asked for by the program itself, which does not lie to itself.
        for manner in manners().filter(|manner| *manner != Manner::Lie || !matches!(step.act, Act::Check)) {
            let plain = Case {
                at: Some((step.act, service, manner)),
                back: Manner::Ok,
                kill: None,
                dies_in: None,
                again: None,
            };
            for back in manners() {
                cases.push(Case { back, ..plain });
            }
            cases.push(Case { dies_in: Some((step.act, service)), ..plain });
            // The writes of the step itself and those after it matter most; of the others some are tried.
            let (own, last) = (2 * index + 1, 2 * plan.steps.len() + 12);
            for write in (1..=last).filter(|write| (own..own + 6).contains(write) || write % 7 == index % 7) {
                cases.push(Case { kill: Some(Kill::Before(write)), ..plain });
                cases.push(Case { kill: Some(Kill::Torn(write)), again: Some(Kill::Torn(1)), ..plain });
                cases.push(Case { kill: Some(Kill::After(write)), again: Some(Kill::Before(2)), ..plain });
            }
        }
    }
    cases.extend(cases_of_the_way_back());
    cases
}

/// Runs that turn back, killed at each write from there on, for every manner of the way back.
fn cases_of_the_way_back() -> Vec<Case> {
    let mut cases = Vec::new();
    for (act, turns) in [(Act::Check, 18), (Act::Shift(100), 26)] {
        for back in MANNERS {
            let at = Some((act, SERVICES[0], Manner::Error));
            let plain = Case { at, back, kill: None, dies_in: None, again: None };
            for write in turns - 8..turns + 14 {
                cases.push(Case { kill: Some(Kill::Before(write)), ..plain });
                cases.push(Case { kill: Some(Kill::Torn(write)), ..plain });
                cases.push(Case { kill: Some(Kill::After(write)), again: Some(Kill::Before(2)), ..plain });
            }
        }
    }
    cases
}

#[test]
fn whatever_happens_what_is_promised_holds() {
    let started = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let mut hits: BTreeMap<(State, &str, Manner), usize> = BTreeMap::new();
    let (cases, plan) = (cases(), plan());
    let mut killed = 0;
    for case in &cases {
        let bench = Bench::new(folder.path(), None);
        bench.judge(*case).unwrap();
        for (state, phase, service) in bench.store.kills() {
            killed += 1;
            let is_back = matches!(state, State::RollingBack | State::Unstaging);
            if is_back && matches!(phase, Phase::Intent | Phase::Done | Phase::Failed) {
                let phase = if phase == Phase::Intent { "intent" } else { "outcome" };
                *hits.entry((state, phase, case.back)).or_default() += 1;
            }
            let Some((_, at, manner)) = case.at else { continue };
            let step = plan.steps.iter().find(|step| step.state == state && step.service_name() == service);
            if step.is_some_and(|step| case.at.is_some_and(|(act, _, _)| act == step.act) && at == service) {
                let phase = if phase == Phase::Intent { "intent" } else { "outcome" };
                *hits.entry((state, phase, manner)).or_default() += 1;
            }
        }
    }
    println!("{} cases, {killed} kills, {:?}", cases.len(), started.elapsed());
    let mut missing = Vec::new();
    let all = plan.steps.iter().chain(&plan.undo);
    for state in all.map(|step| step.state).collect::<std::collections::BTreeSet<_>>() {
        for phase in ["intent", "outcome"] {
            let counts = MANNERS.map(|manner| hits.get(&(state, phase, manner)).copied().unwrap_or(0));
            println!(
                "{state:<10} {phase:<8} ok {:>4}  error {:>4}  timeout-but-done {:>4}  slow {:>4}",
                counts[0], counts[1], counts[2], counts[3]
            );
            if counts.contains(&0) {
                missing.push((state, phase));
            }
        }
    }
    assert_eq!(missing, []);
    assert!(cases.len() > 2_000);
}

#[test]
fn every_broken_build_is_noticed() {
    const STRIDE: usize = 97;
    let cases = cases();
    for broken in Broken::ALL {
        let folder = tempfile::tempdir().unwrap();
        // With strides: neighbours are alike, and what one case of a kind does not show the next does not either.
        let mut spread = (0..STRIDE).flat_map(|first| cases.iter().skip(first).step_by(STRIDE));
        let noticed = spread.find_map(|case| Bench::new(folder.path(), Some(broken)).judge(*case).err());
        println!("{broken:?}: {}", noticed.as_deref().unwrap_or("NOT NOTICED"));
        assert!(noticed.is_some(), "{broken:?}");
    }
}
