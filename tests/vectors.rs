//! Conformance: every `*.jsonl` in `$SHIPWORTHY_VECTORS`, judged by the real tools.
//!
//! `SHIPWORTHY_VECTORS=DIR cargo test --test tests vectors -- --nocapture` prints `NAME: N of M` and the missed ids.

use std::path::PathBuf;

use serde_json::Value;

/// A file of vectors: its name, how a case is judged, the least share that must pass.
struct Suite {
    name: &'static str,
    judge: fn(&Value) -> Outcome,
    least: f64,
}

/// What a case says.
pub enum Outcome {
    /// The reader agrees with the real tool.
    Agrees,
    /// It does not; in what.
    Differs(String),
    /// The case asks nothing that the reader answers.
    NotAsked,
}

const SUITES: &[Suite] = &[];

#[test]
fn vectors() {
    let Some(folder) = std::env::var_os("SHIPWORTHY_VECTORS").map(PathBuf::from) else {
        println!("skipped: SHIPWORTHY_VECTORS names no folder of vectors");
        return;
    };
    let mut failed = Vec::new();
    for suite in SUITES {
        failed.extend(run(&folder, suite));
    }
    assert!(failed.is_empty(), "under the threshold: {failed:?}");
}

#[expect(clippy::disallowed_methods, reason = "tests read the disk")]
fn run(folder: &std::path::Path, suite: &Suite) -> Option<&'static str> {
    let Ok(text) = std::fs::read_to_string(folder.join(format!("{}.jsonl", suite.name))) else {
        println!("{}: skipped, no such file", suite.name);
        return None;
    };
    let cases = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let (mut asked, mut missed) = (0, Vec::new());
    for case in cases.filter(|case| case.get("_meta").is_none()) {
        match (suite.judge)(&case) {
            Outcome::Agrees => asked += 1,
            Outcome::Differs(why) => {
                asked += 1;
                missed.push(format!("{}: {why}", case["id"].as_str().unwrap_or("?")));
            }
            Outcome::NotAsked => {}
        }
    }
    let agreed = asked - missed.len();
    println!("{}: {agreed} of {asked}", suite.name);
    missed.iter().for_each(|miss| println!("  {miss}"));
    #[expect(clippy::cast_precision_loss, reason = "a few hundred cases")]
    let share = agreed as f64 / asked.max(1) as f64;
    (share < suite.least).then_some(suite.name)
}
