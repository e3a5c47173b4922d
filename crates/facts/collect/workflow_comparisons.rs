//! Comparisons of workflows that no value makes true: a text with a boolean.
//!
//! Outputs, variables and secrets are texts. Compared with a boolean both become numbers, and `'true'` becomes none.
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators>.

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

/// Whether the workflow gives what is compared the text `1`, which is the number that `true` is.
#[must_use]
pub(super) fn may_be_one(text: &str, comparison: &str) -> bool {
    let operands = comparison.split([' ', '=', '!']).filter(|operand| operand.contains('.'));
    operands.into_iter().filter_map(|operand| operand.rsplit('.').next()).any(|name| {
        let after = text.match_indices(name).filter_map(|(at, _)| text.get(at + name.len()..));
        let given = after.filter_map(|after| after.strip_prefix('=').or_else(|| after.strip_prefix(':')));
        let mut values = given.map(|value| value.trim_start_matches([' ', '"', '\'']));
        values.any(|value| {
            let next = value.strip_prefix('1').map(|rest| rest.chars().next());
            next.is_some_and(|next| !next.is_some_and(|letter| letter.is_alphanumeric() || letter == '.'))
        })
    })
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
    use super::{impossible, may_be_one};

    #[test]
    fn the_text_of_the_number_is_true() {
        for text in ["run: echo \"b=1\" >> \"$GITHUB_OUTPUT\"", "env: {b: '1'}", "b: 1\n"] {
            assert!(may_be_one(text, "steps.a.outputs.b == true"), "{text}");
        }
        assert!(!may_be_one("b: 10", "env.b == true") && !may_be_one("b: true", "env.b == true"));
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
