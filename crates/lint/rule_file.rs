//! The head of a rule file, and what every rule file must have.

use std::borrow::Cow;

use source::file_name;

use crate::rule::{Head, Rule, RuleError, line_of};

/// The line before and after the head.
const FENCE: &str = "+++";

/// The headings of the body, in this order.
pub(crate) const HEADINGS: &[&str] = &[
    "What goes wrong",
    "Why it breaks a deployment",
    "What to do",
    "Fix safety",
    crate::example::FAILS,
    crate::example::PASSES,
];

/// Reads the head of a rule file.
pub(crate) fn parse(family: &str, path: &str, text: Cow<'static, str>) -> Result<Rule, RuleError> {
    let error = |offset: usize, message: String| RuleError {
        path: path.to_owned(),
        line: line_of(&text, offset),
        message,
    };
    let (head_start, head_end, body_start) = head_range(&text).ok_or_else(|| {
        error(0, "a rule file starts with its TOML head between two lines that hold only `+++`".to_owned())
    })?;
    let toml = text.get(head_start..head_end).unwrap_or("");
    let head: Head = toml::from_str(toml).map_err(|wrong| {
        let at = wrong.span().map_or(0, |span| span.start);
        error(head_start + at, wrong.message().replace('\n', " "))
    })?;
    let rule = Rule { family: family.to_owned(), path: path.to_owned(), head, text, body_start };
    name_is_right(&rule)?;
    Ok(rule)
}

/// Where the TOML of the head starts and ends, and where the body starts.
fn head_range(text: &str) -> Option<(usize, usize, usize)> {
    let mut offset = 0;
    let mut head_start = None;
    for line in text.split_inclusive('\n') {
        let end = offset + line.len();
        if line.trim_end() == FENCE {
            match head_start {
                Some(start) => return Some((start, offset, end)),
                None => head_start = Some(end),
            }
        } else if head_start.is_none() {
            return None;
        }
        offset = end;
    }
    None
}

fn name_is_right(rule: &Rule) -> Result<(), RuleError> {
    let id = rule.id();
    if !is_kebab_case(id) {
        return Err(rule.error_at(0, format!("the id `{id}` is not in kebab-case, like `localhost-url`")));
    }
    if file_name(&rule.path) != format!("{id}.md") {
        return Err(rule.error_at(0, format!("the id is `{id}`, so the file must be named `{id}.md`")));
    }
    Ok(())
}

/// Lower-case words with single hyphens between them.
fn is_kebab_case(id: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    id.starts_with(|first: char| first.is_ascii_lowercase()) && id.split('-').all(word)
}

/// Checks the body: the fixed headings are there, in their order, and the examples can be read.
pub(crate) fn validate(rule: &Rule) -> Result<(), RuleError> {
    let mut found = crate::example::headings(rule.body());
    for heading in HEADINGS {
        if !found.by_ref().any(|(name, _)| name == *heading) {
            let message = format!("the heading `## {heading}` is missing or out of order");
            return Err(rule.error_at(rule.body_start, message));
        }
    }
    if rule.examples()?.iter().all(|example| !example.fails) {
        return Err(rule.error_at(rule.body_start, "no example stands under `## Fails`"));
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{FixKind, Severity};

    pub(crate) const HEAD: &str = "+++
id = \"no-debug\"
title = \"Debugging is on\"
check = \"forbidden-value\"
severity = \"error\"
fix = \"none\"
ignorable = true

[policy]
keys = [\"DEBUG\"]
+++
";

    fn read(text: &str) -> Result<Rule, RuleError> {
        parse("bypass", "rules/bypass/no-debug.md", Cow::Owned(text.to_owned()))
    }

    #[test]
    fn a_head_is_read() {
        let rule = read(&format!("{HEAD}\nBody\n")).unwrap();
        assert_eq!(rule.id(), "no-debug");
        assert_eq!(rule.head.severity, Severity::Error);
        assert_eq!(rule.head.fix, FixKind::None);
        assert!(rule.head.policy.contains_key("keys"));
        assert_eq!(rule.body(), "Body\n");
    }

    #[test]
    fn an_error_names_the_line_of_the_file() {
        let wrong = read(&HEAD.replace("severity = \"error\"", "severity = \"fatal\"")).unwrap_err();
        assert_eq!(wrong.line, 5);
        assert!(wrong.message.contains("fatal"), "{wrong}");
        let unknown = read(&HEAD.replace("ignorable", "ignoreable")).unwrap_err();
        assert_eq!(unknown.line, 7);
        assert_eq!(read("id = 1\n").unwrap_err().line, 1);
    }

    #[test]
    fn the_id_is_the_file_name() {
        let wrong = read(&HEAD.replace("no-debug", "debug-on")).unwrap_err();
        assert!(wrong.message.contains("debug-on.md"), "{wrong}");
        assert!(read(&HEAD.replace("no-debug", "NoDebug")).unwrap_err().message.contains("kebab-case"));
    }

    #[test]
    fn the_fixed_headings_are_demanded_in_order() {
        let body: String =
            HEADINGS.iter().fold(String::new(), |body, heading| body + "\n## " + heading + "\n");
        let example = "## Fails\n\n### one\n\n`.env.staging`\n\n```sh\nDEBUG=1\n```\n\nexpect: .env.staging:1 no-debug error\n";
        let whole = format!("{HEAD}{}", body.replace("## Fails\n", example));
        assert_eq!(validate(&read(&whole).unwrap()), Ok(()));
        let missing = whole.replace("## What to do", "## What else");
        assert!(validate(&read(&missing).unwrap()).unwrap_err().message.contains("What to do"));
    }
}
