//! `--staged` and `--changed-since`.

use std::path::Path;

use serde_json::Value;

use crate::support::{check, command, folder, shipworthy, summary, tool, write};

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "init.defaultBranch=main"];
    let output = tool("git", folder, &[&identity, arguments].concat()).unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A clean repository with one commit; `None` without git.
fn repository() -> Option<tempfile::TempDir> {
    let tree = folder(&[
        ("Dockerfile", b"FROM scratch\nCOPY page.html /page.html\n"),
        ("page.html", b"<p>\n"),
        (".env.staging", b"API_URL=https://api.harbour.example\n"),
        (".env.production", b"API_URL=http://localhost:1\n"),
    ]);
    if tool("git", tree.path(), &["--version"]).is_none() {
        println!("skipped: no git");
        return None;
    }
    git(tree.path(), &["init", "-q"]);
    git(tree.path(), &["add", "-A"]);
    git(tree.path(), &["commit", "-qm", "Start"]);
    Some(tree)
}

fn found(report: &Value) -> Vec<String> {
    summary(report)
}

#[test]
fn what_is_staged_is_judged_and_not_what_lies_about() {
    let Some(tree) = repository() else { return };
    let (report, exit) = check(tree.path(), &["--staged"]);
    assert_eq!(exit, 0, "{report}");
    assert!(report["problems"][0]["message"].as_str().unwrap().contains("nothing is staged"));
    write(tree.path(), ".env.staging", b"API_URL=http://localhost:1\n");
    git(tree.path(), &["add", "-A"]);
    write(tree.path(), ".env.staging", b"API_URL=https://api.harbour.example\n");
    let (report, exit) = check(tree.path(), &["--staged", "--env", "staging"]);
    assert_eq!((found(&report), exit), (vec![".env.staging:1 localhost-url error".to_owned()], 1));
}

#[test]
fn a_repository_of_which_git_says_nothing_is_said_so() {
    let Some(tree) = repository() else { return };
    let without_git = |folder: &Path| {
        let output = command(folder, &["check", "--env", "staging"]).env("PATH", "").output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
    };
    write(tree.path(), ".env.staging", b"API_URL=http://localhost:1\n");
    assert!(without_git(tree.path()).contains("git gave no answer"));
    std::fs::remove_dir_all(tree.path().join(".git")).unwrap();
    assert!(!without_git(tree.path()).contains("git gave no answer"));
}

#[test]
fn generated_sources_are_known_below_the_repository() {
    let Some(tree) = repository() else { return };
    write(tree.path(), ".gitignore", b"dist/\n");
    std::fs::create_dir(tree.path().join("api")).unwrap();
    write(tree.path(), "api/Dockerfile", b"FROM scratch\nCOPY dist /srv\n");
    for (path, line) in [("", "api/Dockerfile:2"), ("api", "Dockerfile:2")] {
        let (report, _) = check(&tree.path().join(path), &["--rule", "copy-source-missing"]);
        assert_eq!(found(&report), [format!("{line} copy-source-missing info")], "{path}");
    }
}

#[test]
fn all_of_a_new_directory_is_judged() {
    let Some(tree) = repository() else { return };
    std::fs::create_dir(tree.path().join("api")).unwrap();
    write(tree.path(), "api/.env.staging", b"API_URL=http://localhost:1\n");
    git(tree.path(), &["add", "-A"]);
    git(tree.path(), &["commit", "-qm", "A service"]);
    let (report, exit) = check(&tree.path().join("api"), &["--changed-since", "HEAD~1"]);
    assert_eq!((found(&report), exit), (vec![".env.staging:1 localhost-url error".to_owned()], 1));
}

#[test]
fn what_is_staged_is_repaired_unless_it_is_staged_in_part() {
    let Some(tree) = repository() else { return };
    let twice = b"API_URL=https://api.harbour.example\nLEVEL=info\nLEVEL=info\n";
    write(tree.path(), ".env.staging", twice);
    git(tree.path(), &["add", "-A"]);
    write(tree.path(), ".env.staging", &[&twice[..], b"MORE=1\n"].concat());
    let refused = shipworthy(tree.path(), &["check", "--fix", "--staged"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("`.env.staging` is staged in part"));
    write(tree.path(), ".env.staging", twice);
    // What is not staged is neither judged nor repaired.
    write(tree.path(), ".env.production", b"API_URL=http://localhost:1\nLEVEL=info\nLEVEL=info\n");
    let (report, exit) = check(tree.path(), &["--fix", "--staged", "--env", "staging"]);
    assert_eq!((report["fixed"].as_array().unwrap().len(), exit), (1, 0), "{report}");
    let text = |path: &str| std::fs::read_to_string(tree.path().join(path)).unwrap();
    assert_eq!(text(".env.staging"), "API_URL=https://api.harbour.example\nLEVEL=info\n");
    assert!(text(".env.production").ends_with("LEVEL=info\nLEVEL=info\n"));
}

#[test]
fn a_commit_that_only_deletes_is_judged() {
    let Some(tree) = repository() else { return };
    git(tree.path(), &["rm", "-q", "--cached", "page.html"]);
    let (report, exit) = check(tree.path(), &["--staged", "--rule", "copy-source-missing"]);
    assert_eq!((found(&report), exit), (vec!["Dockerfile:2 copy-source-missing error".to_owned()], 1));
}

#[test]
fn only_what_the_changes_cause_counts() {
    let Some(tree) = repository() else { return };
    let (report, exit) = check(tree.path(), &["--changed-since", "HEAD"]);
    assert_eq!((found(&report).len(), exit), (0, 0));
    write(tree.path(), "notes.md", b"x\n");
    let (report, exit) = check(tree.path(), &["--changed-since", "HEAD"]);
    assert_eq!((found(&report).len(), exit), (0, 0), "an old fault holds nothing back");
    git(tree.path(), &["rm", "-q", "page.html"]);
    let (report, exit) = check(tree.path(), &["--changed-since", "HEAD"]);
    assert_eq!((found(&report), exit), (vec!["Dockerfile:2 copy-source-missing error".to_owned()], 1));
    let unknown = shipworthy(tree.path(), &["check", "--changed-since", "origin/mian"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("git fetch"));
}

#[test]
fn the_program_describes_itself() {
    let tree = folder(&[]);
    for (arguments, part) in [
        (&["schema"][..], "\"$schema\""),
        (&["man"], ".TH shipworthy"),
        (&["completions", "bash"], "_shipworthy"),
    ] {
        let output = shipworthy(tree.path(), arguments);
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8_lossy(&output.stdout).contains(part), "{arguments:?}");
    }
}
