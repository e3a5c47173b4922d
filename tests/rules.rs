//! The examples of every rule file: all rules run over each, and find exactly what it expects.

use std::collections::BTreeSet;

use lint::{Config, Example, Expectation, Options, Outcome, Registry, Rule, Severity, engine};

/// All findings of an example, in the form of its expectations, sorted.
fn findings(example: &Example, registry: &Registry) -> Vec<Expectation> {
    let outcome = judged(example, registry);
    // A rule that could not be made or that stopped has a problem in its own file.
    let unusable: Vec<_> = outcome.problems.iter().filter(|one| one.path.starts_with("rules/")).collect();
    assert!(unusable.is_empty(), "{}: {unusable:?}", example.name);
    let found = outcome.findings.into_iter().map(|finding| Expectation {
        path: finding.at.place.path.to_string(),
        line: finding.at.start.line,
        rule: finding.rule,
        severity: finding.severity,
    });
    let mut found: Vec<Expectation> = found.collect();
    found.sort();
    found
}

fn judged(example: &Example, registry: &Registry) -> Outcome {
    let tree = example.tree();
    let config = Config::load(&tree);
    let facts = facts::collect(&tree, &config.declared());
    let options = Options {
        rules: Vec::new(),
        environments: Vec::new(),
        fail_on: Severity::Error,
        no_allow: false,
        today: "2026-11-01".parse().unwrap(),
    };
    engine::run(&tree, &facts, &config, registry, &options)
}

fn examples(registry: &Registry) -> impl Iterator<Item = (&Rule, Example)> {
    registry.rules().iter().flat_map(|rule| {
        let examples = rule.examples().unwrap_or_else(|error| panic!("{error}"));
        examples.into_iter().map(move |example| (rule, example))
    })
}

fn told(expectations: &[Expectation]) -> String {
    let line = |one: &Expectation| format!("\n    {}:{} {} {}", one.path, one.line, one.rule, one.severity);
    if expectations.is_empty() { "\n    nothing".to_owned() } else { expectations.iter().map(line).collect() }
}

#[test]
fn every_rule_file_is_part_of_the_program() {
    let root = source::Disk::open(std::path::Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let entered = |path: &str| path == "rules" || path.starts_with("rules/");
    let walk = source::Tree::walk(&root, &entered);
    let is_rule = |path: &String| path.starts_with("rules/") && path.strip_suffix(".md").is_some();
    let written: Vec<String> = walk.entries.into_iter().map(|entry| entry.path).filter(is_rule).collect();
    let mut known: Vec<String> = Registry::built_in().rules().iter().map(|rule| rule.path.clone()).collect();
    known.sort();
    assert_eq!(known, written);
}

#[test]
fn every_example_gives_exactly_what_it_expects() {
    let registry = Registry::built_in();
    let mut wrong = Vec::new();
    for (rule, example) in examples(&registry) {
        let found = findings(&example, &registry);
        let mut expected = example.expected.clone();
        expected.sort();
        if found != expected {
            wrong.push(format!(
                "{}:{} {}\n  expected{}\n  found{}",
                rule.path,
                example.line,
                example.name,
                told(&expected),
                told(&found)
            ));
        }
    }
    assert!(wrong.is_empty(), "{} examples differ:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn what_stands_under_fails_fails_and_what_stands_under_passes_passes() {
    let registry = Registry::built_in();
    for (rule, example) in examples(&registry) {
        let speaks = example.expected.iter().any(|expected| expected.rule == rule.id());
        assert_eq!(speaks, example.fails, "{}:{} {}", rule.path, example.line, example.name);
    }
}

/// A message speaks of names and places; one that is masked has a secret in it, or reads as if it had.
#[test]
fn no_message_of_an_example_is_masked() {
    let registry = Registry::built_in();
    let mut masked = BTreeSet::new();
    for (_, example) in examples(&registry) {
        let found = judged(&example, &registry).findings.into_iter();
        let shown =
            found.map(|finding| format!("{}: {}", finding.rule, source::redact::sentence(&finding.message)));
        masked.extend(shown.filter(|message| message.contains(source::redact::REDACTED)));
    }
    assert_eq!(masked, BTreeSet::new());
}

#[test]
fn a_rule_without_its_policy_is_silent_or_refused() {
    let registry = Registry::built_in();
    for (rule, example) in examples(&registry) {
        if rule.head.policy.is_empty() || !example.fails {
            continue;
        }
        let found = judged(&example, &registry.without_policy(rule.id())).findings;
        let own = found.iter().filter(|found| found.rule == rule.id()).count();
        assert_eq!(own, 0, "{}:{} {}", rule.path, example.line, example.name);
    }
}
