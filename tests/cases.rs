//! The command line, each case a file under `tests/cases/`: files, arguments, exit code, what is said.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::support::{folder, root, shipworthy};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows.
    #[expect(dead_code, reason = "for the reader")]
    about: String,
    /// Content by path.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// The folder below the files in which the program runs.
    #[serde(default)]
    folder: String,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    arguments: Vec<String>,
    exit: i32,
    /// Parts of standard output.
    #[serde(default)]
    stdout: Vec<String>,
    /// Parts of standard error.
    #[serde(default)]
    stderr: Vec<String>,
    /// What neither may hold.
    #[serde(default)]
    absent: Vec<String>,
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests read the disk")]
fn every_case() {
    let mut paths: Vec<_> =
        std::fs::read_dir(root().join("tests/cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Case =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let files: Vec<(&str, &[u8])> =
            case.files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
        let tree = folder(&files);
        for run in &case.runs {
            let arguments: Vec<&str> = run.arguments.iter().map(String::as_str).collect();
            let output = shipworthy(&tree.path().join(&case.folder), &arguments);
            let stdout = String::from_utf8_lossy(&output.stdout);
            let stderr = String::from_utf8_lossy(&output.stderr);
            let told = format!("{} {arguments:?}\n{stdout}\n{stderr}", path.display());
            assert_eq!(output.status.code(), Some(run.exit), "{told}");
            for part in &run.stdout {
                assert!(stdout.contains(part), "stdout lacks {part:?}: {told}");
            }
            for part in &run.stderr {
                assert!(stderr.contains(part), "stderr lacks {part:?}: {told}");
            }
            for part in &run.absent {
                assert!(!stdout.contains(part) && !stderr.contains(part), "it says {part:?}: {told}");
            }
        }
    }
}
