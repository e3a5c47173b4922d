//! Comparisons of workflows that no value makes true: a text with a boolean.
//!
//! Outputs, variables and secrets are texts. Compared with a boolean both become numbers, and `'true'` becomes none.
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators>.

use std::collections::BTreeSet;

/// The comparisons of an expression, each as written: `steps.x.outputs.y == true`.
#[must_use]
pub(super) fn impossible(expression: &str) -> Vec<String> {
    let mut found = Vec::new();
    for operator in ["==", "!="] {
        for (at, _) in expression.match_indices(operator) {
            let (before, after) =
                (expression.get(..at).unwrap_or(""), expression.get(at + 2..).unwrap_or(""));
            let (left, right) = (last_operand(before), first_operand(after));
            let is_one = is_text(left) && is_boolean(right) || is_boolean(left) && is_text(right);
            // Quotes before it that are still open hold a text.
            if is_one && before.matches('\'').count() % 2 == 0 {
                found.push(format!("{left} {operator} {right}"));
            }
        }
    }
    found
}

/// The names to which a workflow gives the text `1`, which is the number that `true` is: `changed=1`, `CHANGED: '1'`.
#[must_use]
pub(super) fn names_of_one(text: &str) -> BTreeSet<&str> {
    let is_one = |value: &str| {
        let rest = value.trim_start_matches([' ', '"', '\'']).strip_prefix('1');
        rest.is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '.'))
    };
    let given = text.match_indices(['=', ':']).filter(|(at, _)| text.get(at + 1..).is_some_and(is_one));
    let names = given.filter_map(|(at, _)| {
        let before = text.get(..at)?;
        let start = before.rfind(|letter: char| !is_of_name(letter)).map_or(0, |start| start + 1);
        before.get(start..)
    });
    names.collect()
}

/// Whether one of the operands of a comparison has one of these names.
#[must_use]
pub(super) fn may_be_one(names: &BTreeSet<&str>, comparison: &str) -> bool {
    let operands = comparison.split([' ', '=', '!']).filter(|operand| operand.contains('.'));
    operands.into_iter().filter_map(|operand| operand.rsplit('.').next()).any(|name| names.contains(name))
}

const fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')
}

fn is_operand(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '*' | '[' | ']' | '\'' | '(' | ')')
}

fn last_operand(text: &str) -> &str {
    let text = text.trim_end();
    let start = text.rfind(|letter: char| !is_operand(letter)).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or("").trim_start_matches('(')
}

fn first_operand(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|letter: char| !is_operand(letter)).unwrap_or(text.len());
    text.get(..end).unwrap_or("").trim_end_matches(')')
}

/// Only `true`: an empty text and `false` are both 0, which many rely on.
fn is_boolean(operand: &str) -> bool {
    operand == "true"
}

/// Whether the platform gives this as a text, whatever made it. The inputs of a workflow have types.
fn is_text(operand: &str) -> bool {
    let parts: Vec<&str> = operand.split('.').collect();
    let is_plain =
        operand.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'));
    is_plain
        && matches!(
            parts.as_slice(),
            ["steps" | "needs" | "jobs", _, "outputs", _]
                | ["env" | "vars" | "secrets", _]
                | ["github", "event", "inputs", _]
        )
}

#[cfg(test)]
mod tests {
    use super::{impossible, may_be_one, names_of_one};

    #[test]
    fn the_text_of_the_number_is_true() {
        for text in ["run: echo \"b=1\" >> \"$GITHUB_OUTPUT\"", "env: {b: '1'}", "b: 1\n"] {
            assert!(may_be_one(&names_of_one(text), "steps.a.outputs.b == true"), "{text}");
        }
        for text in ["b: 10", "b: true", "ab: 1"] {
            assert!(!may_be_one(&names_of_one(text), "env.b == true"), "{text}");
        }
    }

    #[test]
    fn texts_are_no_booleans() {
        for (text, expected) in [
            ("steps.img.outputs.cache-hit == true", &["steps.img.outputs.cache-hit == true"][..]),
            ("(env.A != true) && x", &["env.A != true"]),
            ("true==needs.a.outputs.b", &["true == needs.a.outputs.b"]),
            ("github.event.inputs.dry == true || inputs.dry == true", &["github.event.inputs.dry == true"]),
            ("steps.a.outputs.b == false", &[]),
            ("steps.a.outputs.b == 'true' && fromJSON(steps.a.outputs.b) == true", &[]),
            ("matrix.push == true && 'env.A == true' == x && steps.a.outcome == true", &[]),
        ] {
            assert_eq!(impossible(text), expected, "{text}");
        }
    }
}
