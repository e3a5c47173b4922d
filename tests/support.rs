//! Running the binary with nothing of this machine's environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use source::{EntryKind, Tree};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The binary with arguments; only `PATH` is left of the environment.
#[expect(clippy::disallowed_methods, reason = "tests run the program")]
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shipworthy"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// What the binary says.
pub(crate) fn shipworthy(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// What another program says; `None` where it is not there.
#[expect(clippy::disallowed_methods, reason = "tests run other programs")]
pub(crate) fn tool(name: &str, folder: &Path, arguments: &[&str]) -> Option<Output> {
    Command::new(name).args(arguments).current_dir(folder).output().ok()
}

/// `check FOLDER --format json` and its exit code.
pub(crate) fn check(folder: &Path, arguments: &[&str]) -> (Value, i32) {
    let path = folder.to_str().unwrap();
    let output = shipworthy(folder, &[&["check", path, "--format", "json"], arguments].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let json = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}\n{text}\n{}", String::from_utf8_lossy(&output.stderr)));
    (json, output.status.code().unwrap())
}

/// The strings `path:line rule severity` of the findings.
pub(crate) fn summary(report: &Value) -> Vec<String> {
    let line = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        format!("{}:{} {} {}", text("path"), finding["line"], text("rule"), text("severity"))
    };
    report["findings"].as_array().unwrap().iter().map(line).collect()
}

/// A temporary folder with files.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        write(folder.path(), path, bytes);
    }
    folder
}

/// Writes a file and the folders above it.
pub(crate) fn write(folder: &Path, path: &str, bytes: &[u8]) {
    let at = folder.join(path);
    std::fs::create_dir_all(at.parent().unwrap()).unwrap();
    std::fs::write(at, bytes).unwrap();
}

/// Every file below a folder by its path, with its content.
#[expect(clippy::disallowed_methods, reason = "tests read the disk")]
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let disk = source::Disk::open(folder).unwrap();
    let files = disk.walk(&|_| true).entries.into_iter().filter(|entry| entry.kind == EntryKind::File);
    files.map(|entry| (entry.path.clone(), std::fs::read(folder.join(&entry.path)).unwrap())).collect()
}
