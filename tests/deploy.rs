//! Deployments, from outside: refused, done, killed and gone on with.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::schema::conforms;
use crate::support::root;

fn git(folder: &Path, arguments: &[&str]) {
    let who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
    #[expect(clippy::disallowed_methods, reason = "a repository for the test")]
    let done = Command::new("git").args(who).args(arguments).current_dir(folder).status().unwrap();
    assert!(done.success());
}

#[expect(clippy::disallowed_methods, reason = "a repository for the test")]
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let at = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&at).unwrap();
            copy(&entry.path(), &at);
        } else {
            fs::copy(entry.path(), at).unwrap();
        }
    }
}

/// A fixture's tree as a repository, with a target.
fn repository(tree: &str, target: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/monitoring-outage").join(tree), folder.path());
    let configuration = folder.path().join("shipworthy.toml");
    #[expect(clippy::disallowed_methods, reason = "a repository for the test")]
    let text = fs::read_to_string(&configuration).unwrap();
    // Every test has a target of its own in place of the fixture's.
    let text = text.split("[target.").next().unwrap();
    fs::write(&configuration, format!("{text}\n[target.staging]\nenvironment = \"staging\"\n{target}"))
        .unwrap();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "x"]);
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the program under test")]
    let mut command = Command::new(env!("CARGO_BIN_EXE_shipworthy"));
    command
        .args(arguments)
        .args(["-C"])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn json(output: &Output) -> Value {
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = if value.get("deployments").is_some() { "deployments" } else { "deploy" };
    conforms(name, &value);
    value
}

#[test]
fn the_incident_is_refused_and_nothing_is_called() {
    let folder = repository("tree", "provider = \"simulator\"\n");
    let output = run(folder.path(), &["deploy", "staging", "--yes", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    assert_eq!(
        (&report["version"], &report["exit"], &report["target"]),
        (&1.into(), &1.into(), &"staging".into())
    );
    let rules: Vec<&str> =
        report["findings"].as_array().unwrap().iter().filter_map(|one| one["rule"].as_str()).collect();
    assert!(rules.contains(&"context-excludes-import"), "{rules:?}");
    assert!(!folder.path().join(".git/shipworthy").exists());
}

/// The commands that the documentation offers to try, in a clone that holds nothing but the fixtures.
#[test]
fn the_documented_trial_does_what_is_said_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = folder.path().join("fixtures");
    fs::create_dir_all(&fixtures).unwrap();
    copy(&root().join("fixtures"), &fixtures);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "-A", "-f"]);
    git(folder.path(), &["commit", "-q", "-m", "x"]);
    #[expect(clippy::disallowed_methods, reason = "a file of this repository")]
    let page = fs::read_to_string(root().join("docs/deploy.md")).unwrap();
    let trials: Vec<Vec<&str>> = page
        .lines()
        .filter_map(|line| line.strip_prefix("$ shipworthy "))
        .filter(|line| line.contains("-C fixtures/"))
        .map(|line| line.split_whitespace().collect())
        .collect();
    let told = |words: &[&str]| {
        let output = crate::support::shipworthy(folder.path(), words);
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), text.lines().last().unwrap_or_default().to_owned())
    };
    let [refused, done] = trials.as_slice() else { panic!("{trials:?}") };
    let (code, last) = told(refused);
    assert_eq!(code, Some(1), "{last}");
    assert!(!folder.path().join(".git/shipworthy").exists());
    let (code, last) = told(done);
    assert_eq!(code, Some(0), "{last}");
    assert!(last.starts_with("staging: DONE (exit 0), serving backend: sw-"), "{last}");
}

#[test]
fn the_fixed_tree_is_deployed() {
    let folder = repository(
        "fixed",
        "provider = \"simulator\"\nstrategy = { kind = \"staged\", canary = [10, 50] }\n",
    );
    let output = run(folder.path(), &["deploy", "staging", "--yes"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.lines().last().unwrap().starts_with("staging: DONE (exit 0), serving "), "{text}");
    let history = run(folder.path(), &["deploy", "history", "--format", "json"]);
    assert_eq!(json(&history)["deployments"][0]["state"], "DONE");
    assert_eq!(run(folder.path(), &["deploy", "rollback", "staging"]).status.code(), Some(0));
    let history = run(folder.path(), &["deploy", "history"]);
    let text = String::from_utf8(history.stdout).unwrap();
    assert!(text.lines().last().unwrap().contains(" DONE took back "), "{text}");
    let nowhere = tempfile::tempdir().unwrap();
    assert_eq!(run(nowhere.path(), &["deploy", "status"]).status.code(), Some(3), "this is no repository");
    let unknown = run(folder.path(), &["deploy", "stagin", "--yes"]);
    let text = String::from_utf8(unknown.stdout).unwrap();
    assert!(!text.contains("serving"), "of what nobody knows: {text}");
    let unknown = run(folder.path(), &["deploy", "status", "stagin"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8(unknown.stdout).unwrap().contains("Did you mean `staging`?"));
}

#[test]
fn what_is_written_has_the_shape_that_is_documented() {
    let folder = repository(
        "fixed",
        "provider = \"command\"\ndeploy = [[\"true\"]]\nsmoke = [[\"false\"]]\nrollback = [[\"true\"]]\n",
    );
    let dry = run(folder.path(), &["deploy", "staging", "--dry-run"]);
    conforms("plan", &serde_json::from_slice(&dry.stdout).unwrap());
    assert_eq!(json(&run(folder.path(), &["deploy", "staging", "--dry-run", "--format", "json"]))["exit"], 0);
    let output = run(folder.path(), &["deploy", "staging", "--yes", "--format", "json"]);
    assert_eq!(output.status.code(), Some(8));
    let id = json(&output)["deploy"].as_str().unwrap().to_owned();
    let own = folder.path().join(".git/shipworthy");
    #[expect(clippy::disallowed_methods, reason = "what the program under test wrote")]
    let read = |path: String| fs::read_to_string(own.join(path)).unwrap();
    let journal = read(format!("deploys/{id}.jsonl"));
    assert!(journal.lines().count() > 8);
    for line in journal.lines() {
        conforms("journal", &serde_json::from_str(line).unwrap());
    }
    conforms("receipt", &serde_json::from_str(&read(format!("receipts/{id}.json"))).unwrap());
}

#[test]
fn nobody_is_asked_only_where_that_is_said() {
    let folder = repository("fixed", "provider = \"simulator\"\n");
    let silent = run(folder.path(), &["deploy", "staging"]);
    assert_eq!(silent.status.code(), Some(2));
    assert!(String::from_utf8(silent.stderr).unwrap().contains("add `--yes`"));
    assert!(!folder.path().join(".git/shipworthy").exists());
    assert_eq!(run(folder.path(), &["deploy", "staging", "--dry-run"]).status.code(), Some(0));
}

#[test]
fn text_and_json_end_with_the_same_words() {
    let target = "provider = \"command\"\ndeploy = [[\"true\"]]\n[gate]\nscope = \"environment\"\n";
    let folder = repository("fixed", target);
    let (directory, other) = (folder.path().display().to_string(), repository("fixed", target));
    let told = json(&run(folder.path(), &["deploy", "staging", "--yes", "--format", "json"]));
    let serving = told["serving"].as_str().unwrap();
    assert!(serving.starts_with("commit "), "{serving}");
    assert_eq!(told["next"], format!("shipworthy deploy status staging -C {directory}"));
    assert_eq!(told["scope"], "environment");
    let text = run(other.path(), &["deploy", "staging", "--yes"]).stdout;
    let text = String::from_utf8(text).unwrap();
    let last = text.lines().last().unwrap();
    assert!(
        last.contains(", serving commit ") && last.contains("judged for the environment alone"),
        "{last}"
    );
}

#[test]
fn what_is_asked_for_in_vain_is_a_mistake_of_the_command_line() {
    let folder = repository("tree", "provider = \"simulator\"\n");
    let ends = |words: &[&str]| run(folder.path(), words).status.code();
    assert_eq!(ends(&["deploy", "staging", "--yes", "--break-glass", "", "--override", "x"]), Some(2));
    assert_eq!(ends(&["deploy", "staging", "--yes", "--break-glass", "down", "--override", "nope"]), Some(2));
    assert_eq!(ends(&["deploy", "rollback", "nope"]), Some(2));
    let folder = repository("fixed", "provider = \"simulator\"\n");
    assert_eq!(
        run(folder.path(), &["deploy", "staging", "--yes", "--apply", "nope.json"]).status.code(),
        Some(2)
    );
}

/// What refuses is told with its line and the verdict of the gate, from wherever the command is run.
#[test]
fn a_refusal_is_told_as_the_gate_judged_it() {
    let folder = repository(
        "fixed",
        "provider = \"simulator\"\n[gate]\nfail_on = \"warning\"\n[[scope]]\npath = \"nothing-here\"\n",
    );
    let elsewhere = tempfile::tempdir().unwrap();
    let output =
        command(folder.path(), &["deploy", "staging", "--yes"]).current_dir(elsewhere.path()).output();
    let output = output.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("│ path = \"nothing-here\""), "{text}");
    assert!(text.contains("held    1 warning") && !text.contains("clear"), "{text}");
    // The command that goes on from a finding of the gate itself.
    let explained = crate::support::shipworthy(elsewhere.path(), &["explain", "gate-weaker-than-protected"]);
    assert_eq!(explained.status.code(), Some(0));
}

/// A name without a folder is a file of the folder that the caller is in.
#[test]
fn what_is_written_stands_where_the_caller_is() {
    let folder = repository("fixed", "provider = \"simulator\"\n");
    let caller = tempfile::tempdir().unwrap();
    for arguments in [
        &["deploy", "staging", "--dry-run", "--plan-out", "plan.json"][..],
        &["receipt", "create", "staging", "--output", "receipt.json"],
        &["deploy", "staging", "--yes", "--apply", "plan.json"],
    ] {
        let output = command(folder.path(), arguments).current_dir(caller.path()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
    }
    assert!(caller.path().join("plan.json").is_file() && caller.path().join("receipt.json").is_file());
}

/// The schema of the configuration names exactly the keys that are read.
#[test]
fn the_schema_knows_every_key_of_a_target() {
    use lint::config::keys;
    #[expect(clippy::disallowed_methods, reason = "a file of this repository")]
    let text = fs::read_to_string(root().join("docs/schema/config.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    for (place, known) in [
        ("/properties/gate", keys::GATE),
        ("/properties/gate/properties/receipt", keys::RECEIPT),
        ("/$defs/target", keys::TARGET),
        ("/$defs/target/properties/strategy/anyOf/1", keys::STRATEGY),
        ("/$defs/target/properties/lock", keys::LOCK),
        ("/$defs/health", keys::HEALTH),
        ("/$defs/targetService", keys::SERVICE),
        ("/$defs/infra", keys::INFRA),
    ] {
        let table = schema.pointer(place).unwrap();
        assert_eq!(table["additionalProperties"], false, "{place}");
        let mut named: Vec<&str> =
            table["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut known = known.to_vec();
        named.sort_unstable();
        known.sort_unstable();
        assert_eq!(named, known, "{place}");
    }
}

#[test]
fn how_a_deployment_fails_is_told_by_the_exit_code() {
    for (state, exit, reached) in
        [("BUILT", 5, "FAILED_SAFE"), ("HEALTHY", 6, "FAILED_SAFE"), ("PROMOTED", 8, "ROLLED_BACK")]
    {
        let folder =
            repository("fixed", &format!("provider = \"simulator\"\nreplies = {{ {state} = \"error\" }}\n"));
        let output = run(folder.path(), &["deploy", "staging", "--yes", "--format", "json"]);
        assert_eq!(output.status.code(), Some(exit), "{state}");
        assert_eq!(json(&output)["state"], reached);
    }
}

#[cfg(unix)]
#[test]
fn a_killed_deployment_is_gone_on_with() {
    let marks = tempfile::tempdir().unwrap();
    let mark = |name: &str| marks.path().join(name).display().to_string();
    let (one, two, held) = (mark("one"), mark("two"), mark("held"));
    let target = format!(
        "provider = \"command\"\ndeploy = [[\"touch\", \"{one}\"], [\"tail\", \"-f\", \"{held}\"], [\"touch\", \"{two}\"]]\n"
    );
    let folder = repository("fixed", &target);
    fs::write(&held, "").unwrap();
    let mut killed = command(folder.path(), &["deploy", "staging", "--yes"]).spawn().unwrap();
    let started = Instant::now();
    while !Path::new(&one).exists() {
        assert!(started.elapsed() < Duration::from_mins(1), "the first command never ran");
        std::thread::sleep(Duration::from_millis(20));
    }
    // While it holds the lock nobody else gets in.
    assert_eq!(run(folder.path(), &["deploy", "staging", "--yes"]).status.code(), Some(4));
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(run(folder.path(), &["deploy", "status"]).status.code(), Some(130));
    fs::remove_file(&one).unwrap();
    // Without its file `tail` fails, and says so on the way forward.
    fs::remove_file(&held).unwrap();
    let resumed = run(folder.path(), &["deploy", "resume", "--format", "json"]);
    assert_eq!(resumed.status.code(), Some(5), "{}", String::from_utf8_lossy(&resumed.stderr));
    assert!(!Path::new(&one).exists(), "what was done is not done again");
    assert!(!Path::new(&two).exists());
    let id = json(&resumed)["deploy"].as_str().unwrap().to_owned();
    let again = run(folder.path(), &["deploy", "resume", &id, "--format", "json"]);
    assert_eq!((again.status.code(), &json(&again)["state"]), (Some(5), &"FAILED".into()));
}

/// A target whose first command goes on until a file is there.
#[cfg(unix)]
struct Waiting {
    marks: tempfile::TempDir,
    folder: tempfile::TempDir,
    child: std::process::Child,
}

#[cfg(unix)]
impl Waiting {
    fn new() -> Self {
        use std::os::unix::process::CommandExt;
        let marks = tempfile::tempdir().unwrap();
        let at = |name: &str| marks.path().join(name).display().to_string();
        let wait = format!(
            "touch {}; until [ -e {} ]; do sleep 0.05; done; touch {}",
            at("begun"),
            at("go"),
            at("one")
        );
        let target = format!(
            "provider = \"command\"\ndeploy = [[\"sh\", \"-c\", \"{wait}\"], [\"touch\", \"{}\"]]\n",
            at("two")
        );
        let folder = repository("fixed", &target);
        // A group of its own, as a shell gives to what it runs in front.
        let child = command(folder.path(), &["deploy", "staging", "--yes", "--format", "json"])
            .process_group(0)
            .spawn();
        let waiting = Self { marks, folder, child: child.unwrap() };
        Self::until("the first command runs", || waiting.is("begun"));
        waiting
    }

    fn is(&self, name: &str) -> bool {
        self.marks.path().join(name).exists()
    }

    fn until(what: &str, holds: impl Fn() -> bool) {
        let started = Instant::now();
        while !holds() {
            assert!(started.elapsed() < Duration::from_mins(1), "never: {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What a terminal does: everybody of the group gets the signal.
    fn signal(&self, name: &str) {
        // Every shell has the command; a program of that name is not on every machine.
        let command = format!("kill -s {name} -- -{}", self.child.id());
        let sent = crate::support::tool("sh", self.folder.path(), &["-c", &command]).unwrap();
        assert!(sent.status.success());
    }
}

#[cfg(unix)]
#[test]
fn the_first_signal_lets_the_step_end() {
    let mut waiting = Waiting::new();
    waiting.signal("INT");
    std::thread::sleep(Duration::from_millis(300));
    assert!(waiting.child.try_wait().unwrap().is_none(), "the step is still to be finished");
    fs::write(waiting.marks.path().join("go"), "").unwrap();
    assert_eq!(waiting.child.wait().unwrap().code(), Some(130));
    assert!(waiting.is("one") && !waiting.is("two"));
    let history = run(waiting.folder.path(), &["deploy", "status"]);
    assert_eq!(history.status.code(), Some(130));
    let resumed = run(waiting.folder.path(), &["deploy", "resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", String::from_utf8_lossy(&resumed.stderr));
    assert!(waiting.is("two"));
}

#[cfg(unix)]
#[test]
fn the_second_signal_ends_what_runs() {
    let mut waiting = Waiting::new();
    waiting.signal("TERM");
    std::thread::sleep(Duration::from_millis(300));
    waiting.signal("TERM");
    assert_eq!(waiting.child.wait().unwrap().code(), Some(130));
    let mut told = Vec::new();
    waiting.child.stdout.take().unwrap().read_to_end(&mut told).unwrap();
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!((&told["state"], &told["serving"]), (&"PROMOTED".into(), &Value::Null));
    fs::write(waiting.marks.path().join("go"), "").unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(!waiting.is("one"), "the step goes on although nobody watches it");
    let resumed = run(waiting.folder.path(), &["deploy", "resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", String::from_utf8_lossy(&resumed.stderr));
    assert!(waiting.is("one") && waiting.is("two"));
}
