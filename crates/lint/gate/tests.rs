use super::*;
use crate::config::FILE_NAME;
use git::Repository;
use std::path::Path;
use std::process::Command;

struct Trial(tempfile::TempDir);

impl Trial {
    fn with(files: &[(&str, &str)]) -> Self {
        let trial = Self(tempfile::tempdir().unwrap());
        trial.git(&["init", "-q", "-b", "main"]);
        trial.write(files);
        trial
    }

    fn git(&self, arguments: &[&str]) {
        #[expect(clippy::disallowed_methods, reason = "a repository for the test")]
        let done = Command::new("git").args(arguments).current_dir(self.path()).status().unwrap();
        assert!(done.success());
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            let at = self.path().join(path);
            std::fs::create_dir_all(at.parent().unwrap()).unwrap();
            std::fs::write(at, text).unwrap();
        }
        self.git(&["add", "-A"]);
        self.git(&["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "x"]);
    }

    fn commit(&self, revision: &str) -> Commit {
        Commit::open(&Repository::open(self.path()).unwrap(), revision).unwrap()
    }
}

fn policy(today: &str) -> GatePolicy {
    GatePolicy {
        environment: "staging".to_owned(),
        scope: GateScope::Repository,
        fail_on: Severity::Error,
        never_override: NEVER_OVERRIDDEN.iter().map(|name| (*name).to_owned()).collect(),
        baseline: None,
        today: today.parse().unwrap(),
    }
}

const DOCKERFILE: (&str, &str) = ("Dockerfile", "FROM scratch\nCOPY missing.txt /\n");
const STAGING: &str = "[environment.staging]\nvariables = { ENVIRONMENT = \"staging\" }\n\
                       [service.app]\ndockerfile = \"Dockerfile\"\ncontext = \".\"\n";

fn broken(more: &str) -> Trial {
    Trial::with(&[DOCKERFILE, (FILE_NAME, &format!("{STAGING}{more}"))])
}

fn allow(until: &str) -> String {
    format!("[[allow]]\nrule = \"copy-source-missing\"\nreason = \"built before\"\n{until}\n")
}

#[test]
fn a_clean_tree_is_cleared_for_exactly_its_bytes() {
    let trial = Trial::with(&[("Dockerfile", "FROM scratch\n"), (FILE_NAME, STAGING)]);
    let commit = trial.commit("HEAD");
    let clearance = gate(&commit, "staging", &policy("2026-01-01"), None).unwrap();
    assert_eq!((clearance.tree(), clearance.commit()), (commit.tree_id(), commit.id()));
    assert_eq!(clearance.overridden(), None);
    trial.write(&[(FILE_NAME, &format!("{STAGING}\n# another\n"))]);
    let other = gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), None).unwrap();
    assert_ne!(clearance.policy(), other.policy());
}

#[test]
fn an_error_refuses_and_an_edit_that_is_not_committed_does_not_help() {
    let trial = broken("");
    std::fs::write(trial.path().join("missing.txt"), "x").unwrap();
    let refusal = gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), None).unwrap_err();
    assert!(refusal.is_held());
    assert_eq!(refusal.holding().next().unwrap().rule, "copy-source-missing");
}

#[test]
fn only_an_allowance_that_will_end_counts() {
    for (until, passes) in [("until = \"2026-06-30\"", true), ("until = \"2025-12-31\"", false), ("", false)]
    {
        let trial = broken(&allow(until));
        let answer = gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), None);
        assert_eq!(answer.is_ok(), passes, "{until}");
    }
    let trial = Trial::with(&[
        ("Dockerfile", "FROM scratch\n# shipworthy: allow(copy-source-missing) built\nCOPY missing.txt /\n"),
        (FILE_NAME, STAGING),
    ]);
    assert!(gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), None).is_err());
}

#[cfg(unix)]
#[test]
fn what_blobs_do_not_hold_is_not_cleared() {
    let trial = Trial::with(&[("Dockerfile", "FROM scratch\n"), (FILE_NAME, STAGING)]);
    std::os::unix::fs::symlink("/etc/passwd", trial.path().join("out")).unwrap();
    trial.write(&[]);
    let refusal = gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), None).unwrap_err();
    assert!(!refusal.is_held());
    assert!(refusal.problems.iter().any(|problem| problem.blocking && &*problem.path == "out"));
}

#[test]
fn an_environment_that_nothing_belongs_to_is_not_cleared() {
    let trial = Trial::with(&[("Dockerfile", "FROM scratch\n")]);
    let refusal = gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), None).unwrap_err();
    assert!(!refusal.is_held());
    assert!(refusal.problems.iter().any(|problem| problem.message.contains("[environment.staging]")));
}

#[test]
fn break_glass_passes_over_what_it_names_and_stays_marked() {
    let trial = broken("");
    let refused = || *gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), None).unwrap_err();
    let rules = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let clearance = refused().break_glass("down", &rules(&["copy-source-missing"])).unwrap();
    assert_eq!(clearance.overridden().unwrap().reason, "down");
    assert!(refused().break_glass(" ", &rules(&["copy-source-missing"])).is_err());
    assert!(refused().break_glass("down", &rules(&["copy-source-excluded"])).is_err());
    assert!(refused().break_glass("down", &rules(&["no-such-rule"])).is_err());
    let strict = GatePolicy { never_override: vec!["copy-*".to_owned()], ..policy("2026-01-01") };
    let refusal = gate(&trial.commit("HEAD"), "staging", &strict, None).unwrap_err();
    let refusal = refusal.break_glass("down", &rules(&["copy-source-missing"])).unwrap_err();
    assert!(refusal.problems.iter().any(|problem| problem.message.contains("never be overridden")));
}

#[test]
fn a_gate_that_is_weaker_than_on_the_protected_branch_refuses() {
    let strong = format!(
        "{STAGING}[gate]\nallow_dirty = false\nfail_on = \"warning\"\n[target.staging]\nsmoke = [[\"./smoke\"]]\n"
    );
    let trial = Trial::with(&[("Dockerfile", "FROM scratch\n"), (FILE_NAME, &strong)]);
    let judged = |text: &str| {
        trial.write(&[(FILE_NAME, text)]);
        let answer =
            gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), Some(&trial.commit("HEAD~1")));
        trial.git(&["reset", "-q", "--hard", "HEAD~1"]);
        answer
    };
    assert!(judged(&format!("{strong}# a comment\n")).is_ok());
    for weaker in [
        strong.replace("\"warning\"", "\"error\""),
        strong.replace("allow_dirty = false", "allow_dirty = true"),
        strong.replace("smoke = [[\"./smoke\"]]", ""),
        format!("exclude = [\"docker/**\"]\n{strong}"),
        format!("{strong}[rule.localhost-url]\nseverity = \"off\"\n"),
        format!("{strong}[[scope]]\npath = \"apps\"\n[scope.rule.localhost-url]\nseverity = \"off\"\n"),
        format!("{strong}[[scope]]\npath = \"apps\"\nexclude = [\"web/**\"]\n"),
        format!("{strong}{}", allow("until = \"2026-06-30\"")),
    ] {
        let refusal = judged(&weaker).unwrap_err();
        assert!(refusal.is_held(), "{weaker}");
        assert!((*refusal).break_glass("x", &[weaker::RULE.to_owned()]).is_err(), "{weaker}");
    }
}

#[test]
fn the_baseline_counts_where_the_policy_names_it_and_may_only_shrink() {
    let trial = broken("");
    let plain = policy("2026-01-01");
    let named = GatePolicy { baseline: Some("known.json".to_owned()), ..plain.clone() };
    let judged = |policy: &GatePolicy, protected: Option<&str>| {
        let protected = protected.map(|revision| trial.commit(revision));
        gate(&trial.commit("HEAD"), "staging", policy, protected.as_ref())
    };
    let refusal = judged(&named, None).unwrap_err();
    assert!(refusal.problems.iter().any(|problem| problem.blocking && &*problem.path == "known.json"));
    let known = crate::Baseline::of(&refusal.findings, &Registry::built_in());
    trial.write(&[("known.json", &known.to_json())]);
    assert!(judged(&plain, None).unwrap_err().is_held(), "nobody named it");
    let clearance = judged(&named, None).unwrap();
    let counts = clearance.counts();
    assert_eq!((counts.errors, counts.suppressed, counts.baselined), (0, 0, known.len()));
    assert_eq!(clearance.notes(), []);
    assert!(judged(&named, Some("HEAD")).is_ok());
    // The protected branch has none of its entries.
    let refusal = judged(&named, Some("HEAD~1")).unwrap_err();
    assert_eq!(refusal.holding().map(|finding| &*finding.rule).collect::<Vec<_>>(), [weaker::RULE]);
    assert!(refusal.break_glass("down", &[weaker::RULE.to_owned()]).is_err());
    // What is mended is told, and may be dropped.
    trial.write(&[("missing.txt", "x")]);
    let clearance = judged(&named, Some("HEAD~1")).unwrap();
    assert!(clearance.notes()[0].message.starts_with("1 of its entries"), "{:?}", clearance.notes());
    trial.write(&[("known.json", "{\"version\": 1, \"findings\": []}")]);
    let other = judged(&named, Some("HEAD~1")).unwrap();
    assert_eq!((other.counts().baselined, other.notes()), (0, &[][..]));
    assert_ne!(other.policy(), clearance.policy());
}
