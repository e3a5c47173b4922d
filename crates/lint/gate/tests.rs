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
    let clearance = gate(&commit, "staging", &policy("2026-01-01"), &[]).unwrap();
    assert_eq!((clearance.tree(), clearance.commit()), (commit.tree_id(), commit.id()));
    assert_eq!(clearance.overridden(), None);
    trial.write(&[(FILE_NAME, &format!("{STAGING}\n# another\n"))]);
    let other = gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), &[]).unwrap();
    assert_ne!(clearance.policy(), other.policy());
}

#[test]
fn an_error_refuses_and_an_edit_that_is_not_committed_does_not_help() {
    let trial = broken("");
    std::fs::write(trial.path().join("missing.txt"), "x").unwrap();
    let refusal = gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), &[]).unwrap_err();
    assert!(refusal.is_held());
    assert_eq!(refusal.holding().next().unwrap().rule, "copy-source-missing");
}

#[test]
fn only_an_allowance_that_will_end_counts() {
    for (until, passes) in [("until = \"2026-06-30\"", true), ("until = \"2025-12-31\"", false), ("", false)]
    {
        let trial = broken(&allow(until));
        let answer = gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), &[]);
        assert_eq!(answer.is_ok(), passes, "{until}");
        if let Err(refusal) = answer {
            let told = &refusal.holding().next().unwrap().because[0];
            let why = if until.is_empty() { "without `until`" } else { "until 2025-12-31 only" };
            assert!(told.message.contains(why), "{}", told.message);
            assert_eq!(&*told.at.place.path, FILE_NAME);
        }
    }
    let trial = Trial::with(&[
        ("Dockerfile", "FROM scratch\n# shipworthy: allow(copy-source-missing) built\nCOPY missing.txt /\n"),
        (FILE_NAME, STAGING),
    ]);
    let refusal = gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), &[]).unwrap_err();
    let told = &refusal.holding().next().unwrap().because[0];
    assert!(told.message.contains("by a comment"), "{}", told.message);
    assert_eq!((&*told.at.place.path, told.at.start.line), ("Dockerfile", 2));
}

#[cfg(unix)]
#[test]
fn what_blobs_do_not_hold_is_not_cleared() {
    let trial = Trial::with(&[("Dockerfile", "FROM scratch\n"), (FILE_NAME, STAGING)]);
    std::os::unix::fs::symlink("/etc/passwd", trial.path().join("out")).unwrap();
    trial.write(&[]);
    let refusal = gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), &[]).unwrap_err();
    assert!(!refusal.is_held());
    assert!(refusal.problems.iter().any(|problem| problem.blocking && &*problem.path == "out"));
}

#[test]
fn an_environment_that_nothing_belongs_to_is_not_cleared() {
    let trial = Trial::with(&[("Dockerfile", "FROM scratch\n")]);
    let refusal = gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), &[]).unwrap_err();
    assert!(!refusal.is_held());
    assert!(refusal.problems.iter().any(|problem| problem.message.contains("[environment.staging]")));
}

#[test]
fn break_glass_passes_over_what_it_names_and_stays_marked() {
    let trial = broken("");
    let refused = || *gate(&trial.commit("HEAD"), "staging", &policy("2026-01-01"), &[]).unwrap_err();
    let rules = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let clearance = refused().break_glass("down", &rules(&["copy-source-missing"])).unwrap();
    assert_eq!(clearance.overridden().unwrap().reason, "down");
    assert!(refused().break_glass(" ", &rules(&["copy-source-missing"])).is_err());
    assert!(refused().break_glass("down", &rules(&["copy-source-excluded"])).is_err());
    assert!(refused().break_glass("down", &rules(&["no-such-rule"])).is_err());
    let strict = GatePolicy { never_override: vec!["copy-*".to_owned()], ..policy("2026-01-01") };
    let refusal = gate(&trial.commit("HEAD"), "staging", &strict, &[]).unwrap_err();
    let refusal = refusal.break_glass("down", &rules(&["copy-source-missing"])).unwrap_err();
    assert!(refusal.problems.iter().any(|problem| problem.message.contains("never be overridden")));
}

/// The protected branch, against which changes are measured.
struct Protected(Trial);

impl Protected {
    fn with(configuration: &str) -> Self {
        Self(Trial::with(&[("Dockerfile", "FROM scratch\n"), (FILE_NAME, configuration)]))
    }

    /// What is weaker in a commit with these files instead; it can never be overridden.
    fn weaker(&self, files: &[(&str, &str)]) -> Vec<String> {
        self.0.write(files);
        let policy = policy("2026-01-01");
        let answer = gate(&self.0.commit("HEAD"), "staging", &policy, &[self.0.commit("HEAD~1")]);
        self.0.git(&["reset", "-q", "--hard", "HEAD~1"]);
        let Err(refusal) = answer else { return Vec::new() };
        assert!(refusal.is_held(), "{files:?}: {:?}", refusal.problems);
        let weaker = refusal.holding().filter(|finding| finding.rule == weaker::RULE);
        let subjects = weaker.map(|finding| finding.subject.clone()).collect();
        assert!(refusal.break_glass("x", &[weaker::RULE.to_owned()]).is_err(), "{files:?}");
        subjects
    }
}

const STRONG: &str = r#"
[environment.staging]
files = ["deploy/**"]
variables = { ENVIRONMENT = "staging" }
[service.app]
dockerfile = "Dockerfile"
context = "."
[timeouts]
backend_timeout_sec = { at_least = "1h" }
[secrets]
affix = "{name}-{environment}"
required = ["jwt-secret-key"]
environments = ["staging"]
[rule."datastore-port-published"]
severity = "error"
images = ["redis"]
[gate]
allow_dirty = false
fail_on = "warning"
[gate.receipt]
ci_required = ["staging"]
[target.staging]
smoke = [["./smoke"]]
"#;

#[test]
fn a_gate_that_is_weaker_than_on_the_protected_branch_refuses() {
    let strong = format!(
        "{STAGING}[gate]\nallow_dirty = false\nfail_on = \"warning\"\n[target.staging]\nsmoke = [[\"./smoke\"]]\n"
    );
    let of_gate = |key: &str| strong.replace("[gate]\n", &format!("[gate]\n{key}\n"));
    let of_target = |key: &str| format!("{strong}{key}\n");
    let protected = Protected::with(&strong);
    for (text, subject) in [
        (strong.replace("\"warning\"", "\"error\""), "gate.fail_on"),
        (strong.replace("fail_on = \"warning\"\n", ""), "gate.fail_on"),
        (strong.replace("allow_dirty = false", "allow_dirty = true"), "gate.allow_dirty"),
        (of_gate("never_override = []"), "gate.never_override"),
        (of_gate("scope = \"environment\""), "gate.scope"),
        (of_gate("receipt = { max_age = \"999h\" }"), "gate.receipt.max_age"),
        (of_gate("baseline = \"known.json\""), "gate.baseline"),
        (strong.replace("smoke = [[\"./smoke\"]]", ""), "target.staging.smoke"),
        (of_target("rollback = \"never\""), "target.staging.rollback"),
        (of_target("env = { API = \"x\" }"), "target.staging.env"),
        (strong.replace("[target.staging]", "[target.other]"), "target.staging.smoke"),
        (format!("exclude = [\"docker/**\"]\n{strong}"), "exclude docker/**"),
        (format!("{strong}[rule.localhost-url]\nseverity = \"off\"\n"), "rule.localhost-url"),
        (
            format!("{strong}[[scope]]\npath = \"apps\"\n[scope.rule.localhost-url]\nseverity = \"off\"\n"),
            "scope apps localhost-url",
        ),
        (format!("{strong}[[scope]]\npath = \"apps\"\nexclude = [\"web/**\"]\n"), "exclude apps/web/**"),
        (format!("{strong}{}", allow("until = \"2026-06-30\"")), "allow copy-source-missing"),
    ] {
        assert_eq!(protected.weaker(&[(FILE_NAME, &text)]), [subject], "{text}");
    }
    for more in [
        format!("{strong}# a comment\n"),
        strong.replace("allow_dirty = false\n", ""),
        strong.replace("\"warning\"", "\"info\""),
        of_gate(
            "never_override = [\"secret-*\", \"copy-*\"]\ncommands = [[\"./check\"]]\nscope = \"repository\"",
        ),
        of_gate("receipt = { max_age = \"1h\", ci_required = [\"staging\"] }"),
        of_target("health = { within = \"2s\" }\nlock = { kind = \"git-ref\" }"),
        format!("{strong}[rule.localhost-url]\nseverity = \"error\"\n[timeouts]\nx = {{ equals = 1 }}\n"),
    ] {
        assert_eq!(protected.weaker(&[(FILE_NAME, &more)]), Vec::<String>::new(), "{more}");
    }
}

#[test]
fn what_is_declared_and_asked_of_rules_is_compared_too() {
    let protected = Protected::with(STRONG);
    for (from, to, subject) in [
        ("severity = \"error\"\nimages", "images", "rule.datastore-port-published"),
        ("images = [\"redis\"]\n", "", "rule.datastore-port-published"),
        ("images = [\"redis\"]\n", "images = []\n", "rule.datastore-port-published"),
        ("files = [\"deploy/**\"]\n", "", "environment.staging"),
        ("[service.app]", "[environment.local]\nfiles = [\"deploy/**\"]\n[service.app]", "environment.local"),
        ("\"1h\"", "\"1s\"", "timeouts.backend_timeout_sec"),
        ("affix = \"{name}-{environment}\"", "affix = \"none\"", "secrets.affix"),
        ("required = [\"jwt-secret-key\"]\n", "", "secrets.required"),
        ("required = [\"jwt", "optional = [\"jwt\"]\nrequired = [\"jwt", "secrets.optional"),
        ("ci_required = [\"staging\"]", "", "gate.receipt.ci_required"),
    ] {
        let text = STRONG.replace(from, to);
        assert_ne!(text, STRONG);
        assert_eq!(protected.weaker(&[(FILE_NAME, &text)]), [subject], "{from} -> {to}");
    }
}

#[test]
fn a_rule_of_the_team_that_is_gone_or_another_is_weaker() {
    const FILE: &str = ".shipworthy/rules/no-debug.md";
    let (_, text) = rules::BUILT_IN.iter().find(|(name, _)| name.ends_with("/localhost-url")).unwrap();
    let rule = text.replace("localhost-url", "no-debug");
    let protected = Protected::with(STRONG);
    protected.0.write(&[(FILE, &rule)]);
    assert_eq!(protected.weaker(&[("README.md", "x")]), Vec::<String>::new());
    assert_eq!(protected.weaker(&[(FILE, &format!("{rule}\n"))]), ["team rule no-debug"]);
    std::fs::remove_file(protected.0.path().join(FILE)).unwrap();
    assert_eq!(protected.weaker(&[]), ["team rule no-debug"]);
}

#[test]
fn the_baseline_counts_where_the_policy_names_it_and_may_only_shrink() {
    let trial = broken("");
    let plain = policy("2026-01-01");
    let named = GatePolicy { baseline: Some("known.json".to_owned()), ..plain.clone() };
    let judged = |policy: &GatePolicy, protected: Option<&str>| {
        let protected: Vec<Commit> = protected.map(|revision| trial.commit(revision)).into_iter().collect();
        gate(&trial.commit("HEAD"), "staging", policy, &protected)
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
