use std::sync::Arc;

use facts::Problem;
use lint::{Because, Edit, Finding, Fix, Location, Outcome, Safety, Severity, Suppressed, Verdict};
use serde_json::Value;
use source::{LineIndex, Memory, Place, Span};

use super::*;

const ENV: &str = "JWT_SECRET=CÄNARY API\nAPI_URL=http://localhost\n";
const TF: &str = "url = \"x\"\n";

fn tree() -> Memory {
    [(".env.staging", ENV), ("main.tf", TF), ("long.env", &*"A".repeat(10_000))].into_iter().collect()
}

fn place(path: &str, text: &str, found: &str) -> Location {
    let start = text.find(found).unwrap();
    let index = LineIndex::new(text);
    let span = Span::new(start, start + found.len());
    Location {
        place: Place { path: Arc::from(path), line: index.line(start), span },
        start: index.line_column(text, span.start),
        end: index.line_column(text, span.end),
    }
}

fn finding(severity: Severity) -> Finding {
    Finding {
        rule: "localhost-url".to_owned(),
        severity,
        at: place(".env.staging", ENV, "localhost"),
        subject: "API_URL".to_owned(),
        message: "it leads to postgres://u:CANARY@localhost".to_owned(),
        environment: Some("staging".to_owned()),
        because: vec![Because { at: place("main.tf", TF, "x"), message: "declared here".to_owned() }],
        fix: Some(Fix {
            title: "Use the address".to_owned(),
            safety: Safety::Safe,
            edits: vec![Edit { path: "main.tf".to_owned(), span: Span::new(1, 2), text: "y".to_owned() }],
        }),
        fingerprint: "f".repeat(64),
    }
}

fn outcome(findings: Vec<Finding>, problems: Vec<Problem>) -> Outcome {
    Outcome {
        verdict: Verdict::decide(&findings, &problems, Severity::Error),
        files: 2,
        findings,
        suppressed: Vec::new(),
        fixed: Vec::new(),
        problems,
        environments: vec!["production".to_owned(), "staging".to_owned()],
        concealed: source::redact::Concealed::default(),
    }
}

fn problem(path: &str, blocking: bool) -> Problem {
    Problem { path: path.into(), line: 3, message: "this file cannot be read".to_owned(), blocking }
}

fn as_text(outcome: &Outcome, quiet: bool, colors: bool) -> String {
    let mut bytes = Vec::new();
    text(
        outcome,
        &tree(),
        &TextOptions { colors, quiet, fail_on: Severity::Error, check: Some("shipworthy check") },
        &mut bytes,
    )
    .unwrap();
    String::from_utf8(bytes).unwrap()
}

fn as_json(outcome: &Outcome) -> Value {
    let mut bytes = Vec::new();
    json(outcome, &mut bytes).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn text_shows_the_lines_of_several_files() {
    let shown = as_text(&outcome(vec![finding(Severity::Error)], Vec::new()), false, false);
    for part in [
        "error[localhost-url]: it leads to postgres://u:<redacted>@localhost",
        "┌─ .env.staging:2:16",
        "2 │ API_URL=http://localhost",
        "^^^^^^^^^",
        "┌─ main.tf:1:8",
        "declared here",
        "= fix: Use the address",
        "production  clear   nothing found",
        "staging     held    1 error, 1 fixable",
        "next: shipworthy check --fix",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'));
    assert!(as_text(&outcome(vec![finding(Severity::Error)], Vec::new()), false, true).contains('\u{1b}'));
}

#[test]
fn a_secret_beside_a_finding_is_masked_and_columns_stay() {
    let mut beside = finding(Severity::Warning);
    beside.at = place(".env.staging", ENV, "API\n");
    let shown = as_text(&outcome(vec![beside], Vec::new()), false, false);
    assert!(shown.contains(".env.staging:1:19"), "{shown}");
    assert!(shown.contains("JWT_SECRET=**********"), "{shown}");
    assert!(!shown.contains("NARY"), "{shown}");
}

#[test]
fn what_cannot_be_shown_is_told_in_a_plain_line() {
    let mut gone = finding(Severity::Error);
    gone.at = place("gone.env", ENV, "localhost");
    let mut long = finding(Severity::Error);
    long.at = place("long.env", "AAAA", "AA");
    let shown = as_text(&outcome(vec![gone, long], Vec::new()), false, false);
    assert!(shown.contains("at gone.env:2") && shown.contains("at long.env:1"), "{shown}");
    assert!(shown.lines().all(|line| line.len() < 400));
}

#[test]
fn evidence_is_cut_at_five_in_text_only() {
    let mut much = finding(Severity::Error);
    much.because = (0..8).map(|_| much.because[0].clone()).collect();
    let outcome = outcome(vec![much], Vec::new());
    let shown = as_text(&outcome, false, false);
    assert_eq!(shown.matches("declared here").count(), 5);
    assert!(shown.contains("and 3 more"));
    assert_eq!(as_json(&outcome)["findings"][0]["because"].as_array().unwrap().len(), 8);
}

#[test]
fn quiet_leaves_what_holds() {
    let problems = vec![problem("a", true), problem("b", false)];
    let shown = as_text(&outcome(vec![finding(Severity::Warning)], problems), true, false);
    assert!(!shown.contains("localhost") || shown.contains("next:"), "{shown}");
    assert!(shown.contains("not judged: a:3: ") && !shown.contains("b:3"), "{shown}");
    assert!(shown.contains("staging     unsure  1 warning, 1 fixable, 1 file or step not judged"), "{shown}");
}

#[test]
fn json_has_the_contract_and_no_secret() {
    let mut whole = outcome(vec![finding(Severity::Error)], vec![problem("a", true)]);
    let allowed = finding(Severity::Info);
    whole.suppressed.push(Suppressed { finding: allowed, reason: "r".to_owned(), until: None });
    let report = as_json(&whole);
    assert_eq!(report["version"], 1);
    assert_eq!(report["verdict"], "held");
    let found = &report["findings"][0];
    assert_eq!((&found["line"], &found["column"], &found["end_column"]), (&2.into(), &16.into(), &25.into()));
    assert_eq!(found["message"], "it leads to postgres://u:<redacted>@localhost");
    assert_eq!(found["fix"]["edits"][0]["start"], 1);
    assert_eq!(report["suppressed"][0]["reason"], "r");
    assert_eq!(report["suppressed"][0]["until"], Value::Null);
    assert_eq!(report["suppressed"][0]["rule"], "localhost-url");
    assert_eq!(report["problems"][0]["blocking"], true);
}

#[test]
fn facts_hide_secret_values() {
    let mut known = facts::Facts::default();
    let mut read = facts::EnvRead {
        is_conditional: false,
        name: "API_TOKEN".to_owned(),
        at: Place::file("a.py"),
        required: false,
        default: Some("CANARY".to_owned()),
        is_truth_test: false,
        function: None,
        within: None,
    };
    known.env_reads.push(read.clone());
    read.name = "PORT".to_owned();
    read.default = Some("80".to_owned());
    known.env_reads.push(read);
    let mut bytes = Vec::new();
    facts_json(&known, &["env_reads".to_owned()], &mut bytes).unwrap();
    let object: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(object["env_reads"][0]["default"], "<redacted>");
    assert_eq!(object["env_reads"][1]["default"], "80");
    assert!(object.get("files").is_none());
    let mut bytes = Vec::new();
    facts_text(&known, &[], &mut bytes).unwrap();
    let shown = String::from_utf8(bytes).unwrap();
    assert!(shown.contains("a.py:1  name=PORT  required=false  default=80"), "{shown}");
}

/// The name of the variable, of a map around the value or of the flag before it says that the value is secret.
#[test]
fn facts_hide_what_only_its_place_calls_secret() {
    let mut tree = source::Memory::new();
    tree.insert(
        "main.tf",
        "variable \"db_password\" {\n  default = \"CANARY\"\n}\nvariable \"tok\" {\n  sensitive = true\n  default = \"CANARY\"\n}\n\
         variable \"secrets\" {\n  default = { jwt = \"CANARY\" }\n}\noutput \"x\" {\n  value = \"CANARY\"\n  sensitive = true\n}\n\
         locals {\n  secrets = { a = \"CANARY\" }\n}\nvariable \"place\" {\n  default = \"us-central1\"\n}\n",
    );
    tree.insert(
        "staging.tfvars",
        "secrets = { jwt = \"CANARY\", other = { key = \"CANARY\" } }\nplace = \"here\"\n",
    );
    tree.insert(
        "k8s/api.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: staging}\nspec:\n  template:\n    spec:\n      \
         containers:\n      - name: api\n        image: x\n        args: [\"--api-key\", \"CANARY\", \"--url\", \"http://there\", \"-p\", \"CANARY\"]\n",
    );
    let known = facts::collect(&tree, &facts::Declared::default());
    let mut bytes = Vec::new();
    facts_json(&known, &[], &mut bytes).unwrap();
    facts_text(&known, &[], &mut bytes).unwrap();
    let shown = String::from_utf8(bytes).unwrap();
    for wanted in ["us-central1", "here", "http://there", "<redacted>"] {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
    assert!(!shown.contains("CANARY"), "{shown}");
}
