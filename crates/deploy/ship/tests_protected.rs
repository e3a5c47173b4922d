//! The protected branch: what it demands holds for a change that says otherwise.

use super::tests::{TWO, Yard};
use super::*;

#[test]
fn a_branch_that_is_behind_is_refused() {
    let yard = Yard::new(&format!("{TWO}[gate]\nrequire_up_to_date = \"main\"\n"));
    assert_eq!(yard.deploy().exit, Exit::Done);
    yard.trial.git(&["checkout", "-q", "-b", "side"]);
    yard.trial.git(&["checkout", "-q", "main"]);
    yard.trial.write("more", "");
    yard.trial.record();
    yard.trial.git(&["checkout", "-q", "side"]);
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Unsure);
    assert!(report.problems[0].message.contains("does not contain"), "{:?}", report.problems);
}

#[test]
fn the_remote_itself_is_asked_whether_the_branch_is_behind() {
    let yard = Yard::new(&format!("{TWO}[gate]\nrequire_up_to_date = \"origin/main\"\n"));
    let remote = yard.trial.outside("remote.git").display().to_string();
    yard.trial.git(&["init", "-q", "--bare", &remote]);
    yard.trial.git(&["remote", "add", "origin", &remote]);
    yard.trial.git(&["push", "-q", "origin", "main"]);
    yard.trial.git(&["fetch", "-q", "origin"]);
    assert_eq!(yard.deploy().exit, Exit::Done);
    // Others push, and this clone has not heard of it.
    yard.trial.write("more", "");
    yard.trial.record();
    yard.trial.git(&["push", "-q", &remote, "main"]);
    yard.trial.git(&["update-ref", "refs/remotes/origin/main", "HEAD~1"]);
    yard.trial.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let refused = |why: &str| {
        let report = yard.deploy();
        assert_eq!(report.exit, Exit::Unsure);
        assert!(report.problems[0].message.contains(why), "{:?}", report.problems);
    };
    refused("does not contain");
    yard.trial.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    yard.trial.git(&["remote", "set-url", "origin", "/no/such/remote"]);
    refused("cannot be told");
}

#[test]
fn a_branch_that_moves_on_meanwhile_is_refused() {
    let yard = Yard::new(&format!(
        "{TWO}migrate = [[\"./merge.sh\"]]\nrollback = [[\"./ship.sh\", \"back\"]]\n\
         [gate]\nrequire_up_to_date = \"main\"\n"
    ));
    let repository = yard.trial.path().display().to_string();
    yard.trial
        .script("merge.sh", &format!("#!/bin/sh\ngit -C {repository} update-ref refs/heads/main merged\n"));
    yard.trial.record();
    yard.trial.git(&["checkout", "-q", "-b", "merged"]);
    yard.trial.write("more", "");
    yard.trial.record();
    yard.trial.git(&["checkout", "-q", "-b", "side", "main"]);
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Failed, "{:?}", report.problems);
    assert!(report.problems[0].message.contains("does not contain"), "{:?}", report.problems);
    assert!(yard.log().is_empty());
}

/// The branch demands that it is contained and that no rule is milder; the change takes both away.
#[test]
fn a_change_cannot_take_the_demand_away_that_it_is_judged_by() {
    let demands = format!("{TWO}[gate]\nrequire_up_to_date = \"main\"\n");
    let loosened = |yard: &Yard| {
        yard.trial.git(&["checkout", "-q", "-b", "side"]);
        let text = crate::trial::text(&yard.trial.path().join("shipworthy.toml"));
        let text = text.replace("[gate]\nrequire_up_to_date = \"main\"\n", "");
        let text = text.replace("[gate]\nrequire_up_to_date = \"origin/main\"\n", "");
        yard.trial.write("shipworthy.toml", &format!("{text}[rule.localhost-url]\nseverity = \"off\"\n"));
        yard.trial.record();
    };
    let refused = |yard: &Yard| {
        let report = yard.deploy();
        assert_eq!(report.exit, Exit::Refused, "{:?}", report.problems);
        let subjects: Vec<&str> = report.findings.iter().map(|finding| finding.subject.as_str()).collect();
        assert_eq!(subjects, ["rule.localhost-url", "gate.require_up_to_date"]);
    };
    // The last deployment tells what was demanded.
    let yard = Yard::new(&demands);
    assert_eq!(yard.deploy().exit, Exit::Done);
    loosened(&yard);
    refused(&yard);
    // So does the first branch of a remote, in a clone that has deployed nothing yet.
    let yard = Yard::new(&demands.replace("\"main\"", "\"origin/main\""));
    let remote = yard.trial.outside("remote.git").display().to_string();
    yard.trial.git(&["init", "-q", "--bare", &remote]);
    yard.trial.git(&["remote", "add", "origin", &remote]);
    yard.trial.git(&["push", "-q", "origin", "main"]);
    loosened(&yard);
    refused(&yard);
    // Once the branch itself demands no more, neither does it of others.
    yard.trial.git(&["push", "-q", "origin", "side:main"]);
    assert_eq!(yard.deploy().exit, Exit::Done);
}

#[test]
fn a_branch_that_is_gone_is_demanded_by_nobody_but_the_commit() {
    let yard = Yard::new(&format!("{TWO}[gate]\nrequire_up_to_date = \"old\"\n"));
    yard.trial.git(&["branch", "old"]);
    assert_eq!(yard.deploy().exit, Exit::Done);
    yard.trial.git(&["branch", "-D", "old"]);
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Unsure);
    assert!(report.problems[0].message.contains("there is no branch `old`"), "{:?}", report.problems);
    let text = crate::trial::text(&yard.trial.path().join("shipworthy.toml"));
    yard.trial.write("shipworthy.toml", &text.replace("\"old\"", "\"main\""));
    yard.trial.record();
    assert_eq!(yard.deploy().exit, Exit::Done);
}
