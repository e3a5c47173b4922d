//! `shipworthy rules`.

use std::fmt::Write;

use lint::{Registry, Rule};
use serde_json::{Value, json};

use crate::args::{Format, RulesArgs};
use crate::{output, root};

pub(crate) fn run(args: &RulesArgs) -> Result<u8, String> {
    let registry = Registry::for_tree(&root::open(None)?.tree);
    for problem in registry.problems() {
        output::complain(&format!("{}:{}: {}", problem.path, problem.line, problem.message));
    }
    let text = match args.format {
        Format::Json => json_list(registry.rules())?,
        Format::Text => text_list(registry.rules()),
    };
    output::print(text.as_bytes())?;
    Ok(if registry.problems().is_empty() { 0 } else { crate::UNABLE })
}

fn json_list(rules: &[Rule]) -> Result<String, String> {
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| {
            let head = &rule.head;
            json!({
                "id": head.id, "family": rule.family, "title": head.title, "severity": head.severity,
                "fix": head.fix.name(), "ignorable": head.ignorable, "check": head.check,
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&json!({"version": 1, "rules": rules}));
    text.map(|text| text + "\n").map_err(|error| error.to_string())
}

fn text_list(rules: &[Rule]) -> String {
    let width = rules.iter().map(|rule| rule.id().len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let head = &rule.head;
        // Writing to a string does not fail.
        let _ =
            writeln!(text, "{:width$}  {:7}  {:6}  {}", head.id, head.severity, head.fix.name(), head.title);
    }
    text
}
