use std::cell::RefCell;
use std::rc::Rc;

use super::*;
use crate::State;
use crate::config::Deploying;
use crate::runner::{Invocation, Output, Runner};
use crate::snapshot::Snapshot;
use crate::trial::Trial;

const TOML: &str = "[service.app]\ndockerfile = \"Dockerfile\"\n[target.staging]\nprovider = \"cloud-run\"\nproject = \"p\"\n\
                    region = \"r\"\nstrategy = { kind = \"staged\", canary = [10] }\n[[target.staging.service]]\nname = \"app\"\n\
                    image = \"registry.example/app\"\n";

/// A platform whose traffic is this; none where it does not answer.
struct Canned(Option<Value>);

impl Runner for Canned {
    fn run(&mut self, invocation: &Invocation) -> Result<Output, String> {
        assert!(self.0.is_none() || invocation.argv.iter().any(|word| word == "describe"), "users are moved");
        let out = self.0.as_ref().map(|traffic| json!({ "status": { "traffic": traffic } }).to_string());
        let code = i32::from(out.is_none());
        Ok(Output { code: Some(code), out: out.unwrap_or_default().into_bytes(), ..Output::default() })
    }
}

/// The platform with one service, where programs are run by this.
fn platform(runner: Box<dyn Runner>) -> CloudRun {
    let trial = Trial::with(&[("shipworthy.toml", TOML), ("Dockerfile", "FROM scratch\n")]);
    let commit = trial.commit("HEAD");
    let deploying = Deploying::load(&commit, &lint::Config::load(&commit)).unwrap();
    let target = deploying.target("staging").unwrap();
    let snapshot = Snapshot::create(&commit, &trial.outside("snapshot")).unwrap();
    let (steps, undo) = steps(target, false);
    let text = || "x".to_owned();
    let plan = Plan {
        version: 1,
        id: String::new(),
        target: text(),
        environment: text(),
        provider: text(),
        commit: text(),
        tree: text(),
        policy: text(),
        scope: String::new(),
        overrides: Vec::new(),
        reason: String::new(),
        require_up_to_date: None,
        steps,
        undo,
    };
    let runner = CommandRunner::new(runner, target, &plan, &snapshot, &trial.outside("out"), Vec::new());
    CloudRun::new(target, &plan, runner)
}

fn so_far() -> Known {
    [("app".to_owned(), Map::from_iter([("before".to_owned(), json!({ "old": 100 }))]))].into()
}

/// What comes of giving the new version a share while the platform shows this.
fn shifted(traffic: Option<Value>) -> Reply {
    let step = Step::new(State::Canary, Some("app"), Act::Shift(10));
    platform(Box::new(Canned(traffic))).act(&step, &so_far())
}

/// Writes down what is run, and for how long it may.
#[derive(Clone, Default)]
struct Written(Rc<RefCell<Vec<Invocation>>>);

impl Runner for Written {
    fn run(&mut self, invocation: &Invocation) -> Result<Output, String> {
        self.0.borrow_mut().push(invocation.clone());
        Ok(Output { code: Some(1), ..Output::default() })
    }
}

#[test]
fn the_way_back_takes_no_longer_than_it_may() {
    let written = Written::default();
    let mut platform = platform(Box::new(written.clone()));
    for (state, act, minutes) in [
        (State::Staged, Act::Stage, 30),
        (State::RollingBack, Act::Restore, 5),
        (State::Unstaging, Act::Unstage, 5),
        (State::Promoted, Act::Shift(100), 30),
    ] {
        written.0.borrow_mut().clear();
        let step = Step::new(state, Some("app"), act).running(vec![words(&["gcloud"])]);
        platform.act(&step, &so_far());
        platform.effect(&step, &so_far());
        let limits: Vec<Duration> = written.0.borrow().iter().map(|invocation| invocation.limit).collect();
        assert_eq!(limits, [Duration::from_mins(minutes); 2], "{act:?}");
    }
}

#[test]
fn what_the_user_wrote_for_curl_does_not_decide() {
    let written = Written::default();
    let _ = platform(Box::new(written.clone())).runner.fetch("https://x.example/", Duration::from_secs(2));
    let argv = written.0.borrow()[0].argv.clone();
    assert_eq!(argv[..2], ["curl", "--disable"], "{argv:?}");
}

#[test]
fn users_that_somebody_else_has_moved_stay_where_they_are() {
    let foreign = json!([{ "revisionName": "theirs", "percent": 100 }]);
    assert!(shifted(Some(foreign)).trouble.unwrap().contains("somebody else has moved the users"));
    let shared =
        json!([{ "revisionName": "old", "percent": 40 }, { "revisionName": "app-sw-", "percent": 60 }]);
    assert!(shifted(Some(shared)).trouble.unwrap().contains("somebody else has moved the users"));
    // Whoever cannot see where users are does not move them.
    assert!(shifted(None).trouble.is_some());
    let there =
        json!([{ "revisionName": "old", "percent": 90 }, { "revisionName": "app-sw-", "percent": 10 }]);
    assert_eq!(shifted(Some(there)), Reply::default());
}
