//! Runs that were stopped, and whose target somebody else has deployed to since.

use std::time::Duration;

use super::tests::{TWO, Told, Yard, ends};
use super::tests_resume::StopBefore;
use super::*;

const BACK: &str = "rollback = [[\"./ship.sh\", \"back\"]]\n";
const LOCK: &str = "lock = { kind = \"git-ref\", remote = \"team\", ttl = \"10s\" }\n";

/// A target with a lock of the team.
fn team(more: &str) -> Yard {
    let yard = Yard::new(&format!("{TWO}{BACK}{LOCK}{more}"));
    for name in ["team", "origin"] {
        let remote = yard.trial.outside(name).display().to_string();
        yard.trial.git(&["init", "-q", "--bare", &remote]);
        yard.trial.git(&["remote", "add", name, &remote]);
        yard.trial.git(&["push", "-q", name, "main"]);
    }
    yard
}

/// Somebody else holds the target for a moment, once the lease of the run that was stopped is over.
fn somebody_else_deploys(yard: &Yard) {
    let place = crate::lease::Place {
        repository: yard.trial.repository(),
        remote: "team".to_owned(),
        reference: "refs/shipworthy/lock/staging".to_owned(),
        ttl: Duration::from_mins(1),
    };
    // By the name of this clone nobody has to wait for that.
    let holder = crate::trial::text(&yard.own("clone"));
    let lease = crate::lease::Lease::take(place, &holder, "other", Duration::ZERO, &Interrupt::default());
    lease.unwrap().release();
}

#[test]
fn a_run_that_was_overtaken_is_neither_gone_on_with_nor_taken_back() {
    let yard = team("");
    let id = deploy(&yard.request(), &mut StopBefore(3)).deploy.unwrap();
    somebody_else_deploys(&yard);
    for report in [resume(&yard.request(), &id, &mut Told::default()), yard.deploy()] {
        assert_eq!((report.exit, report.otherwise), (Exit::Unsure, Served::Unknown), "{:?}", report.problems);
        assert!(report.problems[0].message.contains("somebody else has held"), "{:?}", report.problems);
        assert_eq!(report.next, format!("shipworthy deploy abort {id}"));
    }
    let closed = abort(&yard.request(), &id, "", &mut Told::default());
    assert_eq!(ends(&closed), (State::Failed, Exit::Failed), "{:?}", closed.problems);
    assert_eq!((yard.log(), closed.otherwise), (vec!["one".to_owned()], Served::Unknown));
    assert_eq!(yard.deploy().exit, Exit::Done);
    assert_eq!(yard.log(), ["one", "one", "two"]);
}

#[test]
fn another_deployment_leaves_a_run_that_was_overtaken_as_it_is() {
    let yard = team("");
    assert_eq!(deploy(&yard.request(), &mut StopBefore(3)).exit, Exit::Interrupted);
    somebody_else_deploys(&yard);
    yard.trial.write("more", "");
    yard.trial.record();
    let mut told = Told::default();
    assert_eq!(deploy(&yard.request(), &mut told).exit, Exit::Done);
    assert!(told.0.iter().any(|line| line.contains("is left as it is")), "{:?}", told.0);
    assert_eq!(yard.log(), ["one", "one", "two"]);
}

/// The same clone holds the target anew each time; that alone is nobody else.
#[test]
fn who_only_looked_has_not_overtaken_itself() {
    let yard = team("[gate]\nrequire_up_to_date = \"origin/main\"\n");
    let id = deploy(&yard.request(), &mut StopBefore(3)).deploy.unwrap();
    let remote = yard.trial.outside("origin").display().to_string();
    yard.trial.git(&["remote", "set-url", "origin", "/no/such/remote"]);
    for _ in 0..2 {
        let unsure = resume(&yard.request(), &id, &mut Told::default());
        assert_eq!(ends(&unsure), (State::Promoted, Exit::Unsure), "{:?}", unsure.problems);
        assert!(unsure.problems[0].message.contains("cannot be told"), "{:?}", unsure.problems);
    }
    yard.trial.git(&["remote", "set-url", "origin", &remote]);
    assert_eq!(resume(&yard.request(), &id, &mut Told::default()).exit, Exit::Done);
    assert_eq!(yard.log(), ["one", "two"]);
}

/// Without a lock of the team the journals of this clone tell.
#[test]
fn a_later_deployment_of_this_clone_has_overtaken_it_too() {
    let yard = Yard::new(&format!("{TWO}{BACK}"));
    assert_eq!(yard.deploy().exit, Exit::Done);
    yard.trial.write("more", "");
    yard.trial.record();
    let id = deploy(&yard.request(), &mut StopBefore(3)).deploy.unwrap();
    assert_eq!(rollback(&yard.request(), &mut Told::default()).exit, Exit::Done);
    let refused = resume(&yard.request(), &id, &mut Told::default());
    assert_eq!(refused.exit, Exit::Unsure, "{:?}", refused.problems);
    assert!(refused.problems[0].message.contains("was begun after it"), "{:?}", refused.problems);
    assert_eq!(yard.log(), ["one", "two", "one", "back"]);
}
