//! Deployments that were cut off: gone on with, taken back, or left to a person.

use std::time::Duration;

use super::tests::{TWO, Told, Yard, ends};
use super::*;

#[test]
fn what_is_half_done_is_gone_on_with_or_taken_back() {
    struct StopBefore(usize);
    impl Progress for StopBefore {
        fn tell(&mut self, _line: &str) {}
        fn stop(&mut self) -> bool {
            self.0 -= 1;
            self.0 == 0
        }
    }
    let yard = Yard::new(&format!("{TWO}rollback = [[\"./ship.sh\", \"back\"]]\n"));
    let stopped = deploy(&yard.request(), &mut StopBefore(3));
    assert_eq!((stopped.exit, yard.log()), (Exit::Interrupted, vec!["one".to_owned()]));
    let id = stopped.deploy.unwrap();
    let done = resume(&yard.request(), &id, &mut Told::default());
    assert_eq!(
        (ends(&done), yard.log()),
        ((State::Done, Exit::Done), vec!["one".to_owned(), "two".to_owned()])
    );
    let again = resume(&yard.request(), &id, &mut Told::default());
    assert_eq!((ends(&again), yard.log().len()), ((State::Done, Exit::Done), 2));

    let stopped = deploy(&yard.request(), &mut StopBefore(3));
    assert_eq!(stopped.exit, Exit::Interrupted);
    yard.trial.write("more", "");
    yard.trial.record();
    assert_eq!(yard.deploy().exit, Exit::Done);
    assert_eq!(yard.log(), ["one", "two", "one", "back", "one", "two"]);
    let given_up = abort(&yard.request(), "", "", &mut Told::default());
    assert_eq!(given_up.exit, Exit::Usage);
}

/// A migration that was cut off may be half done: to begin it again is for a person to decide.
#[test]
fn a_migration_that_was_cut_off_is_not_begun_again() {
    let migrate = "migrate = [[\"./migrate.sh\"]]\nrollback = [[\"./ship.sh\", \"back\"]]\n";
    let yard = Yard::new(&format!("{TWO}{migrate}"));
    let script = "#!/bin/sh\necho migrate >> \"$LOG\"\nexec sleep 60\n";
    yard.trial.script("migrate.sh", script);
    yard.trial.record();
    let request = yard.request();
    let (log, interrupt) = (yard.trial.outside("log"), request.interrupt.clone());
    let killer = std::thread::spawn(move || {
        while !log.exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        while interrupt.ask() < 2 {}
    });
    let cut_off = deploy(&request, &mut Told::default());
    killer.join().unwrap();
    assert_eq!((cut_off.exit, yard.log()), (Exit::Interrupted, vec!["migrate".to_owned()]));

    let resumed = resume(&yard.request(), &cut_off.deploy.unwrap(), &mut Told::default());
    assert_eq!(resumed.exit, Exit::Failed, "{:?}", resumed.problems);
    assert!(resumed.problems[0].message.contains("look yourself"), "{:?}", resumed.problems);
    assert_eq!(yard.log(), ["migrate"]);
}

#[test]
fn a_rollback_restores_what_was_before() {
    let yard = Yard::new(&format!("{TWO}rollback = [[\"./ship.sh\", \"back\"]]\n"));
    assert_eq!(rollback(&yard.request(), &mut Told::default()).exit, Exit::Usage);
    assert_eq!(yard.deploy().exit, Exit::Done);
    let report = rollback(&yard.request(), &mut Told::default());
    assert_eq!(report.exit, Exit::Done, "{:?}", report.problems);
    assert_eq!(yard.log(), ["one", "two", "back"]);
}
