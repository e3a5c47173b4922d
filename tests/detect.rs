//! `shipworthy detect` against the programs themselves: Python runs what the evaluator evaluates.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{root, shipworthy, write};

/// The seed of the generated detectors.
const SEED: &str = "20250917";
/// How many are generated.
const COUNT: usize = 200;

fn detect(folder: &Path) -> Value {
    let output = shipworthy(folder, &["detect", folder.to_str().unwrap(), "--format", "json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}\n{text}\n{}", String::from_utf8_lossy(&output.stderr)))
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
