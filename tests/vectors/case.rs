//! The cases of a file, and their fields: one that is missing is a missed case, not a panic.

use std::fmt::Debug;

use serde_json::Value;

/// How a case was answered, where nothing differs.
pub(super) enum Answer {
    /// As the real tool did.
    Agrees,
    /// The case asks nothing of this reader.
    NotAsked,
}

/// How many characters of a reason are shown.
const SHOWN: usize = 400;

/// The cases of a file with their ids, without the line that tells where they come from.
pub(super) fn read(text: &str) -> Vec<(String, Result<Value, String>)> {
    let cases = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(index, line)| {
        let case = parsed(line);
        let id = case.as_ref().ok().and_then(|case| case["id"].as_str()).map(str::to_owned);
        (id.unwrap_or_else(|| format!("line {}", index + 1)), case)
    });
    cases.filter(|(_, case)| case.as_ref().map_or(true, |case| case.get("_meta").is_none())).collect()
}

/// Some answers are numbers of hundreds of digits, more than the JSON reader of the tests takes.
fn parsed(line: &str) -> Result<Value, String> {
    serde_json::from_str(line).or_else(|error| {
        let shorter = line.replace(&"0".repeat(100), "");
        serde_json::from_str(&shorter).map_err(|_| format!("is no JSON: {error}"))
    })
}

/// A reason, on one line and not too long.
pub(super) fn shortened(why: &str) -> String {
    let mut letters = why.chars().map(|letter| if letter == '\n' { '⏎' } else { letter });
    let shown: String = letters.by_ref().take(SHOWN).collect();
    if letters.next().is_some() { shown + "…" } else { shown }
}

/// A field that must be there; it may be null.
pub(super) fn field<'c>(case: &'c Value, name: &str) -> Result<&'c Value, String> {
    case.get(name).ok_or_else(|| format!("the case has no `{name}`"))
}

/// A string.
pub(super) fn text<'c>(case: &'c Value, name: &str) -> Result<&'c str, String> {
    field(case, name)?.as_str().ok_or_else(|| format!("`{name}` of the case is no string"))
}

/// A number of lines, bytes and the like.
pub(super) fn number(case: &Value, name: &str) -> Result<u64, String> {
    field(case, name)?.as_u64().ok_or_else(|| format!("`{name}` of the case is no whole number"))
}

/// True or false.
pub(super) fn flag(case: &Value, name: &str) -> Result<bool, String> {
    field(case, name)?.as_bool().ok_or_else(|| format!("`{name}` of the case is neither true nor false"))
}

/// A list of strings.
pub(super) fn texts(case: &Value, name: &str) -> Result<Vec<String>, String> {
    strings(field(case, name)?).ok_or_else(|| format!("`{name}` of the case is no list of strings"))
}

/// The strings of a list; `None` where it is no list of strings.
pub(super) fn strings(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

/// The items of a list; none where it is null or left out.
pub(super) fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// `Err` where two things differ, with both of them.
#[expect(clippy::needless_pass_by_value, reason = "most are made for the call")]
pub(super) fn same<T: PartialEq + Debug>(what: &str, have: T, want: T) -> Result<(), String> {
    if have == want { Ok(()) } else { Err(format!("{what}: {have:?}, not {want:?}")) }
}
