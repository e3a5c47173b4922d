//! A target with commands of its own.
//!
//! They run in the order in which they are written, in the snapshot. Users may see the result of each at once, so the
//! first of them counts as moving traffic. Running one again after a kill must do no harm.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Effect, Known, Provider, Reply, known};
use crate::State;
use crate::command_runner::CommandRunner;
use crate::config::{Rollback, Target};
use crate::health::{self, Subject};
use crate::http::Answer;
use crate::plan::{Act, Step, migrations, smoke};

/// Steps forward and back.
pub(crate) fn steps(target: &Target) -> (Vec<Step>, Vec<Step>) {
    let mut steps = vec![Step::new(State::Recorded, None, Act::Record).running(target.observe.clone())];
    steps.extend(crate::plan::infra::steps(target));
    steps.extend(migrations(target));
    for (number, argv) in (0_u16..).zip(&target.deploy) {
        steps.push(Step::new(State::Promoted, None, Act::Release(number)).running(vec![argv.clone()]));
    }
    let confirm = |state| {
        let asked = !target.observe.is_empty() || target.health.is_some();
        asked.then(|| Step::new(state, None, Act::Confirm).running(target.observe.clone()))
    };
    steps.extend(confirm(State::Promoted));
    steps.extend(smoke(target));
    if !target.soak.is_zero() {
        steps.push(Step::new(State::Settled, None, Act::Settle));
    }
    let mut undo = Vec::new();
    if !target.undo.is_empty() && target.rollback == Rollback::Auto {
        undo.push(Step::new(State::RollingBack, None, Act::Restore).running(target.undo.clone()));
        if target.health.is_some() {
            undo.push(Step::new(State::RollingBack, None, Act::Confirm));
        }
    }
    (steps, undo)
}

/// The target's own commands.
pub(crate) struct Commands {
    target: Target,
    commit: String,
    marks: [String; 2],
    runner: CommandRunner,
    serving: Option<String>,
    /// Whether this very process has run a deploy command; its status is the answer then.
    released: bool,
}

impl Commands {
    /// Commands of a target; `marks` are what `observe` may print to say that this deployment serves.
    pub(crate) fn new(target: &Target, commit: &str, marks: [String; 2], runner: CommandRunner) -> Self {
        Self {
            target: target.clone(),
            commit: commit.to_owned(),
            marks,
            runner,
            serving: None,
            released: false,
        }
    }

    /// What `observe` says of what serves: the first line it prints. None where it is not configured or fails.
    fn observe(&mut self, reply: &mut Reply) -> Option<String> {
        let mut last = None;
        for argv in self.target.observe.clone() {
            let answer = self.runner.run(&argv);
            let text = answer.as_ref().ok().map(|output| self.runner.clean(&output.out).0);
            if !self.runner.note(reply, &argv, answer) {
                return None;
            }
            last = text;
        }
        let line =
            last?.lines().map(str::trim).find(|line| !line.is_empty())?.chars().take(200).collect::<String>();
        self.serving = Some(line.clone());
        Some(line)
    }

    fn is_healthy(&mut self, step: &Step) -> Result<(), String> {
        let Some(health) = health::asked(self.target.health.as_ref(), step) else { return Ok(()) };
        let (url, commit) = (health.url.clone().unwrap_or_default(), self.commit.clone());
        health::wait(&health, &url, &commit, self)
    }

    fn confirm(&mut self, step: &Step) -> Reply {
        let mut reply = Reply::default();
        if !step.commands.is_empty() {
            self.observe(&mut reply);
        }
        if reply.trouble.is_none() {
            reply.trouble = self.is_healthy(step).err();
        }
        reply.observed = self.serving_as_map();
        reply
    }

    fn serving_as_map(&self) -> Map<String, Value> {
        self.serving.iter().map(|line| ("serving".to_owned(), json!(line))).collect()
    }

    fn record(&mut self) -> Reply {
        let mut reply = Reply::default();
        let before = self.observe(&mut reply);
        // Before the first deployment there may be nothing to see.
        reply.trouble = None;
        reply.observed.insert("before".to_owned(), json!(before));
        self.serving = None;
        reply
    }

    fn settle(&mut self, step: &Step) -> Reply {
        std::thread::sleep(self.target.soak);
        match self.is_healthy(step) {
            Ok(()) => Reply::default(),
            Err(why) => Reply::failed(why),
        }
    }
}

impl Subject for Commands {
    fn fetch(&mut self, url: &str, within: Duration) -> Result<Answer, String> {
        self.runner.fetch(url, within)
    }
}

impl Provider for Commands {
    fn act(&mut self, step: &Step, so_far: &Known) -> Reply {
        self.runner.turn_to(step);
        match step.act {
            Act::Record => self.record(),
            Act::Confirm => self.confirm(step),
            Act::Settle => self.settle(step),
            Act::Prepare | Act::Apply => super::terraform::act(&self.target, step, so_far, &mut self.runner),
            _ => {
                self.released |= step.act.moves_traffic();
                self.runner.run_step(step)
            }
        }
    }

    fn effect(&mut self, step: &Step, so_far: &Known) -> Effect {
        self.runner.turn_to(step);
        if matches!(step.act, Act::Prepare | Act::Apply) {
            return super::terraform::effect(&self.target, step, &mut self.runner);
        }
        // Only what names this very deployment shows that its last command was done.
        let last = u16::try_from(self.target.deploy.len()).ok().and_then(|count| count.checked_sub(1));
        if self.released || self.target.observe.is_empty() || Some(step.act) != last.map(Act::Release) {
            return Effect::Unseen;
        }
        let before = known(so_far, "", "before").and_then(Value::as_str).unwrap_or("").to_owned();
        let Some(line) = self.observe(&mut Reply::default()) else { return Effect::Unseen };
        let shows = |mark: &&String| line.contains(mark.as_str()) && !before.contains(mark.as_str());
        if self.marks.iter().any(|mark| shows(&mark)) {
            Effect::There(self.serving_as_map())
        } else {
            Effect::Unseen
        }
    }

    fn serving(&mut self, so_far: &Known) -> Option<String> {
        let recorded = known(so_far, "", "serving").and_then(Value::as_str).map(str::to_owned);
        if self.target.observe.is_empty() {
            return recorded;
        }
        self.observe(&mut Reply::default()).or(recorded)
    }
}
