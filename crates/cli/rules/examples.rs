//! `shipworthy rules --test`: whether a team's rules find in their own examples what these expect.

use std::fmt::Write;

use ::facts::Problem;
use lint::{Config, Example, Expectation, Options, Outcome, Registry, Rule, Severity, engine};

use crate::{check, output, pool};

/// Where the files of a team's rules lie.
const TEAM: &str = ".shipworthy/";

/// Runs all rules over every example, and compares. Exit code 1 where something else was found, 2 where there is no
/// rule to test.
pub(super) fn run(registry: &Registry) -> Result<u8, String> {
    let rules: Vec<&Rule> = registry.rules().iter().filter(|rule| rule.path.starts_with(TEAM)).collect();
    if rules.is_empty() {
        return Err(format!("there is no rule below {TEAM}rules to test"));
    }
    let (text, all_right) = pool::run(None, || told(&rules, registry))??;
    output::print(text.as_bytes())?;
    Ok(u8::from(!all_right))
}

fn told(rules: &[&Rule], registry: &Registry) -> Result<(String, bool), String> {
    let (mut text, mut all_right) = (String::new(), true);
    for rule in rules {
        let examples = rule.examples().map_err(|error| error.to_string())?;
        let mut wrong = 0;
        for example in &examples {
            let Difference { missed, surplus, problems } = difference(example, registry);
            if missed.is_empty() && surplus.is_empty() && problems.is_empty() {
                continue;
            }
            wrong += 1;
            // Writing to a string does not fail, here and below.
            let _ = writeln!(text, "{}:{}: {}", rule.path, example.line, example.name);
            missed.iter().for_each(|one| line(&mut text, "expected and not found", one));
            surplus.iter().for_each(|one| line(&mut text, "found and not expected", one));
            for problem in &problems {
                let _ =
                    writeln!(text, "  not judged: {}:{}: {}", problem.path, problem.line, problem.message);
            }
        }
        all_right &= wrong == 0;
        let _ =
            writeln!(text, "{}: {} of {} examples right", rule.id(), examples.len() - wrong, examples.len());
    }
    Ok((text, all_right))
}

fn line(text: &mut String, what: &str, one: &Expectation) {
    let _ = writeln!(text, "  {what}: {}:{} {} {}", one.path, one.line, one.rule, one.severity);
}

/// How an example differs from what it expects.
struct Difference {
    missed: Vec<Expectation>,
    surplus: Vec<Expectation>,
    /// What kept a part of it from being judged.
    problems: Vec<Problem>,
}

fn difference(example: &Example, registry: &Registry) -> Difference {
    let tree = example.tree();
    let config = Config::load(&tree);
    let facts = ::facts::collect(&tree, &config.declared());
    let options = Options {
        rules: Vec::new(),
        environments: Vec::new(),
        fail_on: Severity::Error,
        no_allow: false,
        today: check::today(),
    };
    let Outcome { findings, mut problems, .. } = engine::run(&tree, &facts, &config, registry, &options);
    problems.retain(|problem| problem.blocking);
    let found = findings.into_iter().map(|finding| Expectation {
        path: finding.at.place.path.to_string(),
        line: finding.at.start.line,
        rule: finding.rule,
        severity: finding.severity,
    });
    let mut missed = example.expected.clone();
    let mut surplus = Vec::new();
    for one in found {
        match missed.iter().position(|expected| *expected == one) {
            Some(at) => drop(missed.swap_remove(at)),
            None => surplus.push(one),
        }
    }
    missed.sort();
    surplus.sort();
    Difference { missed, surplus, problems }
}
