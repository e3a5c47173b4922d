//! `shipworthy rules`.

mod examples;

use std::collections::BTreeMap;
use std::fmt::Write;

use lint::{Config, Level, Registry, Rule};
use serde_json::{Value, json};

use crate::args::{RulesArgs, RulesFormat};
use crate::{output, root};

pub(crate) fn run(args: &RulesArgs) -> Result<u8, String> {
    let tree = root::open(args.directory.as_deref())?.tree;
    let config = Config::load(&tree);
    let registry = Registry::for_tree(&tree);
    for problem in registry.problems() {
        output::complain(&format!("{}:{}: {}", problem.path, problem.line, problem.message));
    }
    if args.test {
        return if registry.problems().is_empty() { examples::run(&registry) } else { Ok(crate::UNABLE) };
    }
    let text = match args.format {
        RulesFormat::Json => json_list(registry.rules(), &config)?,
        RulesFormat::Text => text_list(registry.rules(), &config),
        RulesFormat::Markdown => page(registry.rules()),
    };
    output::print(text.as_bytes())?;
    Ok(if registry.problems().is_empty() { 0 } else { crate::UNABLE })
}

fn json_list(rules: &[Rule], config: &Config) -> Result<String, String> {
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| {
            let head = &rule.head;
            json!({
                "id": head.id, "family": rule.family, "title": head.title,
                "severity": severity(rule, config),
                "fix": head.fix.name(), "ignorable": head.ignorable, "check": head.check,
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&json!({"version": 1, "rules": rules}));
    text.map(|text| text + "\n").map_err(|error| error.to_string())
}

fn text_list(rules: &[Rule], config: &Config) -> String {
    let width = rules.iter().map(|rule| rule.id().len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let head = &rule.head;
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{:width$}  {:7}  {:6}  {}",
            head.id,
            severity(rule, config),
            head.fix.name(),
            head.title
        );
    }
    text
}

const PAGE: &str = "\
# Rules

<!-- Written by `shipworthy rules --format markdown`; change the files below rules/ instead. -->

`shipworthy explain ID` gives the whole of a rule: what goes wrong, why it breaks a deployment, what to do, and how safe
its fix is. Severity is what the rule reports at most; the evidence in a place may lower it. A safe fix is made by
`--fix`, an unsafe one also needs `--unsafe-fixes`. `[rule.ID]` in `shipworthy.toml` changes severity and policy.
";

/// The rules as a page, by family.
fn page(rules: &[Rule]) -> String {
    let mut families: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        families.entry(&rule.family).or_default().push(rule);
    }
    let mut text = PAGE.to_owned();
    for (family, rules) in families {
        // Writing to a string does not fail.
        let _ =
            write!(text, "\n## {family}\n\n| rule | severity | fix | what is wrong |\n|---|---|---|---|\n");
        for rule in rules {
            let (id, head) = (rule.id(), &rule.head);
            let _ = writeln!(
                text,
                "| [`{id}`](../{}) | {} | {} | {} |",
                rule.path,
                head.severity,
                head.fix.name(),
                head.title.replace('|', "\\|")
            );
        }
    }
    text
}

/// What the rule reports here, as far as the configuration decides it.
fn severity(rule: &Rule, config: &Config) -> &'static str {
    match config.rules.get(rule.id()).and_then(|configured| configured.level) {
        Some(Level::Off) => "off",
        Some(Level::On(severity)) => severity.name(),
        None => rule.head.severity.name(),
    }
}
