//! Deployments from outside: a repository, a target, and what is left afterwards.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::*;
use crate::trial::Trial;

/// Collects what is told.
#[derive(Default)]
pub(super) struct Told(pub(super) Vec<String>);

impl Progress for Told {
    fn tell(&mut self, line: &str) {
        self.0.push(line.to_owned());
    }
}

const ENVIRONMENT: &str = "[environment.staging]\nvariables = { ENVIRONMENT = \"staging\" }\n";
const APPEND: &str = "#!/bin/sh\necho \"$1 $SHIPWORTHY_COMMIT\" >> \"$LOG\"\nexit \"${2:-0}\"\n";

/// A repository with a command target.
pub(super) struct Yard {
    pub(super) trial: Trial,
}

impl Yard {
    pub(super) fn new(target: &str) -> Self {
        Self::with(target, &[])
    }

    pub(super) fn with(target: &str, files: &[(&str, &str)]) -> Self {
        let trial = Trial::with(files);
        let log = trial.outside("log");
        trial.script("ship.sh", APPEND);
        trial.write("Dockerfile", "FROM scratch\n");
        let env = if target.contains("\"command\"") && !target.contains("env = ") {
            format!("env = {{ LOG = \"{}\" }}\n", log.display())
        } else {
            String::new()
        };
        let text = format!("{ENVIRONMENT}[target.staging]\nenvironment = \"staging\"\n{env}{target}\n");
        trial.write("shipworthy.toml", &text);
        trial.record();
        Self { trial }
    }

    pub(super) fn request(&self) -> Request {
        Request { root: self.trial.path(), target: "staging".to_owned(), ..Request::default() }
    }

    pub(super) fn deploy(&self) -> Box<Report> {
        deploy(&self.request(), &mut Told::default())
    }

    /// What the commands wrote, without the commit.
    pub(super) fn log(&self) -> Vec<String> {
        let text = crate::trial::text(&self.trial.outside("log"));
        text.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    }

    pub(super) fn own(&self, path: &str) -> PathBuf {
        self.trial.path().join(".git/shipworthy").join(path)
    }
}

pub(super) fn ends(report: &Report) -> (State, Exit) {
    (report.state, report.exit)
}

/// A server that answers every request with the status that is set.
pub(super) fn server(status: &Arc<Mutex<u16>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let status = Arc::clone(status);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0_u8; 2048]);
            let answer = format!("HTTP/1.1 {} X\r\nContent-Length: 0\r\n\r\n", *status.lock().unwrap());
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

pub(super) const TWO: &str =
    "provider = \"command\"\ndeploy = [[\"./ship.sh\", \"one\"], [\"./ship.sh\", \"two\"]]\n";
const FAILING: &str = "provider = \"command\"\ndeploy = [[\"./ship.sh\", \"one\"], [\"./ship.sh\", \"two\", \"1\"], [\"./ship.sh\", \"three\"]]\n";

#[test]
fn commands_run_in_order_in_the_snapshot() {
    let yard = Yard::new(TWO);
    let report = yard.deploy();
    assert_eq!(ends(&report), (State::Done, Exit::Done), "{:?}", report.problems);
    assert_eq!(yard.log(), ["one", "two"]);
    let logged = crate::trial::text(&yard.trial.outside("log"));
    assert!(logged.contains(report.commit.as_ref().unwrap()));
    assert!(yard.own(&format!("receipts/{}.json", report.deploy.as_ref().unwrap())).is_file());
}

#[test]
fn a_step_that_fails_ends_by_whether_there_is_a_way_back() {
    let yard = Yard::new(FAILING);
    assert_eq!(ends(&yard.deploy()), (State::Failed, Exit::Failed));
    assert_eq!(yard.log(), ["one", "two"]);

    let yard = Yard::new(&format!("{FAILING}rollback = [[\"./ship.sh\", \"back\"]]\n"));
    assert_eq!(ends(&yard.deploy()), (State::RolledBack, Exit::RolledBack));
    assert_eq!(yard.log(), ["one", "two", "back"]);

    let yard = Yard::new(&format!("{FAILING}rollback = [[\"./ship.sh\", \"back\", \"1\"]]\n"));
    assert_eq!(ends(&yard.deploy()), (State::RollbackFailed, Exit::RollbackFailed));
}

#[test]
fn a_version_that_is_not_well_is_taken_back() {
    let status = Arc::new(Mutex::new(200));
    let port = server(&status);
    let health =
        format!("health = {{ url = \"http://127.0.0.1:{port}/\", within = \"2s\", deadline = \"1s\" }}\n");
    let yard = Yard::new(&format!("{TWO}{health}"));
    assert_eq!(ends(&yard.deploy()), (State::Done, Exit::Done));
    *status.lock().unwrap() = 500;
    assert_eq!(ends(&yard.deploy()), (State::RollbackFailed, Exit::RollbackFailed));
    // The way back leads to a version that answers only if the server does.
    let yard = Yard::new(&format!("{TWO}{health}rollback = [[\"./ship.sh\", \"back\"]]\n"));
    assert_eq!(ends(&yard.deploy()), (State::RollbackFailed, Exit::RollbackFailed));
    assert_eq!(yard.log(), ["one", "two", "back"]);
}

#[test]
fn what_is_not_the_commit_is_refused_before_anything_runs() {
    let yard = Yard::with(TWO, &[("host", "real")]);
    let refused = |yard: &Yard, what: &str| {
        let report = yard.deploy();
        assert_eq!(report.exit, Exit::Unsure, "{what}");
        assert!(report.problems[0].message.contains(what), "{:?}", report.problems);
        assert!(yard.log().is_empty() && !yard.own("deploys").exists(), "{what}");
    };
    yard.trial.write("new", "");
    refused(&yard, "new is not committed");
    std::fs::remove_file(yard.trial.path().join("new")).unwrap();
    yard.trial.git(&["update-index", "--assume-unchanged", "host"]);
    yard.trial.write("host", "localhost");
    assert_eq!(yard.trial.git(&["status", "--porcelain"]), "");
    refused(&yard, "host hides its changes");
    let from = Request { from: Some("HEAD".to_owned()), ..yard.request() };
    assert_eq!(deploy(&from, &mut Told::default()).exit, Exit::Done);
}

#[test]
fn an_unclean_tree_ships_only_where_the_target_allows_it() {
    for (allow, exit) in [("", Exit::Unsure), ("allow_dirty = true\n", Exit::Done)] {
        let yard = Yard::new(&format!("{TWO}{allow}"));
        yard.trial.write("new", "");
        let request = Request { allow_dirty: true, ..yard.request() };
        let report = deploy(&request, &mut Told::default());
        assert_eq!(report.exit, exit, "{:?}", report.problems);
        if exit == Exit::Done {
            let id = report.deploy.unwrap();
            let receipt = crate::trial::text(&yard.own(&format!("receipts/{id}.json")));
            assert!(receipt.contains("\"dirty\": true"));
        }
    }
}

#[test]
fn findings_refuse_and_nothing_is_called() {
    let yard = Yard::new(TWO);
    let text = crate::trial::text(&yard.trial.path().join("shipworthy.toml"));
    let service = "[service.app]\ndockerfile = \"Dockerfile\"\ncontext = \".\"\n";
    yard.trial.write("shipworthy.toml", &format!("{service}{text}"));
    yard.trial.write("Dockerfile", "FROM scratch\nCOPY missing.txt /\n");
    yard.trial.record();
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Refused);
    assert!(report.findings.iter().any(|finding| finding.rule == "copy-source-missing"));
    assert!(yard.log().is_empty() && !yard.own("").exists());
    let broken = Request {
        break_glass: Some("the shop is down".to_owned()),
        overrides: vec!["copy-source-missing".to_owned()],
        ..yard.request()
    };
    let report = deploy(&broken, &mut Told::default());
    assert_eq!(report.exit, Exit::Done);
    let id = report.deploy.unwrap();
    for place in [format!("receipts/{id}.json"), format!("deploys/{id}.jsonl")] {
        let text = crate::trial::text(&yard.own(&place));
        assert!(text.contains("the shop is down") && text.contains("copy-source-missing"), "{place}");
    }
    let receipt = crate::trial::text(&yard.own(&format!("receipts/{id}.json")));
    assert!(receipt.contains("\"verificationResult\": \"FAILED\""), "{receipt}");
}

#[test]
fn what_the_baseline_knows_does_not_hold_and_is_counted() {
    let service = "[service.app]\ndockerfile = \"Dockerfile\"\ncontext = \".\"\n";
    let yard = Yard::new(&format!("{TWO}[gate]\nbaseline = \"known.json\"\n{service}"));
    yard.trial.write("Dockerfile", "FROM scratch\nCOPY missing.txt /\n");
    yard.trial.write("known.json", "{\"version\": 1, \"findings\": []}");
    yard.trial.record();
    let refused = yard.deploy();
    assert_eq!(refused.exit, Exit::Refused);
    let known = lint::Baseline::of(&refused.findings, &lint::Registry::built_in());
    yard.trial.write("known.json", &known.to_json());
    yard.trial.record();
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Done, "{:?}", report.problems);
    let receipt = crate::trial::text(&yard.own(&format!("receipts/{}.json", report.deploy.unwrap())));
    assert!(receipt.contains(&format!("\"baselined\": {},", known.len())), "{receipt}");
    yard.trial.write("missing.txt", "");
    yard.trial.record();
    let mut told = Told::default();
    assert_eq!(deploy(&yard.request(), &mut told).exit, Exit::Done);
    assert!(told.0.iter().any(|line| line.starts_with("known.json: 1 of its entries")), "{:?}", told.0);
}

#[test]
fn a_gate_command_that_fails_refuses() {
    let yard = Yard::new(&format!("{TWO}[gate]\ncommands = [[\"./ship.sh\", \"test\", \"1\"]]\n"));
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Refused);
    assert_eq!(yard.log(), ["test"]);
}

/// What is missed in the middle of a deployment is missed too late.
#[cfg(unix)]
#[test]
fn a_program_that_is_not_there_is_missed_before_anything_runs() {
    let deploys =
        |command: &str| format!("provider = \"command\"\ndeploy = [[\"./ship.sh\", \"one\"], {command}]\n");
    for (target, wanted) in [
        (deploys("[\"no-such-program\"]"), "no program `no-such-program` on PATH"),
        (deploys("[\"./none.sh\"]"), "not a file of the commit"),
        (deploys("[\"./Dockerfile\"]"), "not executable"),
        (deploys("[\"../ship.sh\"]"), "leads out of the repository"),
        (deploys("[\"/bin/true\"]"), "absolute path"),
        (format!("{TWO}rollback = [[\"no-such-program\"]]\n"), "no-such-program"),
        (format!("{TWO}observe = [[\"./none.sh\"]]\n"), "./none.sh"),
        (format!("{TWO}smoke = [[\"/usr/bin/env\"]]\n"), "absolute path"),
        (format!("{TWO}[gate]\ncommands = [[\"./none.sh\"]]\n"), "./none.sh"),
    ] {
        let yard = Yard::new(&target);
        for dry_run in [true, false] {
            let report = deploy(&Request { dry_run, ..yard.request() }, &mut Told::default());
            assert_eq!(report.exit, Exit::Usage, "{target}: {:?}", report.problems);
            assert!(report.problems[0].message.contains(wanted), "{target}: {:?}", report.problems);
        }
        assert!(yard.log().is_empty() && !yard.own("deploys").exists(), "{target}");
    }
}

#[test]
fn what_is_printed_is_what_runs() {
    let yard = Yard::new(TWO);
    let planned = deploy(&Request { dry_run: true, ..yard.request() }, &mut Told::default()).plan.unwrap();
    assert!(yard.log().is_empty() && !yard.own("deploys").exists());
    let report = yard.deploy();
    let id = report.deploy.unwrap();
    assert_eq!(planned.id, id);
    let journal = crate::trial::text(&yard.own(&format!("deploys/{id}.jsonl")));
    let records: Vec<crate::journal::Record> =
        journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records[0].plan.as_ref().unwrap().bytes(), planned.bytes());
    let ran: Vec<_> = records.iter().flat_map(|record| record.argv.clone()).collect();
    let meant: Vec<_> = planned.steps.iter().flat_map(|step| step.commands.clone()).collect();
    assert_eq!(ran, meant);
    let saved = yard.trial.outside("plan");
    std::fs::write(&saved, planned.bytes()).unwrap();
    let stale = deploy(&Request { apply: Some(saved), ..yard.request() }, &mut Told::default());
    assert_eq!(stale.exit, Exit::Unsure);
}

#[test]
fn a_step_that_writes_to_the_snapshot_stops_the_deployment() {
    let meddle = "#!/bin/sh\nchmod u+w . && echo evil > evil && chmod u-w .\n";
    let yard = Yard::new("provider = \"command\"\ndeploy = [[\"./meddle.sh\"], [\"./ship.sh\", \"two\"]]\n");
    yard.trial.script("meddle.sh", meddle);
    yard.trial.record();
    let report = yard.deploy();
    assert_eq!(report.exit, Exit::Failed, "{:?}", report.problems);
    assert!(report.problems[0].message.contains("evil"), "{:?}", report.problems);
    assert!(yard.log().is_empty());
}

#[test]
fn no_secret_is_left_anywhere() {
    let canary = "CANARY-7f3e-secret";
    let print = format!(
        "#!/bin/sh\necho token $API_TOKEN\nprintf %s \"$API_TOKEN\" | base64 >&2\necho {canary}x >&2\necho \"$3 $4\"\n\
         echo \"Authorization: Bearer CANARY8\"\nexit 1\n"
    );
    let words = "\"--password\", \"CANARY1\", \"postgres://u:CANARY3@h/db\"";
    let target = format!(
        "provider = \"command\"\ndeploy = [[\"./leak.sh\", \"--token={canary}\", {words}]]\nrollback = [[\"./leak.sh\"]]\n"
    );
    let yard = Yard::new(&target);
    yard.trial.script("leak.sh", &print);
    let text = crate::trial::text(&yard.trial.path().join("shipworthy.toml"));
    yard.trial
        .write("shipworthy.toml", &text.replace("env = { ", &format!("env = {{ API_TOKEN = \"{canary}\", ")));
    yard.trial.record();
    let out = yard.trial.outside("plan.json");
    let dry = Request { dry_run: true, plan_out: Some(out.clone()), ..yard.request() };
    let planned = format!("{:?}", deploy(&dry, &mut Told::default()));
    let mut told = Told::default();
    let report = deploy(&yard.request(), &mut told);
    assert_eq!(report.exit, Exit::RollbackFailed);
    let id = report.deploy.as_ref().unwrap();
    let mut said: BTreeMap<&str, String> = BTreeMap::new();
    said.insert("journal", crate::trial::text(&yard.own(&format!("deploys/{id}.jsonl"))));
    said.insert("receipt", crate::trial::text(&yard.own(&format!("receipts/{id}.json"))));
    said.insert("dry run", planned);
    said.insert("plan", crate::trial::text(&out));
    said.insert("progress", told.0.join("\n"));
    said.insert("report", format!("{report:?}"));
    for (place, text) in said {
        assert!(!text.contains("CANARY") && !text.contains("Q0FOQVJZ"), "{place}: {text}");
    }
}

/// What is left out of the plan is there again when a run is gone on with.
#[test]
fn a_secret_word_that_no_journal_holds_is_run_all_the_same() {
    let yard = Yard::new(
        "provider = \"command\"\ndeploy = [[\"./ship.sh\", \"one\"], [\"./check.sh\", \"--password\", \"CANARY\"]]\n\
         rollback = [[\"./check.sh\", \"--password\", \"CANARY\"]]\n",
    );
    yard.trial.script("check.sh", "#!/bin/sh\ntest \"$2\" = CANARY && echo right >> \"$LOG\"\n");
    yard.trial.record();
    let stopped = deploy(&yard.request(), &mut super::tests_resume::StopBefore(3));
    assert_eq!(stopped.exit, Exit::Interrupted);
    assert_eq!(resume(&yard.request(), "", &mut Told::default()).exit, Exit::Done);
    assert_eq!(rollback(&yard.request(), &mut Told::default()).exit, Exit::Done);
    assert_eq!(yard.log(), ["one", "right", "right"]);
}

#[test]
fn the_address_that_is_asked_shows_no_token() {
    let health =
        "health = { url = \"http://127.0.0.1:9/x?token=CANARY7\", within = \"1s\", deadline = \"1s\" }\n";
    let yard = Yard::new(&format!("{TWO}{health}"));
    let mut told = Told::default();
    let report = deploy(&yard.request(), &mut told);
    assert_eq!(report.exit, Exit::RollbackFailed);
    let journal =
        crate::trial::text(&yard.own(&format!("deploys/{}.jsonl", report.deploy.as_ref().unwrap())));
    let said = format!("{report:?} {} {journal}", told.0.join("\n"));
    assert!(said.contains("127.0.0.1:9/x?token=<redacted>") && !said.contains("CANARY"), "{said}");
}

#[test]
fn the_configuration_is_right_or_nothing_is_done() {
    for (target, wanted) in [
        ("provider = \"comand\"\n", "Did you mean `command`?"),
        ("provider = \"command\"\ndeploy = [[\"x\"]]\nobserv = [[\"x\"]]\n", "Did you mean `observe`?"),
        ("provider = \"command\"\ndeploy = \"make ship\"\n", "list of commands"),
        ("provider = \"command\"\n", "needs `deploy`"),
        ("provider = \"railway\"\n", "not supported by this version"),
        (
            "provider = \"command\"\ndeploy = [[\"x\"]]\n[target.staging.validate]\nusers = 100\n",
            "never skipped",
        ),
        (
            "provider = \"simulator\"\nhealth = { path = \"/\", within = \"9999999999999999999s\" }\n",
            "365 days",
        ),
        (
            "provider = \"simulator\"\n[[target.staging.service]]\nname = \"app\"\n",
            "there is no `[service.app]`",
        ),
    ] {
        let report = Yard::new(target).deploy();
        assert_eq!(report.exit, Exit::Usage, "{target}");
        let told = &report.problems[0].message;
        assert!(told.contains(wanted) && told.contains("shipworthy.toml:"), "{target}: {told}");
    }
    let yard = Yard::new(TWO);
    let unknown = Request { target: "stagign".to_owned(), ..yard.request() };
    assert_eq!(deploy(&unknown, &mut Told::default()).exit, Exit::Usage);
}
