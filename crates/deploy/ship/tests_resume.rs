//! Deployments that were cut off: gone on with, taken back, or left to a person.

use std::time::Duration;

use super::tests::{TWO, Told, Yard, ends};
use super::*;

/// Stops before the step of this number.
pub(super) struct StopBefore(pub(super) usize);

impl Progress for StopBefore {
    fn tell(&mut self, _line: &str) {}
    fn stop(&mut self) -> bool {
        self.0 -= 1;
        self.0 == 0
    }
}

/// Asks twice for an end as soon as the file is there.
fn end_at_once(request: &Request, begun: PathBuf) -> std::thread::JoinHandle<()> {
    let interrupt = request.interrupt.clone();
    std::thread::spawn(move || {
        while !begun.exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        while interrupt.ask() < 2 {}
    })
}

#[test]
fn what_is_half_done_is_gone_on_with_or_taken_back() {
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
    let killer = end_at_once(&request, yard.trial.outside("log"));
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
    assert_eq!(report.otherwise, Served::Before, "its commit is the one that was taken back");
    let again = rollback(&yard.request(), &mut Told::default());
    assert_eq!(again.exit, Exit::Usage);
    assert!(again.problems[0].message.contains("has been taken back by"), "{:?}", again.problems);
    assert_eq!(yard.log(), ["one", "two", "back"]);
}

/// A command may have moved users before it was ended.
#[test]
fn nobody_is_told_what_serves_where_nobody_knows() {
    let yard = Yard::new(
        "provider = \"command\"\ndeploy = [[\"./slow.sh\"]]\nrollback = [[\"./ship.sh\", \"back\"]]\n",
    );
    yard.trial.script("slow.sh", "#!/bin/sh\necho moved >> \"$LOG\"\nexec sleep 60\n");
    yard.trial.record();
    let request = yard.request();
    let killer = end_at_once(&request, yard.trial.outside("log"));
    let cut_off = deploy(&request, &mut Told::default());
    killer.join().unwrap();
    assert_eq!(ends(&cut_off), (State::Promoted, Exit::Interrupted), "{:?}", cut_off.problems);
    assert_eq!((cut_off.serving.as_deref(), cut_off.otherwise), (None, Served::Unknown));
    let back = abort(&yard.request(), "", "", &mut Told::default());
    assert_eq!((ends(&back), back.otherwise), ((State::RolledBack, Exit::RolledBack), Served::Before));
}

#[test]
fn what_cannot_be_judged_now_is_left_as_it_is() {
    let yard = Yard::new(&format!(
        "{TWO}rollback = [[\"./ship.sh\", \"back\"]]\n[gate]\nrequire_up_to_date = \"origin/main\"\n"
    ));
    let remote = yard.trial.outside("remote.git").display().to_string();
    yard.trial.git(&["init", "-q", "--bare", &remote]);
    yard.trial.git(&["remote", "add", "origin", &remote]);
    yard.trial.git(&["push", "-q", "origin", "main"]);
    let id = deploy(&yard.request(), &mut StopBefore(3)).deploy.unwrap();
    yard.trial.git(&["remote", "set-url", "origin", "/no/such/remote"]);
    let unsure = resume(&yard.request(), &id, &mut Told::default());
    assert_eq!(ends(&unsure), (State::Promoted, Exit::Unsure), "{:?}", unsure.problems);
    assert_eq!(unsure.otherwise, Served::Unknown);
    assert!(unsure.problems[0].message.contains("cannot be told"), "{:?}", unsure.problems);
    assert_eq!(yard.log(), ["one"]);
    yard.trial.git(&["remote", "set-url", "origin", &remote]);
    assert_eq!(resume(&yard.request(), &id, &mut Told::default()).exit, Exit::Done);
    assert_eq!(yard.log(), ["one", "two"]);
}

#[test]
fn what_the_gate_refuses_by_now_is_taken_back_and_told() {
    let yard = Yard::new(&format!(
        "{TWO}rollback = [[\"./ship.sh\", \"back\"]]\n[gate]\nfail_on = \"warning\"\nrequire_up_to_date = \"main\"\n"
    ));
    let text = crate::trial::text(&yard.trial.path().join("shipworthy.toml"));
    yard.trial.write("shipworthy.toml", &text.replace("\"warning\"", "\"error\""));
    yard.trial.record();
    let id = deploy(&yard.request(), &mut StopBefore(3)).deploy.unwrap();
    yard.trial.git(&["checkout", "-q", "-b", "side"]);
    yard.trial.git(&["branch", "-q", "-f", "main", "HEAD~1"]);
    let back = resume(&yard.request(), &id, &mut Told::default());
    assert_eq!(ends(&back), (State::RolledBack, Exit::RolledBack), "{:?}", back.problems);
    let subjects: Vec<&str> = back.findings.iter().map(|finding| finding.subject.as_str()).collect();
    assert_eq!(subjects, ["gate.fail_on"]);
    assert_eq!(yard.log(), ["one", "back"]);
}

#[test]
fn what_was_deployed_before_is_never_forgotten() {
    let yard = Yard::new(TWO);
    let id = deploy(&yard.request(), &mut StopBefore(3)).deploy.unwrap();
    // Of another target; its journal is none of this one's business.
    std::fs::write(yard.own("deploys/production-1-0123456789.jsonl"), "not a record\n").unwrap();
    assert_eq!(deployments(&yard.request(), Some("staging")).unwrap().len(), 1);
    std::fs::rename(yard.own("deploys"), yard.own("moved")).unwrap();
    std::fs::write(yard.own("deploys"), "").unwrap();
    assert!(deployments(&yard.request(), None).is_err());
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Unsure);
    assert!(report.problems[0].message.contains("what was deployed before"), "{:?}", report.problems);
    std::fs::remove_file(yard.own("deploys")).unwrap();
    std::fs::rename(yard.own("moved"), yard.own("deploys")).unwrap();
    assert_eq!(resume(&yard.request(), &id, &mut Told::default()).exit, Exit::Done);
    assert_eq!(yard.log(), ["one", "two"]);
}

/// What leads back may fail, or be cut off, like everything else; users may be anywhere then.
#[test]
fn a_rollback_that_failed_is_no_safe_end_and_is_done_again() {
    let yard = Yard::new(&format!("{TWO}rollback = [[\"./back.sh\"]]\n"));
    let mended = yard.trial.outside("mended");
    let script = format!("#!/bin/sh\necho back >> \"$LOG\"\ntest -e {}\n", mended.display());
    yard.trial.script("back.sh", &script);
    yard.trial.record();
    assert_eq!(yard.deploy().exit, Exit::Done);
    let failed = rollback(&yard.request(), &mut Told::default());
    assert_eq!(ends(&failed), (State::RollbackFailed, Exit::RollbackFailed), "{:?}", failed.problems);
    assert_eq!(failed.otherwise, Served::Unknown);
    assert!(!failed.problems[0].message.contains("no way back"), "{:?}", failed.problems);
    std::fs::write(mended, "").unwrap();
    assert_eq!(rollback(&yard.request(), &mut Told::default()).exit, Exit::Done);
    assert_eq!(yard.log(), ["one", "two", "back", "back"]);
}

#[test]
fn a_rollback_that_was_stopped_is_gone_on_with() {
    let yard = Yard::new(&format!("{TWO}rollback = [[\"./ship.sh\", \"back\"]]\n"));
    for goes_on in [true, false] {
        assert_eq!(yard.deploy().exit, Exit::Done);
        let stopped = rollback(&yard.request(), &mut StopBefore(1));
        assert_eq!(stopped.exit, Exit::Interrupted, "{:?}", stopped.problems);
        if goes_on {
            let done = resume(&yard.request(), &stopped.deploy.unwrap(), &mut Told::default());
            assert_eq!(ends(&done), (State::Done, Exit::Done), "{:?}", done.problems);
        }
    }
    // Another deployment takes its place only once it has led back.
    assert_eq!(yard.deploy().exit, Exit::Done);
    assert_eq!(yard.log(), ["one", "two", "back", "one", "two", "back", "one", "two"]);
}
