//! The formats of a report: the same verdict in each, and each as its readers want it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::schema::{conforms, violations};
use crate::support::{folder, root, shipworthy, tool, write};

const FORMATS: [&str; 7] = ["text", "json", "sarif", "github", "gitlab", "junit", "markdown"];

/// Letters that each format has to write in its own way.
const ODD: &str = "deploy/a,b:c d#1.staging.env";

fn odd() -> tempfile::TempDir {
    folder(&[
        (ODD, b"API_URL=http://localhost:8000/?a=1&b=<2>%7C|x\nOLD_URL=http://127.0.0.1/\"q\"\n"),
        ("Dockerfile", b"FROM scratch\n"),
    ])
}

fn schemas() -> Option<PathBuf> {
    let vectors = std::env::var_os("SHIPWORTHY_VECTORS").map(PathBuf::from);
    let found = vectors.map(|vectors| vectors.join("../schemas")).filter(|schemas| schemas.is_dir());
    if found.is_none() {
        println!("skipped: SHIPWORTHY_VECTORS names no folder with schemas beside it");
    }
    found
}

fn report(folder: &Path, format: &str) -> String {
    String::from_utf8(shipworthy(folder, &["check", ".", "--format", format]).stdout).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "tests read the disk")]
fn read_json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests read the disk")]
fn the_verdict_is_the_same_in_every_format() {
    let fixture = root().join("fixtures/monitoring-outage");
    let unsure = folder(&[("docker-compose.yml", b"services: [\n")]);
    let milder = folder(&[
        (".env.staging", b"A=1\n"),
        (".dockerignore", b"tools.py\n"),
        ("tools.py", b"A = 1\n"),
        ("Dockerfile", b"FROM python:3\nCOPY . .\nCMD [\"python\", \"main.py\"]\n"),
        ("main.py", b"def f():\n    import tools\n"),
    ]);
    for (folder, exit) in [
        (fixture.join("tree").as_path(), 1),
        (fixture.join("fixed").as_path(), 0),
        (unsure.path(), 2),
        (milder.path(), 0),
    ] {
        let target = tempfile::tempdir().unwrap();
        let mut arguments = vec!["check".to_owned(), ".".to_owned()];
        for format in FORMATS {
            let output = shipworthy(folder, &["check", ".", "--format", format]);
            assert_eq!(output.status.code(), Some(exit), "{} {format}", folder.display());
            arguments.push(format!("--output={format}={}", target.path().join(format).display()));
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert_eq!(shipworthy(folder, &arguments).status.code(), Some(exit));
        for format in FORMATS {
            let written = std::fs::read_to_string(target.path().join(format)).unwrap();
            assert_eq!(written, report(folder, format), "{} {format}", folder.display());
        }
    }
}

/// What is reported on: every fixture before and after its repair, a file that cannot be read, odd letters, fixes of
/// every safety, what is allowed, and nothing at all.
fn subjects() -> (Vec<PathBuf>, Vec<tempfile::TempDir>) {
    let made = vec![
        folder(&[("docker-compose.yml", b"services: [\n")]),
        odd(),
        folder(&[
            (".dockerignore", b"tools.py\nprofiling.py\n"),
            ("tools.py", b"A = 1\n"),
            ("profiling.py", b"A = 1\n"),
            ("Dockerfile", b"FROM python:3\nCOPY . .\nCMD [\"python\", \"main.py\"]\n"),
            ("main.py", b"import tools\ndef f():\n    import profiling\n"),
        ]),
        folder(&[(
            ".env.staging",
            b"# shipworthy: allow(localhost-url) a tunnel\nAPI_URL=http://localhost:1\n",
        )]),
        folder(&[("notes.txt", b"")]),
    ];
    let mut paths: Vec<PathBuf> = made.iter().map(|one| one.path().to_owned()).collect();
    #[expect(clippy::disallowed_methods, reason = "tests read the disk")]
    for incident in std::fs::read_dir(root().join("fixtures")).unwrap() {
        paths.extend(["tree", "fixed"].map(|tree| incident.as_ref().unwrap().path().join(tree)));
    }
    paths.sort();
    (paths, made)
}

#[test]
fn sarif_and_gitlab_are_what_their_schemas_say() {
    let Some(schemas) = schemas() else { return };
    let sarif = read_json(&schemas.join("sarif-schema-2.1.0.json"));
    let item = read_json(&schemas.join("gitlab-codeclimate-item.json"));
    let (mut findings, mut fixes, mut elsewhere, mut issues, mut silent) = (0, 0, 0, 0, 0);
    let (paths, _made) = subjects();
    for path in &paths {
        let log: Value = serde_json::from_str(&report(path, "sarif")).unwrap();
        assert_eq!(violations(&sarif, &log), [] as [&str; 0], "{}", path.display());
        let results = log["runs"][0]["results"].as_array().unwrap();
        findings += results.len();
        silent += usize::from(results.is_empty());
        fixes += results.iter().filter(|result| result["fixes"].is_array()).count();
        elsewhere += results.iter().filter(|result| leads_elsewhere(result)).count();
        let list: Value = serde_json::from_str(&report(path, "gitlab")).unwrap();
        for entry in list.as_array().unwrap() {
            assert_eq!(violations(&item, entry), [] as [&str; 0], "{}", path.display());
            issues += 1;
        }
    }
    println!(
        "{} reports valid: {findings} findings of SARIF, {fixes} with fixes, {elsewhere} with evidence in another file, \
         {silent} without any finding; {issues} issues of GitLab",
        paths.len()
    );
    assert!(fixes > 0 && elsewhere > 0 && silent > 0 && issues >= findings);
}

/// Whether the evidence of a SARIF result lies in another file than the finding.
fn leads_elsewhere(result: &Value) -> bool {
    let file = |place: &Value| place["physicalLocation"]["artifactLocation"]["uri"].clone();
    let own = file(&result["locations"][0]);
    result["relatedLocations"].as_array().is_some_and(|all| all.iter().any(|place| file(place) != own))
}

#[test]
fn junit_is_valid_for_ant_and_jenkins() {
    let Some(schemas) = schemas() else { return };
    let (paths, _made) = subjects();
    for path in &paths {
        let target = tempfile::tempdir().unwrap();
        write(target.path(), "junit.xml", report(path, "junit").as_bytes());
        for schema in ["junit-10-jenkins.xsd", "junit-ant-windyroad.xsd"] {
            let schema = schemas.join(schema);
            let arguments = ["--noout", "--schema", schema.to_str().unwrap(), "junit.xml"];
            let Some(output) = tool("xmllint", target.path(), &arguments) else {
                println!("skipped: no xmllint");
                return;
            };
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {told}", path.display());
        }
    }
    println!("{} reports valid for Ant and Jenkins", paths.len());
}

#[test]
fn letters_are_escaped_as_each_reader_wants() {
    let odd = odd();
    let github = report(odd.path(), "github");
    let first = github.lines().next().unwrap();
    assert!(
        first.starts_with("::error file=deploy/a%2Cb%3Ac d#1.staging.env,line=1,endLine=1,col=16,endColumn=25,title=localhost-url::"),
        "{first}"
    );
    let log: Value = serde_json::from_str(&report(odd.path(), "sarif")).unwrap();
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "deploy/a,b%3Ac%20d%231.staging.env");
    assert_eq!(place["region"]["startColumn"], 16);
    let markdown = report(odd.path(), "markdown");
    assert!(
        markdown
            .lines()
            .filter(|line| line.starts_with("| error"))
            .all(|line| line.matches(" | ").count() == 3)
    );
}

#[test]
fn code_hosts_get_paths_from_the_top_of_the_repository() {
    let top = odd();
    let Some(made) = tool("git", top.path(), &["init", "-q"]) else {
        println!("skipped: no git");
        return;
    };
    assert!(made.status.success());
    let below = top.path().join("deploy");
    write(&below, "staging.env", b"API_URL=http://localhost:8000\n");
    let log: Value = serde_json::from_str(&report(&below, "sarif")).unwrap();
    let uris: Vec<&str> = log["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
        .collect();
    assert!(uris.contains(&"deploy/staging.env"), "{uris:?}");
    assert!(report(&below, "github").contains("file=deploy/staging.env,"));
    assert!(report(&below, "gitlab").contains("\"deploy/staging.env\""));
    for format in ["json", "junit", "markdown", "text"] {
        assert!(!report(&below, format).contains("deploy/staging.env"), "{format}");
    }
}

#[test]
fn a_code_scanning_log_says_what_was_not_judged_and_not_what_is_allowed() {
    let tree = folder(&[
        (".env.staging", b"# shipworthy: allow(localhost-url) a tunnel\nAPI_URL=http://localhost:1\n"),
        ("docker-compose.yml", b"services: [\n"),
    ]);
    let log: Value = serde_json::from_str(&report(tree.path(), "sarif")).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 0);
    let invocation = &run["invocations"][0];
    assert_eq!((&invocation["executionSuccessful"], &invocation["exitCode"]), (&false.into(), &2.into()));
    let levels: Vec<&str> = invocation["toolExecutionNotifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note["level"].as_str().unwrap())
        .collect();
    assert!(levels.contains(&"error"), "{levels:?}");
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let prints = |text: &[u8]| {
        let tree = folder(&[(".env.staging", text)]);
        let log: Value = serde_json::from_str(&report(tree.path(), "sarif")).unwrap();
        log["runs"][0]["results"][0]["partialFingerprints"].clone()
    };
    let first = prints(b"API_URL=http://localhost:1\n");
    assert!(first["shipworthy/v1"].is_string());
    assert_eq!(first, prints(b"# moved\n\nAPI_URL=http://localhost:2\n"));
}

#[test]
fn what_a_builder_is_sent_is_told_as_the_schema_says() {
    let folder = folder(&[
        ("Dockerfile", b"FROM python:3\nWORKDIR /\nCOPY app /app\nCMD [\"python\", \"-m\", \"app.main\"]\n"),
        (".dockerignore", b"**/monitoring/\n!app/\n"),
        ("app/main.py", b"import app.monitoring\n"),
        ("app/monitoring/__init__.py", b""),
    ]);
    for arguments in
        [&["list", "."][..], &["size", "."], &["compare", "."], &["why", "app/monitoring/__init__.py"]]
    {
        let arguments = [&["context"], arguments, &["--format", "json"]].concat();
        let output = shipworthy(folder.path(), &arguments);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        conforms("context", &told);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}
