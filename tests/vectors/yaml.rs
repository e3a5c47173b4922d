//! The YAML test suite.

use regex::Regex;
use serde_json::Value;
use syntax::yaml::{Budget, Node, NodeKind, Scalar, Schema, Stream, Style, View, parse};

use super::Suite;
use super::case::{Answer, field, flag, same, text};

pub(super) const SUITES: &[Suite] =
    &[Suite { name: "yaml_test_suite", judge: stream, least: 0.98, columns: &[] }];

/// Whether a text is refused as it must be, and what one that is accepted holds.
fn stream(case: &Value) -> Result<Answer, String> {
    let parsed = parse(text(case, "yaml")?);
    if flag(case, "should_error")? {
        return if parsed.errors.is_empty() { Err("is accepted".to_owned()) } else { Ok(Answer::Agrees) };
    }
    same("errors", parsed.errors, Vec::new())?;
    same("events", events(&parsed.tree), wanted_events(text(case, "events")?))?;
    // The suite gives values where JSON has them.
    if let Some(wanted) = field(case, "docs")?.as_array() {
        same("values", &values(&parsed.tree, Schema::Core), wanted)?;
    }
    Ok(Answer::Agrees)
}

/// The suite's events without tags, styles of collections and the marks between documents.
fn wanted_events(events: &str) -> Vec<String> {
    let left_out =
        Regex::new(r"^(\+DOC) ---$|^(\+(?:MAP|SEQ)|=VAL)(?: \{\}| \[\])?( &\S+)?(?: <[^>]*>)?").unwrap();
    let kept = events.lines().filter(|line| !line.starts_with("-DOC") && !line.ends_with("STR"));
    kept.map(|line| left_out.replace(line, "$1$2$3").into_owned()).collect()
}

fn events(stream: &Stream) -> Vec<String> {
    let mut events = Vec::new();
    for document in &stream.documents {
        events.push("+DOC".to_owned());
        add_events(&document.root, &mut events);
    }
    events
}

fn add_events(node: &Node, events: &mut Vec<String>) {
    let anchor = node.anchor.as_ref().map_or(String::new(), |anchor| format!(" &{}", anchor.value));
    match &node.kind {
        NodeKind::Scalar { value, style } => {
            events.push(format!("=VAL{anchor} {}{}", mark(*style), escaped(value)))
        }
        NodeKind::Null => events.push(format!("=VAL{anchor} :")),
        NodeKind::Template(written) => events.push(format!("a template: {written}")),
        NodeKind::Alias { name, .. } => events.push(format!("=ALI *{name}")),
        NodeKind::Sequence(items) => {
            events.push(format!("+SEQ{anchor}"));
            items.iter().for_each(|item| add_events(item, events));
            events.push("-SEQ".to_owned());
        }
        NodeKind::Mapping(entries) => {
            events.push(format!("+MAP{anchor}"));
            entries.iter().flat_map(|(key, value)| [key, value]).for_each(|node| add_events(node, events));
            events.push("-MAP".to_owned());
        }
    }
}

const fn mark(style: Style) -> char {
    match style {
        Style::Plain => ':',
        Style::SingleQuoted => '\'',
        Style::DoubleQuoted => '"',
        Style::Literal => '|',
        Style::Folded => '>',
    }
}

fn escaped(value: &str) -> String {
    let escapes = [('\\', "\\\\"), ('\0', "\\0"), ('\u{7}', "\\a"), ('\u{8}', "\\b"), ('\u{1b}', "\\e")];
    let escapes = escapes.into_iter().chain([('\n', "\\n"), ('\r', "\\r"), ('\t', "\\t")]);
    escapes.fold(value.to_owned(), |text, (letter, escape)| text.replace(letter, escape))
}

/// The documents of a stream as JSON.
pub(super) fn values(stream: &Stream, schema: Schema) -> Vec<Value> {
    let budget = Budget::default();
    stream.documents.iter().map(|document| value(document.view(&budget), schema)).collect()
}

fn value(view: View<'_>, schema: Schema) -> Value {
    match &view.node().kind {
        NodeKind::Sequence(_) => view.items().into_iter().map(|item| value(item, schema)).collect(),
        NodeKind::Mapping(_) => {
            let entry = |(key, of): (View<'_>, View<'_>)| {
                (key.as_str().unwrap_or_default().to_owned(), value(of, schema))
            };
            let mut entries: Vec<_> = view.entries().into_iter().map(entry).collect();
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            entries.into_iter().collect()
        }
        _ => match view.scalar_type(schema) {
            None | Some(Scalar::Null) => Value::Null,
            Some(Scalar::Bool(is_on)) => is_on.into(),
            Some(Scalar::Int(whole)) => i64::try_from(whole).map_or(Value::Null, Value::from),
            Some(Scalar::Float(number)) => number.into(),
            Some(Scalar::Timestamp(text) | Scalar::Str(text)) => text.into(),
        },
    }
}
