//! The YAML test suite, as `SHIPWORTHY_VECTORS` holds it.

use serde_json::Value;

use super::*;

/// How many of the public cases are judged right. `9C9N` is not: a flow sequence with less indentation than its key,
/// which go-yaml and `PyYAML` accept, and so do we.
const MINIMUM: usize = 250;

#[test]
fn yaml_test_suite() {
    let Some(cases) = crate::compose::vectors("yaml_test_suite") else { return };
    let missed: Vec<_> = cases.iter().filter(|case| !is_right(case)).map(|case| &case["id"]).collect();
    println!("yaml_test_suite: {} of {}", cases.len() - missed.len(), cases.len());
    println!("missed: {missed:?}");
    assert!(cases.len() - missed.len() >= MINIMUM);
}

fn is_right(case: &Value) -> bool {
    let parsed = parse(case["yaml"].as_str().unwrap());
    parsed.errors.is_empty() != case["should_error"].as_bool().unwrap()
}
