//! HCL as hashicorp/hcl 2.24 reads it, and tfvars as terraform 1.11.4 accepts them.

use serde_json::Value;
use source::{LineIndex, Span};
use syntax::SyntaxError;
use syntax::hcl::{Attribute, Body, Constant, constant, parse, parse_tfvars, parse_tfvars_json};

use super::Suite;
use super::case::{Answer, field, items, number, same, strings, text};

pub(super) const SUITES: &[Suite] = &[Suite { name: "hcl_parse", judge: file, least: 0.98, columns: &[] }];

fn file(case: &Value) -> Result<Answer, String> {
    let written = text(case, "text")?;
    let is_json = text(case, "kind")? == "json";
    let parsed = if is_json { parse_tfvars_json(written) } else { parse(written) };
    let attribute_errors = items(&case["attr_diags"]).filter(|_| is_json);
    let wanted: Vec<_> = items(&case["diags"])
        .chain(attribute_errors)
        .filter(|diagnostic| diagnostic["Sev"] == "error")
        .collect();
    first_error(written, &parsed.errors, &wanted)?;
    if wanted.is_empty() {
        body(&parsed.tree, field(case, "body")?)?;
    }
    let Some(accepted) = case["terraform_1_11_as_tfvars"]["accepted"].as_bool() else {
        return Ok(Answer::Agrees);
    };
    let errors = if is_json { parsed.errors } else { parse_tfvars(written).errors };
    if errors.is_empty() == accepted {
        Ok(Answer::Agrees)
    } else {
        Err(format!("accepted as tfvars by terraform: {accepted}; errors: {errors:?}"))
    }
}

/// Whether the first error is on the same line.
fn first_error(written: &str, have: &[SyntaxError], wanted: &[&Value]) -> Result<(), String> {
    let index = LineIndex::new(written);
    let line = have.first().map(|error| u64::from(index.line(error.span.start)));
    let lines =
        wanted.iter().map(|error| number(field(error, "Range")?, "sl")).collect::<Result<Vec<_>, _>>()?;
    // HCL tells wrong characters first, wherever they stand.
    if line == lines.first().copied() || line == lines.iter().min().copied() {
        Ok(())
    } else {
        Err(format!("error on line {line:?}, not {lines:?}: {have:?}"))
    }
}

fn body(have: &Body, want: &Value) -> Result<(), String> {
    let mut attributes: Vec<_> = items(&want["attrs"]).collect();
    attributes.sort_by_key(|attribute| attribute["range"]["sb"].as_u64());
    same("attributes", have.attributes.len(), attributes.len())?;
    for (have, want) in have.attributes.iter().zip(attributes) {
        self::attribute(have, want)?;
    }
    let blocks: Vec<_> = items(&want["blocks"]).collect();
    same("blocks", have.blocks.len(), blocks.len())?;
    for (have, want) in have.blocks.iter().zip(blocks) {
        let labels = have.labels.iter().map(|label| label.value.clone()).collect();
        same("block", have.kind.value.as_str(), text(want, "type")?)?;
        same("labels", labels, strings(&want["labels"]).unwrap_or_default())?;
        span("block", have.span, field(want, "range")?)?;
        body(&have.body, field(want, "body")?)?;
    }
    Ok(())
}

fn attribute(have: &Attribute, want: &Value) -> Result<(), String> {
    let name = text(want, "name")?;
    same("attribute", have.key.value.as_str(), name)?;
    span(name, have.span, field(want, "range")?)?;
    span(name, have.value.span, field(want, "expr_range")?)?;
    let (Some(have), Some(want)) = (constant(&have.value.value, &|_| None), want.get("value")) else {
        return Ok(());
    };
    if same_value(&have, want) { Ok(()) } else { Err(format!("{name}: {have:?}, not {want}")) }
}

fn span(what: &str, have: Span, want: &Value) -> Result<(), String> {
    let want = (number(want, "sb")?, number(want, "eb")?);
    same(what, (have.start as u64, have.end as u64), want)
}

fn same_value(have: &Constant, want: &Value) -> bool {
    match (have, want) {
        (Constant::Null, Value::Null) => true,
        (Constant::Bool(have), Value::Bool(want)) => have == want,
        (Constant::Number(have), Value::Number(want)) => {
            want.as_f64().is_some_and(|want| have.is_infinite() || (have - want).abs() <= 1e-9 * have.abs())
        }
        (Constant::String(have), Value::String(want)) => have == want,
        (Constant::Array(have), Value::Array(want)) => {
            have.len() == want.len() && have.iter().zip(want).all(|(have, want)| same_value(have, want))
        }
        (Constant::Object(have), Value::Object(want)) => {
            let is_there =
                |(key, have): (&String, &Constant)| want.get(key).is_some_and(|want| same_value(have, want));
            have.len() == want.len() && have.iter().map(|(key, have)| (key, have)).all(is_there)
        }
        _ => false,
    }
}
