//! Conformance: every `*.jsonl` in `$SHIPWORTHY_VECTORS`, a case a line, with the answer of the real tool.
//!
//! `SHIPWORTHY_VECTORS=DIR cargo test --test tests vectors -- --nocapture` prints `NAME: N of M` for each file, its
//! name without `.jsonl`, then the ids of the missed cases and in what they differ. Where one file holds the answers
//! of several tools, each has a line `NAME/TOOL: N of M` as well.

mod case;
mod compose;
mod copies;
mod dockerfile;
mod dockerignore;
mod dotenv;
mod hcl;
mod yaml;

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use serde_json::Value;

use case::Answer;

/// The cases of one file: how each is judged, and what share must agree.
struct Suite {
    /// The file's name without `.jsonl`.
    name: &'static str,
    judge: Judge,
    least: f64,
    /// Answers of single tools, or to single questions, that are counted by themselves too.
    columns: &'static [Column],
}

/// One tool's answers in a file that holds those of several.
struct Column {
    name: &'static str,
    judge: Judge,
    least: f64,
}

/// Compares what we make of a case with the real tool's answer; `Err` says in what they differ.
type Judge = fn(&Value) -> Result<Answer, String>;

const FORMATS: [&[Suite]; 7] = [
    compose::SUITES,
    copies::SUITES,
    dockerfile::SUITES,
    dockerignore::SUITES,
    dotenv::SUITES,
    hcl::SUITES,
    yaml::SUITES,
];

#[test]
fn vectors() {
    let Some(folder) = std::env::var_os("SHIPWORTHY_VECTORS").map(PathBuf::from) else {
        println!("skipped: SHIPWORTHY_VECTORS names no folder of vectors");
        return;
    };
    let files = files(&folder);
    assert!(!files.is_empty(), "SHIPWORTHY_VECTORS names a folder without *.jsonl");
    let failed: Vec<String> = files.iter().flat_map(|file| judged(file)).collect();
    assert!(failed.is_empty(), "under the threshold: {failed:?}");
}

/// The `*.jsonl` of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|ext| ext == "jsonl")).collect();
    files.sort();
    files
}

/// Judges a file; gives the names of the counts that are too low.
#[expect(clippy::disallowed_methods, reason = "the cases lie outside the repository")]
fn judged(file: &Path) -> Vec<String> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let Some(suite) = FORMATS.into_iter().flatten().find(|suite| suite.name == name) else {
        println!("{name}: no reader of this kind");
        return Vec::new();
    };
    let cases = case::read(&std::fs::read_to_string(file).unwrap());
    let columns =
        suite.columns.iter().map(|column| (format!("{name}/{}", column.name), column.judge, column.least));
    let counts = [(name.to_string(), suite.judge, suite.least)].into_iter().chain(columns);
    counts.filter_map(|(name, judge, least)| (count(&name, &cases, judge) < least).then_some(name)).collect()
}

/// Prints how many cases agree, and those that do not; gives the share that does.
fn count(name: &str, cases: &[(String, Result<Value, String>)], judge: Judge) -> f64 {
    let (mut asked, mut missed) = (0_u32, Vec::new());
    for (id, case) in cases {
        match case.as_ref().map_err(Clone::clone).and_then(|case| answered(case, judge)) {
            Ok(Answer::Agrees) => asked += 1,
            Ok(Answer::NotAsked) => {}
            Err(why) => {
                asked += 1;
                missed.push((id, why));
            }
        }
    }
    let agreed = asked - u32::try_from(missed.len()).unwrap();
    println!("{name}: {agreed} of {asked}");
    for (id, why) in missed {
        println!("  missed {id}: {}", case::shortened(&why));
    }
    // Where nothing was judged, nothing is proved.
    if asked == 0 { 0.0 } else { f64::from(agreed) / f64::from(asked) }
}

/// A reader that panics has missed the case; the others are judged all the same.
fn answered(case: &Value, judge: Judge) -> Result<Answer, String> {
    catch_unwind(|| judge(case)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        let message = message.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Err(format!("panicked: {}", message.unwrap_or_default()))
    })
}
