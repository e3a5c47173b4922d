use std::sync::Arc;

use facts::{FileFact, Role, Scope, Setting, SettingSource};
use source::{Memory, Place, Span};

use super::*;

const RULE: &str = "+++
id = \"no-debug\"
title = \"Debugging is on\"
check = \"forbidden-value\"
severity = \"error\"
fix = \"none\"
ignorable = true
values = true

[policy]
keys = [\"debug\"]
unknown-environment = \"warning\"

[[policy.markers]]
pattern = \"^1$\"
says = \"1\"
+++
";

fn registry() -> Registry {
    let mut texts = rules::BUILT_IN.to_vec();
    texts.retain(|(name, _)| name.starts_with("shipworthy/"));
    texts.push(("bypass/no-debug", RULE));
    Registry::of(&texts)
}

/// `DEBUG=1` on the first line of each file, and what the configuration says.
struct World {
    tree: Memory,
    facts: Facts,
}

fn world(files: &[(&str, Option<&str>)], configuration: &str) -> World {
    let mut tree: Memory = files.iter().map(|(path, _)| (*path, "DEBUG=1\n")).collect();
    tree.insert("shipworthy.toml", configuration);
    let mut facts = Facts::default();
    for (path, environment) in files {
        let environments: Vec<String> = environment.iter().map(|name| (*name).to_owned()).collect();
        facts.files.push(FileFact {
            path: Arc::from(*path),
            kind: FileKind::EnvFile,
            environments: environments.clone(),
        });
        facts.environments.extend(environments);
        facts.settings.push(Setting {
            key: "DEBUG".to_owned(),
            within: Vec::new(),
            value: "1".to_owned(),
            raw: "1".to_owned(),
            at: Place { path: Arc::from(*path), line: 1, span: Span::new(6, 7) },
            scope: Scope { environment: environment.map(str::to_owned), service: None, deployed: true },
            source: SettingSource::EnvFile,
            dialect: None,
            role: Role::Value,
            expands_variables: false,
            is_template: false,
        });
    }
    World { tree, facts }
}

fn options() -> Options {
    Options {
        rules: Vec::new(),
        environments: Vec::new(),
        fail_on: Severity::Error,
        no_allow: false,
        today: "2026-11-01".parse().unwrap(),
    }
}

fn judged(world: &World, options: &Options) -> Outcome {
    run(&world.tree, &world.facts, &Config::load(&world.tree), &registry(), options)
}

fn summary(outcome: &Outcome) -> Vec<String> {
    let line = |finding: &Finding| {
        format!("{}:{} {} {}", finding.at.place.path, finding.at.start.line, finding.rule, finding.severity)
    };
    outcome.findings.iter().map(line).collect()
}

const STAGING: &[(&str, Option<&str>)] = &[(".env.staging", Some("staging"))];

#[test]
fn a_finding_has_columns_a_rule_and_an_identity() {
    let outcome = judged(&world(STAGING, ""), &options());
    assert_eq!(summary(&outcome), [".env.staging:1 no-debug error"]);
    assert_eq!((outcome.findings[0].at.start.column, outcome.findings[0].at.end.column), (7, 8));
    assert_eq!(outcome.findings[0].fingerprint, fingerprint("no-debug", ".env.staging", "DEBUG"));
    assert_eq!(outcome.verdict, Verdict::Held);
}

#[test]
fn the_consequence_lowers_the_severity_and_never_raises_it() {
    let unknown = [("main.tf", None)];
    assert_eq!(summary(&judged(&world(&unknown, ""), &options())), ["main.tf:1 no-debug warning"]);
    let raised = "[rule.no-debug]\nseverity = \"error\"\n";
    assert_eq!(summary(&judged(&world(&unknown, raised), &options())), ["main.tf:1 no-debug warning"]);
    let lowered = "[rule.no-debug]\nseverity = \"info\"\n";
    assert_eq!(summary(&judged(&world(STAGING, lowered), &options())), [".env.staging:1 no-debug info"]);
}

#[test]
fn a_rule_can_be_off_left_out_or_given_another_policy() {
    let off = "[rule.no-debug]\nseverity = \"off\"\n";
    assert_eq!(summary(&judged(&world(STAGING, off), &options())), [] as [&str; 0]);
    let other = "[rule.no-debug]\nkeys = [\"verbose\"]\n";
    assert_eq!(summary(&judged(&world(STAGING, other), &options())), [] as [&str; 0]);
    let only = Options { rules: vec!["allow-unused".to_owned()], ..options() };
    assert_eq!(summary(&judged(&world(STAGING, ""), &only)), [] as [&str; 0]);
}

#[test]
fn a_wrong_policy_blocks_with_its_line() {
    let outcome = judged(&world(STAGING, "\n[rule.no-debug]\nkeys = 3\n"), &options());
    assert_eq!(outcome.verdict, Verdict::Unsure);
    let problem = &outcome.problems[0];
    assert_eq!((&*problem.path, problem.line, problem.blocking), ("shipworthy.toml", 2, true));
    assert!(problem.message.contains("no-debug"), "{}", problem.message);
}

#[test]
fn backups_and_excluded_files_are_no_primary_place() {
    let files = [("backups/.env.staging", Some("staging")), ("third/.env.staging", Some("staging"))];
    let outcome = judged(&world(&files, "exclude = [\"third/**\"]\n"), &options());
    assert_eq!(summary(&outcome), [] as [&str; 0]);
}

#[test]
fn an_environment_is_chosen_by_any_of_its_names() {
    let files = [("a", Some("staging")), ("b", Some("production")), ("c", None)];
    let prod = Options { environments: vec!["prod".to_owned()], ..options() };
    assert_eq!(summary(&judged(&world(&files, ""), &prod)), ["b:1 no-debug error", "c:1 no-debug warning"]);
}

#[test]
fn unknown_names_leave_the_verdict_open() {
    for wrong in [
        Options { rules: vec!["no-debgu".to_owned()], ..options() },
        Options { environments: vec!["stagign".to_owned()], ..options() },
    ] {
        let outcome = judged(&world(STAGING, ""), &wrong);
        assert_eq!(outcome.verdict, Verdict::Unsure);
        assert!(outcome.problems[0].message.contains("Did you mean"), "{}", outcome.problems[0].message);
    }
}

#[test]
fn an_allowance_moves_a_finding_aside_unless_it_is_not_wanted() {
    let allow = "[[allow]]\nrule = \"no-debug\"\nsubject = \"DEBUG\"\nreason = \"for a day\"\nuntil = \"2026-11-01\"\n";
    let world = world(STAGING, allow);
    let outcome = judged(&world, &options());
    assert_eq!((outcome.verdict, outcome.suppressed.len()), (Verdict::Clear, 1));
    assert_eq!(outcome.suppressed[0].until.as_deref(), Some("2026-11-01"));
    let all = Options { no_allow: true, ..options() };
    assert_eq!(judged(&world, &all).verdict, Verdict::Held);
    let later = Options { today: "2026-11-02".parse().unwrap(), ..options() };
    assert_eq!(
        summary(&judged(&world, &later)),
        [".env.staging:1 no-debug error", "shipworthy.toml:2 allow-expired warning"]
    );
}

#[test]
fn an_allowance_of_a_rule_that_did_not_run_is_not_unused() {
    let allow = "[[allow]]\nrule = \"no-debug\"\npath = \"elsewhere\"\nreason = \"r\"\n";
    let other = Options { rules: vec!["allow-unused".to_owned()], ..options() };
    assert_eq!(summary(&judged(&world(STAGING, allow), &other)), [] as [&str; 0]);
    let both = Options { rules: vec!["allow-unused".to_owned(), "no-debug".to_owned()], ..options() };
    assert_eq!(judged(&world(STAGING, allow), &both).findings.len(), 2);
}

#[test]
fn nothing_to_judge_is_no_pass() {
    let outcome = judged(&world(&[], ""), &options());
    assert_eq!(outcome.verdict, Verdict::Unsure);
    assert!(outcome.problems[0].message.starts_with("nothing to judge"));
}

#[test]
fn a_check_that_panics_gives_no_answer() {
    struct Broken;
    impl Check for Broken {
        fn check(&self, _: &Facts) -> Vec<Fault> {
            panic!("with a secret")
        }
    }
    assert_eq!(guarded(&Broken, &Facts::default()), None);
}

#[test]
fn every_note_has_a_rule() {
    let registry = Registry::built_in();
    for id in [
        "allow-expired",
        "allow-refused",
        "allow-unknown-rule",
        "allow-unused",
        "allow-without-reason",
        "config-unknown-key",
        "config-unknown-rule",
        "config-unmatched",
    ] {
        assert_eq!(registry.get(id).unwrap().head.check, checks::BY_ENGINE);
    }
}
