//! Who may deploy to a target at the same time: nobody.

use std::time::Duration;

use super::tests::{TWO, Told, Yard};
use super::*;
use crate::lock::Lock;

#[test]
fn one_at_a_time() {
    let yard = Yard::new(TWO);
    let lock =
        Lock::take(&yard.own("locks/staging"), "another", Duration::ZERO, &Interrupt::default()).unwrap();
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Locked);
    assert!(report.problems[0].message.contains("another"), "{:?}", report.problems);
    drop(lock);
    let patient = Request { wait_lock: Duration::from_secs(5), ..yard.request() };
    assert_eq!(deploy(&patient, &mut Told::default()).exit, Exit::Done);
}

#[test]
fn a_team_deploys_one_at_a_time() {
    let lock = "lock = { kind = \"git-ref\", remote = \"team\", ttl = \"10s\" }\n";
    let yard = Yard::new(&format!("{TWO}{lock}"));
    let remote = yard.trial.outside("remote.git").display().to_string();
    assert_eq!(yard.deploy().exit, Exit::Unsure, "the remote is not there");
    yard.trial.git(&["init", "-q", "--bare", &remote]);
    yard.trial.git(&["remote", "add", "team", &remote]);
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Done, "{:?}", report.problems);
    let journal = crate::trial::text(&yard.own(&format!("deploys/{}.jsonl", report.deploy.unwrap())));
    assert!(journal.contains("\"fence\":1"), "{journal}");
    let place = crate::lease::Place {
        repository: yard.trial.repository(),
        remote: "team".to_owned(),
        reference: "refs/shipworthy/lock/staging".to_owned(),
        ttl: Duration::from_mins(1),
    };
    let other = crate::lease::Lease::take(place, "other", "the other", Duration::ZERO, &Interrupt::default());
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Locked);
    assert!(report.problems[0].message.contains("the other"), "{:?}", report.problems);
    other.unwrap().release();
    assert_eq!(yard.log(), ["one", "two"]);
}

/// Somebody who believes that the holder is gone takes the lock; the holder does nothing more.
#[test]
fn who_has_lost_the_lock_does_nothing_more() {
    let yard = Yard::new(
        "provider = \"command\"\ndeploy = [[\"./steal.sh\"], [\"./ship.sh\", \"two\"]]\nrollback = [[\"./ship.sh\", \"back\"]]\n\
         lock = { kind = \"git-ref\", remote = \"team\" }\n",
    );
    let remote = yard.trial.outside("remote.git").display().to_string();
    yard.trial.git(&["init", "-q", "--bare", &remote]);
    yard.trial.git(&["remote", "add", "team", &remote]);
    yard.trial.script(
        "steal.sh",
        &format!("#!/bin/sh\ngit -C {remote} update-ref -d refs/shipworthy/lock/staging\n"),
    );
    yard.trial.record();
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Interrupted, "{:?}", report.problems);
    assert!(report.problems[0].message.contains("taken the lock"), "{:?}", report.problems);
    assert!(yard.log().is_empty(), "neither forward nor back");
}
