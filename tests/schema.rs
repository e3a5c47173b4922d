//! As much of JSON Schema as the schemas of the outputs use.

use serde_json::Value;

/// Where `value` is not what `schema` says, as `path: why`.
pub(crate) fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Validator { root: schema }.check(schema, value, "", &mut found);
    found
}

struct Validator<'s> {
    root: &'s Value,
}

impl Validator<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str() {
            let target = self.root.pointer(name.trim_start_matches('#')).unwrap();
            return self.check(target, value, at, found);
        }
        let mut wrong = |why: String| found.push(format!("{at}: {why}"));
        if let Some(kind) = schema.get("type").filter(|kind| !is_of(value, kind)) {
            wrong(format!("is no {kind}"));
        }
        if let Some(allowed) = schema["enum"].as_array().filter(|allowed| !allowed.contains(value)) {
            wrong(format!("is none of {allowed:?}"));
        }
        if schema.get("const").is_some_and(|only| only != value) {
            wrong(format!("is not {}", schema["const"]));
        }
        if let (Some(least), Some(number)) = (schema["minimum"].as_f64(), value.as_f64()) {
            if number < least {
                wrong(format!("is under {least}"));
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if value.is_object() && value.get(name).is_none() {
                wrong(format!("lacks {name}"));
            }
        }
        if let Some(choices) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            let fits = |choice: &Value| {
                let mut inside = Vec::new();
                self.check(choice, value, at, &mut inside);
                inside.is_empty()
            };
            if !choices.iter().any(fits) {
                wrong("fits no choice".to_owned());
            }
        }
        self.check_items(schema, value, at, found);
        for (name, inside) in value.as_object().into_iter().flatten() {
            let at = format!("{at}/{name}");
            match (schema["properties"].get(name), schema.get("additionalProperties")) {
                (Some(property), _) => self.check(property, inside, &at, found),
                (None, Some(Value::Bool(false))) => found.push(format!("{at}: is not known")),
                (None, Some(other @ Value::Object(_))) => self.check(other, inside, &at, found),
                _ => {}
            }
        }
    }

    fn check_items(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        let Some(items) = value.as_array() else { return };
        if schema["minItems"].as_u64().is_some_and(|least| (items.len() as u64) < least) {
            found.push(format!("{at}: has too few items"));
        }
        let repeated = items.iter().enumerate().any(|(index, item)| items[..index].contains(item));
        if schema["uniqueItems"] == true && repeated {
            found.push(format!("{at}: has an item twice"));
        }
        for (index, item) in items.iter().enumerate().filter(|_| schema["items"].is_object()) {
            self.check(&schema["items"], item, &format!("{at}/{index}"), found);
        }
    }
}

fn is_of(value: &Value, kind: &Value) -> bool {
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => value.is_null(),
    };
    match kind {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is),
        _ => kind.as_str().is_none_or(is),
    }
}

/// Fails where `value` is not what `docs/schema/NAME.schema.json` says.
pub(crate) fn conforms(name: &str, value: &Value) {
    let path = crate::support::root().join(format!("docs/schema/{name}.schema.json"));
    let schema = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(violations(&schema, value), [] as [&str; 0], "{name}: {value:#}");
}

#[test]
fn what_is_wrong_is_told() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": {"a": {"$ref": "#/definitions/n"}}, "definitions": {"n": {"type": "integer", "minimum": 1}},
    });
    assert_eq!(violations(&schema, &serde_json::json!({"a": 1})), [] as [&str; 0]);
    assert_eq!(violations(&schema, &serde_json::json!({"a": 0})), ["/a: is under 1"]);
    assert_eq!(violations(&schema, &serde_json::json!({"b": 0})), [": lacks a", "/b: is not known"]);
}
