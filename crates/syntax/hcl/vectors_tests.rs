//! The judged cases of `hcl_parse.jsonl`: hashicorp/hcl 2.24 and terraform 1.11.4.

use serde_json::Value;
use source::{LineIndex, Span};

use super::*;
use crate::SyntaxError;

/// How many cases must be met.
const MINIMUM: usize = 596;

#[expect(clippy::disallowed_methods, reason = "the judged cases lie outside of the repository")]
#[test]
fn hcl_parse() {
    let Ok(folder) = std::env::var("SHIPWORTHY_VECTORS") else {
        println!("skipped");
        return;
    };
    let lines = std::fs::read_to_string(format!("{folder}/hcl_parse.jsonl")).unwrap();
    let cases: Vec<Value> = lines.lines().skip(1).map(case).collect();
    let missed: Vec<String> = cases
        .iter()
        .filter_map(|case| judge(case).err().map(|why| format!("{} {why}", case["id"].as_str().unwrap())))
        .collect();
    println!("hcl_parse: {} of {}", cases.len() - missed.len(), cases.len());
    for miss in &missed {
        println!("  missed {miss}");
    }
    assert!(cases.len() - missed.len() >= MINIMUM);
}

/// One value is written with 400 digits, more than the JSON reader of the tests takes.
fn case(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|_| {
        let zeros = "0".repeat(100);
        serde_json::from_str(&line.replace(&zeros, "")).unwrap()
    })
}

fn judge(case: &Value) -> Result<(), String> {
    let text = case["text"].as_str().unwrap();
    let is_json = case["kind"] == "json";
    let parsed = if is_json { parse_tfvars_json(text) } else { parse(text) };
    let mut wanted: Vec<&Value> = errors_of(&case["diags"]);
    if is_json {
        wanted.extend(errors_of(&case["attr_diags"]));
    }
    same_verdict(text, &parsed.errors, &wanted)?;
    if wanted.is_empty() {
        same_body(&parsed.tree, &case["body"])?;
    }
    let Some(accepted) = case["terraform_1_11_as_tfvars"]["accepted"].as_bool() else { return Ok(()) };
    let parsed = if is_json { parsed } else { parse_tfvars(text) };
    match parsed.errors.is_empty() {
        given if given == accepted => Ok(()),
        given => Err(format!("as tfvars: accepted {given}, terraform {accepted} {:?}", parsed.errors)),
    }
}

fn errors_of(diagnostics: &Value) -> Vec<&Value> {
    let all = diagnostics.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter(|diagnostic| diagnostic["Sev"] == "error").collect()
}

fn same_verdict(text: &str, given: &[SyntaxError], wanted: &[&Value]) -> Result<(), String> {
    let lines = LineIndex::new(text);
    let given_line = given.first().map(|error| u64::from(lines.line(error.span.start)));
    let wanted_lines: Vec<u64> = wanted.iter().filter_map(|error| error["Range"]["sl"].as_u64()).collect();
    // HCL tells wrong characters first, wherever they stand.
    let is_same =
        given_line == wanted_lines.first().copied() || given_line == wanted_lines.iter().min().copied();
    if is_same {
        Ok(())
    } else {
        Err(format!("error on line {given_line:?} ({given:?}), not {wanted_lines:?} in {text:?}"))
    }
}

fn same_body(given: &Body, wanted: &Value) -> Result<(), String> {
    let mut attributes: Vec<&Value> = wanted["attrs"].as_array().into_iter().flatten().collect();
    attributes.sort_by_key(|attribute| attribute["range"]["sb"].as_u64());
    if attributes.len() != given.attributes.len() {
        return Err(format!("{} attributes, not {}", given.attributes.len(), attributes.len()));
    }
    for (given, wanted) in given.attributes.iter().zip(attributes) {
        same_attribute(given, wanted)?;
    }
    let blocks: Vec<&Value> = wanted["blocks"].as_array().into_iter().flatten().collect();
    if blocks.len() != given.blocks.len() {
        return Err(format!("{} blocks, not {}", given.blocks.len(), blocks.len()));
    }
    for (given, wanted) in given.blocks.iter().zip(blocks) {
        let labels: Vec<&str> = given.labels.iter().map(|label| label.value.as_str()).collect();
        let wanted_labels: Vec<&str> =
            wanted["labels"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if given.kind.value != wanted["type"].as_str().unwrap() || labels != wanted_labels {
            return Err(format!("block {given:?}, not {wanted}"));
        }
        same_span(given.span, &wanted["range"])?;
        same_body(&given.body, &wanted["body"])?;
    }
    Ok(())
}

fn same_attribute(given: &Attribute, wanted: &Value) -> Result<(), String> {
    if given.key.value != wanted["name"].as_str().unwrap() {
        return Err(format!("attribute {:?}, not {}", given.key, wanted["name"]));
    }
    same_span(given.span, &wanted["range"])?;
    same_span(given.value.span, &wanted["expr_range"])?;
    let (Some(given), Some(wanted)) = (constant(&given.value.value, &|_| None), wanted.get("value")) else {
        return Ok(());
    };
    if same_value(&given, wanted) { Ok(()) } else { Err(format!("value {given:?}, not {wanted}")) }
}

fn same_span(given: Span, wanted: &Value) -> Result<(), String> {
    let wanted = (wanted["sb"].as_u64().unwrap(), wanted["eb"].as_u64().unwrap());
    let given = (given.start as u64, given.end as u64);
    if given == wanted { Ok(()) } else { Err(format!("bytes {given:?}, not {wanted:?}")) }
}

fn same_value(given: &Constant, wanted: &Value) -> bool {
    match (given, wanted) {
        (Constant::Null, Value::Null) => true,
        (Constant::Bool(given), Value::Bool(wanted)) => given == wanted,
        (Constant::Number(given), Value::Number(wanted)) => {
            given.is_infinite() || (given - wanted.as_f64().unwrap()).abs() <= 1e-9 * given.abs()
        }
        (Constant::String(given), Value::String(wanted)) => given == wanted,
        (Constant::Array(given), Value::Array(wanted)) => {
            given.len() == wanted.len()
                && given.iter().zip(wanted).all(|(given, wanted)| same_value(given, wanted))
        }
        (Constant::Object(given), Value::Object(wanted)) => {
            given.len() == wanted.len()
                && given
                    .iter()
                    .all(|(key, value)| wanted.get(key).is_some_and(|wanted| same_value(value, wanted)))
        }
        _ => false,
    }
}
