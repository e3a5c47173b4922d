//! `shipworthy config`.

use std::fmt::Write;

use lint::Config;
use lint::config::{Entry, FILE_NAME, entries};
use serde_json::json;
use source::redact;

use crate::args::{ConfigArgs, Format};
use crate::{output, root};

pub(crate) fn run(args: &ConfigArgs) -> Result<u8, String> {
    let tree = root::open(args.path.as_deref())?.tree;
    let config = Config::load(&tree);
    for problem in &config.problems {
        let message = redact::sentence(&problem.message);
        output::complain(&format!("{}:{}: {message}", problem.path, problem.line));
    }
    let entries = entries(&tree, &config);
    let text = match args.format {
        Format::Json => as_json(&config, &entries)?,
        Format::Text => as_text(&config, &entries),
    };
    output::print(text.as_bytes())?;
    Ok(if config.problems.is_empty() { 0 } else { crate::UNABLE })
}

/// Keys that list names of secrets, which everybody may know.
const NAMES: &[&str] = &["secrets.required", "secrets.optional"];

/// The value as it may be shown: by the key's last name, and by its own form.
fn shown(entry: &Entry) -> String {
    if NAMES.contains(&entry.key.as_str()) {
        return entry.value.clone();
    }
    let name = entry.key.rsplit('.').next().unwrap_or_default();
    redact::value(name, &redact::sentence(&entry.value)).into_owned()
}

fn as_json(config: &Config, entries: &[Entry]) -> Result<String, String> {
    let entries = entries.iter().map(|entry| {
        json!({"key": entry.key, "value": shown(entry), "path": *entry.at.path, "line": entry.at.line})
    });
    let told = json!({"version": 1, "files": config.files, "entries": entries.collect::<Vec<_>>()});
    let text = serde_json::to_string_pretty(&told);
    text.map(|text| text + "\n").map_err(|error| error.to_string())
}

fn as_text(config: &Config, entries: &[Entry]) -> String {
    if config.files.is_empty() {
        return format!(
            "There is no {FILE_NAME} here, so the defaults hold; `shipworthy init` writes one.\n"
        );
    }
    let lines: Vec<String> =
        entries.iter().map(|entry| format!("{} = {}", entry.key, shown(entry))).collect();
    let width = lines.iter().map(|line| line.chars().count()).filter(|width| *width <= 72).max().unwrap_or(0);
    let mut text = String::new();
    for (line, entry) in lines.iter().zip(entries) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{line:<width$}  # {}:{}", entry.at.path, entry.at.line);
    }
    text
}
