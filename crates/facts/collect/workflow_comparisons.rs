//! Comparisons of workflows that no value makes true.
//!
//! Outputs, variables and secrets are texts. Compared with a boolean both become numbers, and `'true'` becomes none.
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators>.

use std::collections::BTreeSet;

use crate::workflow::FlawKind;

/// What jobs and steps end with. Source:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#needs-context>.
const RESULTS: &[&str] = &["cancelled", "failure", "skipped", "success"];

/// What check runs end with besides: who asks for these as well only wants to be complete. Source:
/// <https://docs.github.com/en/rest/checks/runs>.
const OF_CHECKS: &[&str] = &["action_required", "neutral", "stale", "startup_failure", "timed_out"];

/// The comparisons of an expression, each as written: `steps.x.outputs.y == true`. `booleans` are the inputs that are
/// booleans, in lower case.
#[must_use]
pub(super) fn impossible(expression: &str, booleans: &BTreeSet<String>) -> Vec<(FlawKind, String)> {
    let mut found = Vec::new();
    for operator in ["==", "!="] {
        for (at, _) in expression.match_indices(operator) {
            let (before, after) =
                (expression.get(..at).unwrap_or(""), expression.get(at + 2..).unwrap_or(""));
            let (left, right) = (last_operand(before), first_operand(after));
            // Quotes before it that are still open hold a text.
            if before.matches('\'').count() % 2 != 0 {
                continue;
            }
            if is_negated(before, left) && is_word(right) {
                found.push((FlawKind::Negated, format!("!{left} {operator} {right}")));
                continue;
            }
            let kind = judged(left, right, booleans).or_else(|| judged(right, left, booleans));
            found.extend(kind.map(|kind| (kind, format!("{left} {operator} {right}"))));
        }
    }
    found.extend(contained(expression).map(|written| (FlawKind::Result, written)));
    found.extend(asked_of_references(expression));
    found
}

fn judged(one: &str, other: &str, booleans: &BTreeSet<String>) -> Option<FlawKind> {
    if is_text(one) && is_boolean(other) {
        return Some(FlawKind::Comparison);
    }
    let literal = other.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''))?;
    let is_input = || {
        let lower = one.to_ascii_lowercase();
        lower.strip_prefix("inputs.").is_some_and(|name| booleans.contains(name))
    };
    if matches!(literal, "true" | "false") && is_input() {
        return Some(FlawKind::BooleanInput);
    }
    if is_pattern_of(one, literal) {
        return Some(FlawKind::GitPattern);
    }
    if is_never_called(one, literal) {
        return Some(FlawKind::GitReference);
    }
    (is_result(one) && is_no_result(literal)).then_some(FlawKind::Result)
}

/// Whether `!` stands before the left side of a comparison: it binds more tightly, and makes a boolean of that alone.
fn is_negated(before: &str, left: &str) -> bool {
    let rest = before.trim_end().strip_suffix(left).unwrap_or("").trim_end();
    !left.is_empty() && rest.ends_with('!')
}

/// Whether a literal is a text that is no number, with which no boolean is equal.
fn is_word(operand: &str) -> bool {
    let literal = operand.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    literal.is_some_and(|text| text.starts_with(|letter: char| letter.is_ascii_alphabetic()))
}

/// Whether a Git reference of the platform never is this: `github.ref` is whole, the others are short. Source:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context>.
#[must_use]
pub(super) fn is_never_called(operand: &str, literal: &str) -> bool {
    let is_whole = WHOLE.iter().any(|start| literal.starts_with(start));
    match operand {
        "github.ref" | "github.event.ref" => !literal.is_empty() && !is_whole,
        _ => SHORT.contains(&operand) && is_whole,
    }
}

/// How the whole name of a Git reference begins.
const WHOLE: &[&str] = &["refs/heads/", "refs/tags/", "refs/pull/"];

/// What gives the short name of a Git reference. Sources: the documentation of the context `github`, and
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads>.
const SHORT: &[&str] = &[
    "github.base_ref",
    "github.event.pull_request.base.ref",
    "github.event.pull_request.head.ref",
    "github.event.release.tag_name",
    "github.event.workflow_run.head_branch",
    "github.head_ref",
    "github.ref_name",
];

/// Whether a Git reference is compared with a pattern: none has such a letter in its name. Source:
/// <https://git-scm.com/docs/git-check-ref-format>.
#[must_use]
pub(super) fn is_pattern_of(operand: &str, literal: &str) -> bool {
    let is_reference = matches!(operand, "github.ref" | "github.event.ref") || SHORT.contains(&operand);
    is_reference && literal.contains(['*', '?', '['])
}

/// `startsWith(github.ref, 'refs/heads/release/*')`: a Git reference is asked for a part that none has.
fn asked_of_references(expression: &str) -> Vec<(FlawKind, String)> {
    const CALLS: &[&str] = &["contains(", "endswith(", "startswith("];
    let lower = expression.to_ascii_lowercase();
    let starts = CALLS.iter().flat_map(|call| lower.match_indices(call));
    let found = starts.filter_map(|(at, call)| {
        let before = expression.get(..at).filter(|before| before.matches('\'').count() % 2 == 0)?;
        let inside = expression.get(at + call.len()..)?;
        let (operand, rest) = inside.split_once(',')?;
        let (literal, after) = rest.trim_start().strip_prefix('\'')?.split_once('\'')?;
        let end = after.trim_start().strip_prefix(')')?;
        let is_whole_name = !before.ends_with(is_of_name);
        let written = expression.get(at..expression.len() - end.len())?.to_owned();
        let kind = match (is_pattern_of(operand.trim(), literal), call) {
            (true, _) => FlawKind::GitPattern,
            (false, "startswith(") if begins_otherwise(operand.trim(), literal) => FlawKind::GitReference,
            _ => return None,
        };
        is_whole_name.then_some((kind, written))
    });
    found.collect()
}

/// Whether no Git reference of this kind begins so, in part or as a whole.
fn begins_otherwise(operand: &str, literal: &str) -> bool {
    let may_be_whole = || WHOLE.iter().any(|start| literal.starts_with(start) || start.starts_with(literal));
    match operand {
        "github.ref" | "github.event.ref" => !may_be_whole(),
        _ => is_never_called(operand, literal),
    }
}

/// `contains(needs.*.result, 'canceled')`
fn contained(expression: &str) -> impl Iterator<Item = String> {
    expression.match_indices("contains(").filter_map(|(at, _)| {
        let call = expression.get(at..)?;
        let written = call.get(..=call.find(')')?)?;
        let (list, item) = written.trim_start_matches("contains(").split_once(',')?;
        let literal = item.trim_end_matches(')').trim().strip_prefix('\'')?.strip_suffix('\'')?;
        let is_list = list.trim().starts_with("needs.") && list.trim().ends_with(".result");
        (is_list && is_no_result(literal)).then(|| written.to_owned())
    })
}

/// A comparison of what came before with a failure, in a condition to which the platform adds `success()`: where that came
/// out, nothing has failed. A step may go on after a failed one whose `outcome` it asks for.
///
/// Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions>.
#[must_use]
pub(super) fn after_failure(condition: &str, is_of_step: bool) -> Option<String> {
    let lower = condition.to_ascii_lowercase();
    let has_status =
        ["always(", "failure(", "cancelled(", "success("].iter().any(|call| lower.contains(call));
    if has_status || condition.contains("||") || condition.contains("!(") {
        return None;
    }
    condition.match_indices("==").find_map(|(at, _)| {
        let left = last_operand(condition.get(..at)?);
        let literal = first_operand(condition.get(at + 2..)?).strip_prefix('\'')?.strip_suffix('\'')?;
        let is_before = match left.split('.').collect::<Vec<_>>().as_slice() {
            // Its job may have been told to go on.
            ["needs", _, "result"] => !is_of_step,
            ["steps", _, "conclusion"] => is_of_step,
            _ => false,
        };
        let is_bad = matches!(literal, "failure" | "cancelled");
        (is_before && is_bad).then(|| format!("{left} == '{literal}'"))
    })
}

fn is_no_result(literal: &str) -> bool {
    !literal.is_empty() && !RESULTS.iter().chain(OF_CHECKS).any(|result| result.eq_ignore_ascii_case(literal))
}

/// Whether the platform says here how a job or a step ended.
fn is_result(operand: &str) -> bool {
    let parts: Vec<&str> = operand.split('.').collect();
    matches!(parts.as_slice(), ["needs", _, "result"] | ["steps", _, "outcome" | "conclusion"])
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
    letter.is_ascii_alphanumeric()
        || matches!(letter, '_' | '-' | '.' | '*' | '/' | '[' | ']' | '\'' | '(' | ')')
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
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let booleans = BTreeSet::from(["push".to_owned()]);
        impossible(text, &booleans).into_iter().map(|(_, written)| written).collect()
    }

    #[test]
    fn after_a_failure_nothing_runs_by_itself() {
        let found = "needs.verify.result == 'failure'";
        for condition in
            [found, "${{ needs.verify.result == 'failure' }}", "a && needs.verify.result == 'failure'"]
        {
            assert_eq!(after_failure(condition, false).as_deref(), Some(found), "{condition}");
        }
        for condition in [
            "always() && needs.verify.result == 'failure'",
            "needs.verify.result == 'failure' || inputs.force",
            "needs.verify.result == 'success'",
            "steps.a.outcome == 'failure'",
        ] {
            assert_eq!(after_failure(condition, false), None, "{condition}");
        }
    }

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
            ("github.ref == 'main' || github.ref != 'refs/tags/v1'", &["github.ref == 'main'"]),
            ("github.ref_name == 'refs/heads/main'", &["github.ref_name == 'refs/heads/main'"]),
            ("github.ref == 'refs/heads/release/*'", &["github.ref == 'refs/heads/release/*'"]),
            ("startsWith(github.ref, 'refs/tags/v*')", &["startsWith(github.ref, 'refs/tags/v*')"]),
            ("contains( github.head_ref , 'feat/*' ) && a", &["contains( github.head_ref , 'feat/*' )"]),
            ("startsWith(github.ref, 'release/')", &["startsWith(github.ref, 'release/')"]),
            ("startsWith(github.ref, 'refs/') || startsWith(github.ref_name, 'v')", &[]),
            ("contains(github.ref, 'release/') || endsWith(github.ref, '-rc') || startsWith(x, 'v*')", &[]),
            ("startsWith(github.ref, format('refs/*')) || 'contains(github.ref, ''a*'')' == x", &[]),
            ("github.event.ref == 'refs/heads/main' || github.event.ref == inputs.ref", &[]),
            ("a && !github.event_name == 'push'", &["!github.event_name == 'push'"]),
            ("!(github.event_name == 'push') && !inputs.x && 'a' != !b", &[]),
            ("matrix.push == true && 'env.A == true' == x && steps.a.outcome == true", &[]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn booleans_are_no_texts() {
        assert_eq!(found("inputs.push == 'true'"), ["inputs.push == 'true'"]);
        assert_eq!(found("inputs.push == true || inputs.tag == 'true'"), [""; 0]);
        assert_eq!(found("github.event.inputs.push == 'true'"), [""; 0]);
    }

    #[test]
    fn results_are_of_a_closed_list() {
        assert_eq!(found("needs.a.result == 'failed'"), ["needs.a.result == 'failed'"]);
        assert_eq!(found("contains(needs.*.result, 'canceled')"), ["contains(needs.*.result, 'canceled')"]);
        assert_eq!(found("contains(needs.*.result, 'cancelled') || needs.a.result != 'success'"), [""; 0]);
        assert_eq!(found("steps.a.outcome == '' || contains(needs.*.result, 'timed_out')"), [""; 0]);
    }
}
