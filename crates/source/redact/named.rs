//! Values that follow the name of a secret.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{is_hidden_name, is_reference};

/// A place where a value follows its name. Only the name is matched, so that what is no secret costs no more than its
/// own length, however long the line is.
struct Form {
    /// Group 1 is the name; the value begins where the match ends.
    head: Regex,
    value: Value,
}

/// How far a value without quotes goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    /// To the end of its line.
    Line,
    /// To the end of its line, of which it has all, without a colon.
    WholeLine,
    /// To the next blank.
    Word,
    /// Only a quoted one counts.
    Quoted,
}

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let name = r"([A-Za-z_][A-Za-z0-9_.\-]*)";
    let forms = [
        // NAME=value, name: value, "NAME": "value", name = "value"
        (format!(r#"{name}["']?[ \t]*(?::[ \t]|=>|:?=|":)[ \t]*"#), Value::Line),
        // name: on one line, its value alone on the next
        (format!(r#"{name}["']?:[ \t]*\r?\n[ \t]+"#), Value::WholeLine),
        // ENV NAME value
        (format!(r"(?mi)^[ \t]*(?:ENV|ARG)[ \t]+{name}[ \t]+"), Value::Line),
        // --name value
        (format!(r"--{name}[ \t]+"), Value::Word),
        // getenv("NAME", "value"), ["--name", "value"]
        (format!(r#"["']-*{name}["'][ \t]*,[ \t]*"#), Value::Quoted),
        // name: NAME, and value: secret on the next line, as in Kubernetes files and Terraform
        (
            format!(
                r#"(?m)\bname["']?[ \t]*[:=][ \t]*["']?{name}["']?,?[ \t]*\r?\n[ \t]*["']?value["']?[ \t]*[:=][ \t]*"#
            ),
            Value::Line,
        ),
    ];
    let form = |(head, value): (String, Value)| Some(Form { head: Regex::new(&head).ok()?, value });
    forms.into_iter().filter_map(form).collect()
});

/// The values of all secrets that the text names.
pub(super) fn ranges(text: &str) -> Vec<Range<usize>> {
    ranges_of(text, &is_hidden_name)
}

/// The same in a sentence, where a value between backquotes ends with them.
pub(super) fn ranges_in_prose(text: &str) -> Vec<Range<usize>> {
    FORMS.iter().flat_map(|form| form.ranges(text, &is_hidden_name, true)).collect()
}

/// The values of all names in the text that `is_hidden` answers for.
pub(super) fn ranges_of(text: &str, is_hidden: &dyn Fn(&str) -> bool) -> Vec<Range<usize>> {
    FORMS.iter().flat_map(|form| form.ranges(text, is_hidden, false)).collect()
}

impl Form {
    fn ranges(&self, text: &str, is_hidden: &dyn Fn(&str) -> bool, is_prose: bool) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut at = 0;
        let mut code = Code::default();
        while let Some(found) = self.head.captures_at(text, at) {
            let (Some(head), Some(name)) = (found.get(0), found.get(1)) else { break };
            // The value may hold further names: `ENV A=1 API_KEY=x`, `--set-env-vars=API_KEY=x`.
            at = head.end();
            // A flag's value is one word: `--token=x --image y`.
            let is_flag = text.get(..name.start()).is_some_and(|before| before.ends_with("--"));
            let form = if is_flag && self.value == Value::Line { Value::Word } else { self.value };
            if is_hidden(name.as_str())
                && let Some(mut value) = form.range(text, head.end())
            {
                if is_prose && code.holds(text, head.start()) {
                    value.end = code_end(text, value.clone());
                }
                at = value.end.max(at);
                let written = text.get(value.clone()).unwrap_or("");
                if !is_reference(written) && !names_a_secret(name.as_str(), written) {
                    ranges.push(value);
                }
            }
        }
        ranges
    }
}

/// How many backquotes stand before a place that only moves on.
#[derive(Default)]
struct Code {
    at: usize,
    is_open: bool,
}

impl Code {
    /// Whether a place lies between backquotes.
    fn holds(&mut self, text: &str, at: usize) -> bool {
        let passed = text.get(self.at..at).unwrap_or("");
        self.is_open ^= passed.matches('`').count() % 2 == 1;
        self.at = at;
        self.is_open
    }
}

/// Where a value between backquotes ends: before the one that no letter follows.
fn code_end(text: &str, value: Range<usize>) -> usize {
    let written = text.get(value.clone()).unwrap_or("");
    let mut closing = written.match_indices('`').map(|(at, _)| value.start + at);
    let closes =
        |at: &usize| text.get(at + 1..).is_some_and(|after| !after.starts_with(char::is_alphanumeric));
    closing.find(closes).unwrap_or(value.end)
}

/// Whether what stands after such a name is the name of a secret, which everybody may know, and not its value: `secret_id`
/// and `--secret` of Google Cloud, `--secret id=…` of Docker, lists under `secrets:`, `secrets: inherit`.
pub(super) fn names_a_secret(key: &str, value: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('-', "_");
    let value = value.trim();
    let is_name = |name: &str| {
        let name = name.trim().trim_matches(['"', '\'']);
        name.contains(['-', '_'])
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte))
    };
    match key.as_str() {
        "set_secrets" | "update_secrets" | "remove_secrets" => {
            value.split(',').all(|one| !one.contains("://"))
        }
        "secret" => is_name(value) || value.starts_with("id=") || value.starts_with("type="),
        "secret_id" => is_name(value),
        "secrets" => {
            let listed = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            value == "inherit" || listed.is_some_and(|names| names.split(',').all(is_name))
        }
        _ => false,
    }
}

impl Value {
    /// The value that begins at `start`; `None` where none does.
    fn range(self, text: &str, start: usize) -> Option<Range<usize>> {
        let rest = text.get(start..)?;
        let first = rest.chars().next()?;
        if let '"' | '\'' = first {
            let end = start + quoted_length(rest, first);
            let line_goes_on = || text.get(end..).is_some_and(|after| !after.starts_with(['\n', '\r']));
            let is_more = self == Self::WholeLine && end < text.len() && line_goes_on();
            return (!is_more).then_some(start + 1..end);
        }
        let line = rest.split('\n').next().unwrap_or(rest).trim_end();
        let length = match self {
            Self::Line => line.len(),
            Self::WholeLine if !line.contains(':') && first != '-' => line.len(),
            Self::Word if !matches!(first, '-' | '&' | '|' | ';' | '>' | '<') => {
                line.find(char::is_whitespace).unwrap_or(line.len())
            }
            Self::WholeLine | Self::Word | Self::Quoted => return None,
        };
        (length > 0 && first != ',').then(|| start..end_of_value(text, start, start + length))
    }
}

/// Length of a quoted value, over lines too, with what is glued to its end; the rest of the text where it is not closed.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    let closes = |(_, character): &(usize, char)| {
        let closes = *character == quote && !escaped;
        escaped = quote == '"' && *character == '\\' && !escaped;
        closes
    };
    let Some((end, _)) = rest.char_indices().skip(1).find(closes) else { return rest.len() };
    let after = rest.get(end + 1..).unwrap_or("");
    let ends =
        |character: char| character.is_whitespace() || matches!(character, ',' | ';' | ')' | '}' | ']');
    let glued = after.find(ends).unwrap_or(after.len());
    if glued == 0 { end } else { end + 1 + glued }
}

/// Where a value ends that may go on over the next lines: a block scalar of YAML, a heredoc of Terraform.
fn end_of_value(text: &str, start: usize, end: usize) -> usize {
    let value = text.get(start..end).unwrap_or("").trim_end();
    let rest = text.get(start..).unwrap_or("");
    if value.starts_with(['|', '>']) {
        let before = text.get(..start).unwrap_or("");
        let line = before.rsplit('\n').next().unwrap_or("");
        let indent = line.len() - line.trim_start().len();
        let block = rest.split_inclusive('\n').skip(1);
        let inside = |line: &&str| line.trim().is_empty() || line.len() - line.trim_start().len() > indent;
        let first = rest.split_inclusive('\n').next().map_or(0, str::len);
        return start + first + block.take_while(inside).map(str::len).sum::<usize>();
    }
    if let Some(marker) = value.strip_prefix("<<") {
        let marker = marker.trim_start_matches('-').trim();
        let inside = rest.split_inclusive('\n').take_while(|line| line.trim() != marker);
        return start + inside.map(str::len).sum::<usize>();
    }
    start + value.len()
}
