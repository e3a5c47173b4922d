//! `shipworthy detect` against the programs themselves: Python runs what the evaluator evaluates.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::schema::conforms;
use crate::support::{root, shipworthy, write};

/// The seed of the generated detectors.
const SEED: &str = "20250917";
/// How many are generated.
const COUNT: usize = 200;

fn detect(folder: &Path) -> Value {
    let output = shipworthy(folder, &["detect", folder.to_str().unwrap(), "--format", "json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let table: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}\n{text}\n{}", String::from_utf8_lossy(&output.stderr)));
    conforms("detect", &table);
    table
}

fn scripts() -> PathBuf {
    root().join("tests/detect")
}

/// What a program prints as JSON for this input; `None` where it is not installed.
#[expect(clippy::disallowed_methods, reason = "tests run the programs that are evaluated")]
fn run(program: &str, arguments: &[&str], input: &str) -> Option<Value> {
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            println!("skipped: {program}: {error}");
            return None;
        }
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

#[test]
fn generated_detectors_answer_what_python_answers() {
    let script = scripts().join("generator.py");
    let count = COUNT.to_string();
    let Some(made) = run("python3", &[script.to_str().unwrap(), SEED, &count], "") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = String::from("[service.app]\npaths = [\"*.py\"]\n");
    for (index, set) in made["sets"].as_array().unwrap().iter().enumerate() {
        let variables = set.as_object().unwrap().iter();
        let pairs: Vec<String> =
            variables.map(|(name, value)| format!("{name} = {}", quoted(value.as_str().unwrap()))).collect();
        configuration += &format!(
            "[service.app.deploy.set{index}]\nvariables = {{ {} }}\ncomplete = true\n",
            pairs.join(", ")
        );
    }
    write(folder.path(), "shipworthy.toml", configuration.as_bytes());
    for (index, module) in made["modules"].as_array().unwrap().iter().enumerate() {
        write(folder.path(), &format!("m{index}.py"), module["source"].as_str().unwrap().as_bytes());
    }
    let table = detect(folder.path());
    let (mut right, mut unknown, mut missing, mut wrong) = (0, 0, 0, Vec::new());
    for (index, module) in made["modules"].as_array().unwrap().iter().enumerate() {
        let id = format!("m{index}.py::{}", module["function"].as_str().unwrap());
        for set in 0..8 {
            let expected = &made["answers"][index][set];
            let deployment = format!("app@set{set}");
            let cells = table["cells"].as_array().unwrap();
            let cell = cells
                .iter()
                .find(|cell| cell["detector"] == json!(id) && cell["deployment"] == json!(deployment));
            let Some(cell) = cell else {
                missing += 1;
                continue;
            };
            let answer = if cell["raises"].is_null() {
                cell["answer"].clone()
            } else {
                json!({"raises": cell["raises"]})
            };
            if !cell["unknown"].is_null() {
                unknown += 1;
            } else if answer == *expected {
                right += 1;
            } else {
                wrong.push(format!("{id} {deployment}: {answer}, python says {expected}"));
            }
        }
    }
    let all = COUNT * 8;
    println!("{right} right, {} wrong, {unknown} unknown, {missing} not found, of {all}", wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!((unknown + missing) * 10 <= all, "too many cells without an answer");
}

/// A cell of `fixtures/environment-detection/cells.yaml`.
#[derive(serde::Deserialize)]
struct Expected {
    /// `path::name`.
    detector: String,
    /// The answer in each deployment, by id; `raises` where it stops.
    answers: std::collections::BTreeMap<String, Value>,
}

/// What a cell says: its answer, or that it stops.
fn said(cell: &Value) -> Value {
    assert!(cell["unknown"].is_null(), "{cell}");
    if cell["raises"].is_null() { cell["answer"].clone() } else { json!("raises") }
}

/// A program that runs the original of a detector and prints its answer as JSON; none for languages that are not run.
#[expect(clippy::disallowed_methods, reason = "tests read the disk")]
fn original(tree: &Path, detector: &str) -> Option<(&'static str, String)> {
    let (path, name) = detector.split_once("::").unwrap();
    let (program, expression) = match name {
        "Detector._get_environment" => ("python3", "found.Detector()._get_environment()"),
        "secret_name.is_staging" => ("python3", "found.secret_name('x') == 'x-staging'"),
        "guess_environment" | "current_environment" | "is_production" if path.starts_with("backend/") => {
            ("python3", name)
        }
        "isStaging" | "getEnvironment" => ("node", name),
        _ => return None,
    };
    if program == "node" {
        let source = std::fs::read_to_string(tree.join(path)).unwrap();
        // Node runs what is left when the types are taken away.
        let plain = source.replace("export ", "").replace(": string", "").replace(": boolean", "");
        return Some((program, format!("{plain}\nconsole.log(JSON.stringify({expression}()))")));
    }
    let module = path.trim_end_matches(".py").replace('/', ".");
    let call = if expression == name { format!("found.{name}()") } else { expression.to_owned() };
    Some((program, format!("import json\nimport {module} as found\nprint(json.dumps({call}))")))
}

/// What the original answers with these variables alone; `None` where its program is not installed.
#[expect(clippy::disallowed_methods, reason = "tests run the programs that are evaluated")]
fn run_original(tree: &Path, detector: &str, variables: &Value) -> Option<Value> {
    let (program, script) = original(tree, detector)?;
    let flag = if program == "node" { "-e" } else { "-c" };
    let mut command = Command::new(program);
    command.arg(flag).arg(script).current_dir(tree).env_clear().env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    for (name, value) in variables.as_object().unwrap() {
        command.env(name, value.as_str().unwrap());
    }
    let Ok(output) = command.output() else {
        println!("skipped: {program} is not installed");
        return None;
    };
    if !output.status.success() {
        return Some(json!("raises"));
    }
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Every cell of the fixture is as written down, and as the originals answer when they are run.
#[test]
#[expect(clippy::disallowed_methods, reason = "tests read the disk")]
fn every_cell_of_the_fixture_is_right() {
    let fixture = root().join("fixtures/environment-detection");
    for part in ["tree", "fixed"] {
        let tree = fixture.join(part);
        let table = detect(&tree);
        let text = std::fs::read_to_string(fixture.join(format!("cells-{part}.yaml"))).unwrap();
        let expected: Vec<Expected> = serde_yaml::from_str(&text).unwrap();
        let cells = table["cells"].as_array().unwrap();
        let (mut asserted, mut ran) = (0, 0);
        for Expected { detector, answers } in &expected {
            for deployment in table["deployments"].as_array().unwrap() {
                let id = deployment["id"].as_str().unwrap();
                let cell = cells
                    .iter()
                    .find(|cell| cell["detector"] == json!(detector) && cell["deployment"] == json!(id))
                    .unwrap_or_else(|| panic!("{part}: {detector} in {id} is missing"));
                assert_eq!(said(cell), answers[id], "{part}: {detector} in {id}");
                asserted += 1;
                if let Some(answer) = run_original(&tree, detector, &deployment["variables"]) {
                    assert_eq!(said(cell), answer, "{part}: {detector} in {id}, run");
                    ran += 1;
                }
            }
        }
        assert_eq!(asserted, cells.len(), "{part}: a cell is not written down");
        println!("{part}: {asserted} cells right, {ran} of them by running the original");
    }
}
