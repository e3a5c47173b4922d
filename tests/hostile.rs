//! Hostile input: one clear problem each, nothing crashes or hangs, nothing else is lost.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{check, folder, summary, write};

/// A file beside the hostile one, whose finding must not get lost.
const FAULT: (&str, &[u8]) = (".env.staging", b"API_URL=http://localhost:8000\n");

struct Verdict {
    findings: Vec<String>,
    problems: Vec<(String, bool, String)>,
    exit: i32,
}

fn judged(files: &[(&str, &[u8])], with_fault: bool) -> Verdict {
    let files: Vec<_> = files.iter().copied().chain(with_fault.then_some(FAULT)).collect();
    let tree = folder(&files);
    verdict(tree.path())
}

fn verdict(tree: &std::path::Path) -> Verdict {
    let begin = Instant::now();
    let (report, exit) = check(tree, &[]);
    assert!(begin.elapsed() < Duration::from_mins(1), "took {:?}", begin.elapsed());
    let problem = |problem: &Value| {
        let text = |key: &str| problem[key].as_str().unwrap().to_owned();
        assert!(problem["line"].as_u64().unwrap() >= 1);
        (text("path"), problem["blocking"].as_bool().unwrap(), text("message"))
    };
    Verdict {
        findings: summary(&report),
        problems: report["problems"].as_array().unwrap().iter().map(problem).collect(),
        exit,
    }
}

/// One problem with the file at `path`, blocking or not; alone it decides the exit code, and the fault beside it is
/// still found.
fn assert_one_problem(path: &str, bytes: &[u8], blocking: bool) {
    let alone = judged(&[(path, bytes), ("Dockerfile", b"FROM scratch\n")], false);
    let about: Vec<_> = alone.problems.iter().filter(|problem| problem.0 == path).collect();
    assert_eq!(about.len(), 1, "{path}: {:?}", alone.problems);
    assert_eq!(about[0].1, blocking, "{path}: {about:?}");
    assert_eq!(alone.exit, if blocking { 2 } else { 0 }, "{path}");
    let beside = judged(&[(path, bytes)], true);
    assert!(
        beside.findings.contains(&".env.staging:1 localhost-url error".to_owned()),
        "{path}: {:?}",
        beside.findings
    );
    assert_eq!(beside.exit, 1, "{path}");
}

#[test]
fn bytes_that_are_no_text() {
    assert_one_problem("staging.tfvars", b"a = \"\xff\xfe\"\n", true);
    assert_one_problem("docker-compose.yml", b"services:\n  a: \0\n", true);
    assert_one_problem("config/values.yaml", b"env_vars:\n  A: \xff\n", false);
    assert_one_problem("docs/.env", b"A=\xff\n", false);
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_fine() {
    let files: [(&str, &[u8]); 4] = [
        (".env.staging", b"\xef\xbb\xbfA=1\r\nAPI_URL=http://localhost:8000\r\n"),
        ("docker-compose.staging.yml", b"\xef\xbb\xbfservices:\r\n  a:\r\n    image: x\r\n    environment:\r\n      U: http://localhost:1\r\n"),
        ("staging.tfvars", b"\xef\xbb\xbfapi_url = \"http://localhost:1\"\r\n"),
        ("Dockerfile", b"\xef\xbb\xbfFROM scratch\r\nCOPY missing /\r\nCOPY .env.staging /\r\n"),
    ];
    let verdict = judged(&files, false);
    assert_eq!(verdict.problems.iter().filter(|problem| problem.1).count(), 0, "{:?}", verdict.problems);
    for expected in [
        ".env.staging:2 localhost-url error",
        "docker-compose.staging.yml:5 localhost-url error",
        "staging.tfvars:1 localhost-url error",
        "Dockerfile:2 copy-source-missing error",
    ] {
        assert!(verdict.findings.contains(&expected.to_owned()), "{expected}: {:?}", verdict.findings);
    }
}

#[test]
fn a_file_of_fifty_megabytes() {
    let line = b"A_VARIABLE=with some value that goes on for a while\n";
    let big: Vec<u8> = line.iter().copied().cycle().take(50 << 20).collect();
    assert_one_problem(".env.production", &big, true);
    assert_one_problem("other.yaml", &big, false);
}

#[test]
fn nesting_ten_thousand_deep() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    assert_one_problem("docker-compose.yml", format!("services: {}\n", deep("[", "]")).as_bytes(), true);
    assert_one_problem("staging.tfvars", format!("a = {}\n", deep("[", "]")).as_bytes(), true);
    assert_one_problem("main.tf", format!("locals {{ a = {} }}\n", deep("(", ")")).as_bytes(), true);
    assert_one_problem("x.auto.tfvars.json", format!("{{\"a\": {}}}\n", deep("[", "]")).as_bytes(), true);
    let python = format!("import os\nx = {}\n", deep("(", ")"));
    let verdict = judged(&[("app.py", python.as_bytes())], true);
    assert_eq!(verdict.exit, 1);
}

#[test]
fn syntax_errors_block_only_where_somebody_reads_the_file() {
    assert_one_problem("docker-compose.yml", b"services:\n  a: [\n", true);
    assert_one_problem("Dockerfile.api", b"FROM scratch\nCOPYY a b\n", true);
    assert_one_problem("main.tf", b"resource \"a\" {\n  b = = 1\n}\n", true);
    assert_one_problem(".env", b"A='never closed\n", true);
    assert_one_problem(".env.backend", b"A='never closed\n", true);
    assert_one_problem(".env.rename_me", b"A=${{A}}\n", false);
    assert_one_problem("variables.env", b"if true; then\nA=1\nfi\n", false);
    assert_one_problem("production.env", b"if true; then\nA=1\nfi\n", true);
    assert_one_problem("examples/docker-compose.yml", b"services:\n  a: [\n", false);
}

#[test]
fn what_one_example_names_in_another_is_still_an_example() {
    let compose = b"services:
  a:
    build: .
";
    let files: [(&str, &[u8]); 3] = [
        ("examples/shop/docker-compose.yml", compose),
        (
            "examples/shop/Dockerfile",
            b"FROM {% if slim %}a{% endif %}
",
        ),
        ("Dockerfile", b"FROM scratch\n"),
    ];
    let examples = judged(&files, false);
    assert_eq!(examples.exit, 0, "{:?}", examples.problems);
    assert!(!examples.problems.is_empty());
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_or_in_circles() {
    let tree = folder(&[FAULT, ("Dockerfile", b"FROM scratch\n")]);
    std::os::unix::fs::symlink("loop.env", tree.path().join("loop.env")).unwrap();
    std::os::unix::fs::symlink("..", tree.path().join("up")).unwrap();
    let verdict = verdict(tree.path());
    assert_eq!(verdict.exit, 1);
    let about: Vec<_> = verdict.problems.iter().filter(|problem| problem.0 == "loop.env").collect();
    assert_eq!(about.len(), 1, "{:?}", verdict.problems);
    assert!(about[0].1);
}

#[test]
fn a_directory_with_the_name_of_a_file() {
    let tree = folder(&[FAULT]);
    write(tree.path(), ".env/keep", b"");
    let verdict = verdict(tree.path());
    assert_eq!(
        verdict.problems.iter().filter(|problem| problem.0 == ".env").count(),
        1,
        "{:?}",
        verdict.problems
    );
    assert_eq!(verdict.exit, 1);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file() {
    use std::os::unix::fs::PermissionsExt;
    let tree = folder(&[FAULT, ("production.tfvars", b"a = 1\n")]);
    let closed = tree.path().join("production.tfvars");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o0)).unwrap();
    #[expect(clippy::disallowed_methods, reason = "tests read the disk")]
    if std::fs::read(&closed).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    let verdict = verdict(tree.path());
    assert_eq!(
        verdict.problems.iter().filter(|problem| problem.0 == "production.tfvars" && problem.1).count(),
        1
    );
}

/// A path, and a text of this many pieces.
type Growing = (&'static str, fn(usize) -> String);

#[test]
fn time_grows_as_the_text_does() {
    const CASES: &[Growing] = &[
        // One long line that is masked, here-documents that nothing ends, and values under names of secrets.
        (".env.production", |count| format!("HOST=http://localhost:1\nX={}\n", "a=b".repeat(count))),
        ("a.tfvars", |count| "password = <<X\n".repeat(count / 4)),
        // Suppressions that pile up, and one with a very long name.
        ("config.production.yaml", |count| {
            format!("{}env_vars:\n  A: http://localhost:1\n", "# shipworthy: allow(a)\n".repeat(count / 4))
        }),
        ("production.env", |count| format!("# shipworthy: allow({})\nA=1\n", "abc".repeat(count))),
        // Folders that go ever deeper, and stages without end.
        ("deploy.sh", |count| format!("gcloud run deploy api\n{}", "cd a\n".repeat(count / 8))),
        ("Dockerfile", |count| "FROM scratch\n".repeat(count / 8)),
        // Variables that are set and never read, beside others that are read and never set.
        ("run.sh", |count| {
            let lines = |line: fn(usize) -> String| (0..count / 8).map(line).collect::<String>();
            format!(
                "gcloud run deploy api\n{}{}",
                lines(|index| format!("VAR_{index}=x\n")),
                lines(|index| format!("echo $OTHER_{index}\n"))
            )
        }),
        // Actions of templates that nothing ends.
        ("chart/templates/a.yaml", |count| "{{\"x\" ".repeat(count)),
    ];
    for (path, text) in CASES {
        let time = |count: usize| {
            let text = text(count);
            let begin = Instant::now();
            let chart: (&str, &[u8]) = ("chart/Chart.yaml", b"name: a\nversion: 0.1.0\n");
            judged(&[(path, text.as_bytes()), chart, ("x/Dockerfile", b"FROM scratch\n")], true);
            begin.elapsed()
        };
        let (short, long) = (time(8_000), time(32_000));
        assert!(long < short * 8 + Duration::from_secs(1), "{path}: {short:?}, four times as much {long:?}");
    }
}
