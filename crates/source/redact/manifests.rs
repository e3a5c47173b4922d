//! The values of Kubernetes Secrets, whatever their keys are called: in manifests and in Terraform.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::is_reference;

static KIND: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)(?:^|[{,])[ \t]*["']?kind["']?[ \t]*:[ \t]*["']?Secret\b"#).ok());

/// `data:` and `stringData:` with what follows on the line.
static DATA: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)(?:^|[{,])[ \t]*["']?(?:data|stringData)["']?[ \t]*:[ \t]*"#).ok());

/// A key with what is between it and its value.
static KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?:^|[{,])[ \t]*["']?[A-Za-z0-9._\-]+["']?[ \t]*:(?:[ \t]+|$)"#).ok());

/// A Secret as a resource of Terraform, up to the brace that ends it on a line of its own.
static RESOURCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?ms)^[ \t]*resource[ \t]+"?kubernetes_secret(?:_v1)?"?[ \t].*?^\}"#).ok()
});

/// The maps of such a resource.
static MAP: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?s)\b(?:binary_|string_)?data[ \t]*=[ \t]*\{(.*?)\n?[ \t]*\}").ok());

/// A value in one of them.
static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"[=:][ \t]*"([^"\n]+)""#).ok());

/// The values of all Secrets of a text.
pub(super) fn ranges(text: &str) -> Vec<Range<usize>> {
    if text.contains("kubernetes_secret") { of_resources(text) } else { of_documents(text) }
}

fn of_resources(text: &str) -> Vec<Range<usize>> {
    let (Some(resource), Some(map), Some(quoted)) = (RESOURCE.as_ref(), MAP.as_ref(), QUOTED.as_ref()) else {
        return Vec::new();
    };
    let mut ranges = Vec::new();
    for found in resource.find_iter(text) {
        for values in map.captures_iter(found.as_str()).filter_map(|captures| captures.get(1)) {
            let start = found.start() + values.start();
            let texts = quoted.captures_iter(values.as_str()).filter_map(|captures| captures.get(1));
            let texts = texts.filter(|text| !is_reference(text.as_str()));
            ranges.extend(texts.map(|text| start + text.start()..start + text.end()));
        }
    }
    ranges
}

fn of_documents(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (Some(kind), Some(data)) = (KIND.as_ref(), DATA.as_ref()) else { return ranges };
    if !text.contains("Secret") {
        return ranges;
    }
    for document in documents(text) {
        let own = text.get(document.clone()).unwrap_or("");
        if !kind.is_match(own) {
            continue;
        }
        for found in data.find_iter(own) {
            ranges.extend(values(text, document.start + found.end()));
        }
    }
    ranges
}

/// The documents of a stream of YAML.
fn documents(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" {
            found.push(start..at);
            start = at + line.len();
        }
        at += line.len();
    }
    found.push(start..text.len());
    found
}

/// What follows the keys of the mapping that begins at `start`: on the same line in braces, or on deeper lines below.
fn values(text: &str, start: usize) -> Vec<Range<usize>> {
    let Some(key) = KEY.as_ref() else { return Vec::new() };
    let rest = text.get(start..).unwrap_or("");
    if rest.starts_with('{') {
        let end = rest.find('}').map_or(rest.len(), |end| end + 1);
        let inside = rest.get(..end).unwrap_or("");
        let heads = key.find_iter(inside).map(|found| start + found.end());
        let length = |from: usize| {
            text.get(from..).map_or(0, |value| value.find([',', '}', '\n']).unwrap_or(value.len()))
        };
        return heads.map(|from| from..from + length(from)).collect();
    }
    let mut found = Vec::new();
    let mut at = start + rest.find('\n').map_or(rest.len(), |end| end + 1);
    let mut indent = None;
    for line in text.get(at..).unwrap_or("").split_inclusive('\n') {
        let content = line.trim();
        let depth = line.len() - line.trim_start().len();
        let is_blank = content.is_empty() || content.starts_with('#');
        let own = *indent.get_or_insert(if is_blank { 0 } else { depth });
        if !is_blank && (depth == 0 || depth < own) {
            break;
        }
        if is_blank && own == 0 {
            indent = None;
        }
        // A deeper line goes on with the value above it.
        let head = key.find(line).filter(|_| depth == own).map_or(depth, |found| found.end());
        found.push(at + head.min(line.len())..at + line.trim_end().len().max(head.min(line.len())));
        at += line.len();
    }
    found
}
