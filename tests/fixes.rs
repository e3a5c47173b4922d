//! `check --fix` and `--diff`: what they change, what they leave alone, and that nothing is ever half done.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use lint::fixing::{Repaired, repair};
use lint::{Config, FixKind, Options, Outcome, Registry, Safety, Severity, engine};
use source::{Memory, Tree};

use crate::support::{check, command, contents, folder, root, shipworthy, summary};

fn judge(tree: &dyn Tree) -> Outcome {
    let config = Config::load(tree);
    let facts = facts::collect(tree, &config.declared());
    let options = Options {
        rules: Vec::new(),
        environments: Vec::new(),
        fail_on: Severity::Error,
        no_allow: false,
        today: "2026-11-01".parse().unwrap(),
    };
    engine::run(tree, &facts, &config, &Registry::built_in(), &options)
}

fn repaired(tree: &dyn Tree, rule: &str) -> Repaired {
    repair(tree, &judge, &|finding| finding.rule == rule, Safety::Safe)
}

/// The comments of a text: from each `#` at the start of a word to the end of its line.
fn comments(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let comment = |line: &str| {
        let at = line.match_indices('#').find(|(at, _)| *at == 0 || line[..*at].ends_with([' ', '\t']));
        at.map(|(at, _)| line[at..].to_owned())
    };
    text.lines().filter_map(comment).collect()
}

#[test]
fn a_condition_is_repaired_only_when_asked_for() {
    let settings = "import os\n\nenvironment = os.getenv(\"ENVIRONMENT\", \"\")\n\
                    is_staging = environment == \"staging\" or os.environ.get(\"K_SERVICE\")\n";
    let deployments = "[service.web.deploy.production]\n\
                       variables = { K_SERVICE = \"web\", ENVIRONMENT = \"production\" }\ncomplete = true\n";
    let tree: Memory = [("settings.py", settings), ("shipworthy.toml", deployments)].into_iter().collect();
    assert!(repaired(&tree, "platform-variable-as-environment").files.is_empty());
    let all = repair(&tree, &judge, &|_| true, Safety::Unsafe);
    let [file] = all.files.as_slice() else { panic!("{:?}", all.dropped) };
    let after = settings.replace(" or os.environ.get(\"K_SERVICE\")", "");
    assert_eq!(String::from_utf8_lossy(&file.after), after);
    assert!(all.made[0].fixed.title.contains("web@production gets `no` from `is_staging`, not `yes`"));
}

#[test]
fn every_safe_fix_leaves_a_clean_example() {
    let registry = Registry::built_in();
    let (mut rules, mut examples, mut repairs) = (0, 0, 0);
    for rule in registry.rules().iter().filter(|rule| rule.head.fix == FixKind::Safe) {
        let mut of_rule = 0;
        for example in rule.examples().unwrap().into_iter().filter(|example| example.fails) {
            let told = format!("{}:{} {}", rule.path, example.line, example.name);
            let tree = example.tree();
            let answer = repaired(&tree, rule.id());
            assert!(answer.dropped.is_empty(), "{told}: {:?}", answer.dropped);
            if answer.made.is_empty() {
                continue;
            }
            let mut fixed: Memory = tree.clone();
            for file in &answer.files {
                assert_eq!(comments(&file.before), comments(&file.after), "{told} {}", file.path);
                fixed.insert(&file.path, file.after.clone());
            }
            let left = judge(&fixed).findings.into_iter().filter(|finding| {
                finding.rule == rule.id()
                    && finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe)
            });
            assert_eq!(left.count(), 0, "{told}");
            assert!(repaired(&fixed, rule.id()).files.is_empty(), "{told}: fixing again changes something");
            examples += 1;
            of_rule += answer.made.len();
        }
        assert!(of_rule > 0, "no example shows the safe fix of {}", rule.path);
        rules += 1;
        repairs += of_rule;
    }
    println!("safe fixes: {repairs} made in {examples} examples of {rules} rules");
}

/// Byte order mark, line ends of Windows, comments and layout around what is repaired.
const FILES: &[(&str, &[u8], &[u8])] = &[
    (
        "staging.tfvars",
        "\u{feff}# Gateway\r\nbackend_timeout_sec   = 600   # too short?\r\n\r\nname = \"x\"".as_bytes(),
        "\u{feff}# Gateway\r\nbackend_timeout_sec   = 86400   # too short?\r\n\r\nname = \"x\"".as_bytes(),
    ),
    (
        ".dockerignore",
        b"# Dashboards\r\n**/monitoring/\r\n*.md\r\n",
        b"# Dashboards\r\n**/monitoring/\r\n!app/monitoring/\r\n*.md\r\n",
    ),
];

const CODE: &[(&str, &[u8])] = &[
    (
        "shipworthy.toml",
        b"[timeouts]\nbackend_timeout_sec = { equals = \"24h\", environments = [\"staging\"] }\n",
    ),
    (
        "Dockerfile",
        b"FROM python:3.12-slim\nWORKDIR /srv\nCOPY app ./app\nCMD [\"python\", \"-m\", \"app.main\"]\n",
    ),
    ("app/main.py", b"from app.monitoring import report\n"),
    ("app/monitoring/__init__.py", b"from app.monitoring.gauges import read\n\ndef report() -> None: ...\n"),
    ("app/monitoring/gauges.py", b"def read() -> None: ...\n"),
];

fn repository() -> tempfile::TempDir {
    let before = FILES.iter().map(|(path, before, _)| (*path, *before));
    folder(&CODE.iter().copied().chain(before).collect::<Vec<_>>())
}

#[test]
fn only_the_bytes_of_the_value_change() {
    let tree = repository();
    let before = contents(tree.path());
    let (report, exit) = check(tree.path(), &["--fix"]);
    assert_eq!(exit, 0, "{report}");
    assert_eq!(report["fixed"].as_array().unwrap().len(), 2, "{}", report["fixed"]);
    assert_eq!(report["fixed"][1]["path"], "staging.tfvars");
    assert_eq!(report["fixed"][1]["line"], 2);
    let mut after = contents(tree.path());
    for (path, _, wanted) in FILES {
        assert_eq!(String::from_utf8_lossy(&after[*path]), String::from_utf8_lossy(wanted));
        after.insert((*path).to_owned(), before[*path].clone());
    }
    assert_eq!(after, before, "another file changed, or one was left behind");
    let (report, exit) = check(tree.path(), &["--fix"]);
    assert_eq!((exit, report["fixed"].as_array().unwrap().len()), (0, 0));
}

#[test]
fn what_was_not_asked_for_is_not_written() {
    let tree = repository();
    let (report, _) = check(tree.path(), &["--fix", "--rule", "timeout-policy"]);
    assert_eq!(report["fixed"].as_array().unwrap().len(), 1);
    let now = contents(tree.path());
    assert_eq!(now[".dockerignore"], FILES[1].1);
    assert_eq!(now["staging.tfvars"], FILES[0].2);

    let tree = repository();
    let before = contents(tree.path());
    assert_eq!(
        shipworthy(tree.path(), &["check", ".", "--fix", "--rule", "timeout-polcy"]).status.code(),
        Some(2)
    );
    assert_eq!(contents(tree.path()), before);
}

#[test]
fn a_difference_is_shown_masked_and_nothing_is_written() {
    let tree = repository();
    crate::support::write(
        tree.path(),
        "staging.tfvars",
        b"backend_timeout_sec = 600\ndb_password = \"c4n4ry\"\n",
    );
    let before = contents(tree.path());
    let output = shipworthy(tree.path(), &["check", ".", "--diff"]);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    for line in [
        "--- a/staging.tfvars\n",
        "-backend_timeout_sec = 600\n",
        "+backend_timeout_sec = 86400\n",
        "+!app/monitoring/",
    ] {
        assert!(shown.contains(line), "{line} {shown}");
    }
    assert!(!shown.contains("c4n4ry") && shown.contains("******"), "{shown}");
    assert_eq!(contents(tree.path()), before);
}

#[test]
fn a_module_that_is_left_out_for_a_reason_is_brought_back_only_when_asked() {
    for (name, text) in [
        ("secrets", "from app.secrets import KEY\n"),
        ("profiling", "def profile():\n    from app.profiling import start\n"),
    ] {
        let module = format!("app/{name}.py");
        let tree = folder(&[
            CODE[1],
            (".dockerignore", module.as_bytes()),
            ("app/main.py", text.as_bytes()),
            (&module, b"KEY = start = 1\n"),
        ]);
        check(tree.path(), &["--fix"]);
        assert_eq!(contents(tree.path())[".dockerignore"], module.as_bytes());
        check(tree.path(), &["--fix", "--unsafe-fixes"]);
        let now = String::from_utf8(contents(tree.path())[".dockerignore"].clone()).unwrap();
        assert_eq!(now, format!("{module}\n!{module}"));
        assert_eq!(summary(&check(tree.path(), &[]).0), [] as [&str; 0]);
    }
}

/// The fixture, and beside it so many services with one fix each that writing them takes a while.
fn many_to_fix() -> BTreeMap<String, Vec<u8>> {
    let mut files = contents(&root().join("fixtures/monitoring-outage/tree"));
    for service in 10..50 {
        for (name, text) in [
            (".dockerignore", "tools.py\n"),
            ("Dockerfile", "FROM python:3\nCOPY . .\nCMD [\"python\", \"main.py\"]\n"),
            ("main.py", "import tools\n"),
            ("tools.py", "A = 1\n"),
        ] {
            files.insert(format!("service-{service}/{name}"), text.into());
        }
    }
    files
}

/// A run of `--fix`, and when it wrote its first file; none where it ended before that was seen.
fn started(tree: &Path, whole: &BTreeMap<String, Vec<u8>>) -> (Child, Option<Instant>) {
    let mut child = command(tree, &["check", ".", "--fix", "--quiet"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Files are written in the order of their paths.
    let first = "service-10/.dockerignore";
    #[expect(clippy::disallowed_methods, reason = "tests read the disk")]
    while std::fs::read(tree.join(first)).unwrap() == whole[first] {
        if child.try_wait().unwrap().is_some() {
            return (child, None);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    (child, Some(Instant::now()))
}

#[test]
fn a_run_that_is_killed_leaves_every_file_whole() {
    let whole = many_to_fix();
    let copy = || {
        let files: Vec<(&str, &[u8])> = whole.iter().map(|(path, bytes)| (path.as_str(), &**bytes)).collect();
        folder(&files)
    };
    let done = copy();
    let (mut child, writes) = started(done.path(), &whole);
    child.wait().unwrap();
    let lasts = writes.expect("the first file was written").elapsed();
    let fixed = contents(done.path());
    let changed = whole.iter().filter(|(path, bytes)| fixed[*path] != **bytes).count();
    assert!(changed > 40, "{changed}");
    // Many runs take minutes: SHIPWORTHY_KILLS=200 asks for them.
    let rounds: u32 = std::env::var("SHIPWORTHY_KILLS").map_or(24, |rounds| rounds.parse().unwrap());
    let (mut stopped, mut between) = (0, 0);
    for round in 0..rounds {
        let tree = copy();
        let (mut child, _) = started(tree.path(), &whole);
        // Spread over the time in which files are written, and a little beyond.
        std::thread::sleep(lasts * (round * 37 % 110) / 100);
        child.kill().unwrap();
        stopped += u32::from(child.wait().unwrap().code().is_none());
        let now = contents(tree.path());
        for (path, bytes) in &whole {
            assert!(now[path] == *bytes || now[path] == fixed[path], "{path} is torn in round {round}");
        }
        let written = whole.iter().filter(|(path, bytes)| now[*path] != **bytes).count();
        between += u32::from(written > 0 && written < changed);
        check(tree.path(), &["--fix"]);
        let after = contents(tree.path());
        assert!(fixed.iter().all(|(path, bytes)| after[path] == *bytes), "round {round} was not completed");
        assert_eq!(after.len(), fixed.len(), "round {round} left a file behind");
    }
    println!(
        "killed in {stopped} of {rounds} runs, in {between} of them after the first and before the last of {changed} files"
    );
    assert!(between > 0, "no run was killed while it wrote");
}
