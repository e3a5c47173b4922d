//! Names in the expressions of a workflow that mean nothing there: `if: main`, `if: sucess()`.
//!
//! The platform reads every expression before anything runs, and refuses the workflow at a name that it does not know.
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/expressions>.

use super::workflow_contexts::CONTEXTS;
use crate::similar::is_slip;
use crate::workflow::FlawKind;

/// The functions of expressions, which are read without regard to case.
pub(super) const FUNCTIONS: &[&str] = &[
    "always",
    "cancelled",
    "case",
    "contains",
    "endsWith",
    "failure",
    "format",
    "fromJSON",
    "hashFiles",
    "join",
    "startsWith",
    "success",
    "toJSON",
];

/// Functions of other systems that this one does not have. Source:
/// <https://learn.microsoft.com/en-us/azure/devops/pipelines/process/expressions>.
const OF_OTHERS: &[&str] = &[
    "and",
    "canceled",
    "coalesce",
    "containsvalue",
    "counter",
    "eq",
    "failed",
    "ge",
    "gt",
    "iif",
    "in",
    "le",
    "length",
    "lower",
    "lt",
    "ne",
    "not",
    "notin",
    "or",
    "replace",
    "split",
    "succeeded",
    "succeededorfailed",
    "trim",
    "upper",
    "xor",
];

/// Names that stand for a value, and the contexts of systems that read the same files.
const VALUES: &[&str] = &["false", "forgejo", "gitea", "infinity", "nan", "null", "true"];

/// The names of an expression that mean nothing, each with what it is taken for; none where it has a sign that no
/// expression has, which may be a template's.
#[must_use]
pub(super) fn unknown(expression: &str) -> Vec<(FlawKind, String)> {
    let mut found = Vec::new();
    let mut rest = expression;
    let mut is_property = false;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            // A doubled quote goes on with the text: it is read as the next one.
            rest = rest.get(1..).and_then(|text| text.split_once('\'')).map_or("", |(_, after)| after);
        } else if first.is_ascii_digit() || matches!(first, '-' | '+') {
            let is_of_number =
                |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '+');
            rest = rest.trim_start_matches(is_of_number);
        } else if first.is_ascii_alphabetic() || first == '_' {
            let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
            let after = rest.trim_start_matches(is_of_name);
            let name = rest.get(..rest.len() - after.len()).unwrap_or("");
            let kind = if is_property { None } else { judged(name, after) };
            found.extend(kind.map(|kind| (kind, name.to_owned())));
            rest = after;
        } else if first.is_ascii_whitespace() || "()[]!<>=&|,.*".contains(first) {
            rest = rest.get(1..).unwrap_or("");
        } else {
            return Vec::new();
        }
        is_property = first == '.' || (is_property && first.is_ascii_whitespace());
    }
    found
}

/// What is wrong with a name that stands for itself; what has a property is told as a context.
fn judged(name: &str, after: &str) -> Option<FlawKind> {
    let lower = name.to_ascii_lowercase();
    let after = after.trim_start();
    if after.starts_with('(') {
        let is_known = FUNCTIONS.iter().any(|known| known.eq_ignore_ascii_case(name));
        let is_near = || FUNCTIONS.iter().any(|known| is_slip(&known.to_ascii_lowercase(), &lower));
        let is_refused = !is_known && (OF_OTHERS.contains(&lower.as_str()) || is_near());
        return is_refused.then_some(FlawKind::Function);
    }
    let is_known = CONTEXTS.contains(&lower.as_str()) || VALUES.contains(&lower.as_str());
    (!is_known && !after.starts_with('.')).then_some(FlawKind::Name)
}

#[cfg(test)]
mod tests {
    use super::unknown;

    fn told(expression: &str) -> Vec<String> {
        unknown(expression).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn names_that_mean_nothing() {
        for (expression, expected) in [
            ("sucess()", "sucess"),
            ("failed() && github.ref == 'x'", "failed"),
            (" TAG ", "TAG"),
            ("github.ref_name == main", "main"),
            ("always() && !cancelled", "cancelled"),
            ("eq(github.ref, 'a')", "eq"),
            ("inputs[name]", "name"),
        ] {
            assert_eq!(told(expression), [expected], "{expression}");
        }
    }

    #[test]
    fn names_that_mean_something() {
        for expression in [
            "success() && Always() || startsWith (github.ref, 'it''s main')",
            "github.event.inputs.main == true && needs.*.result[0] == null",
            "fromJSON(toJSON(github)).main.x != 0xff + -1e3",
            "matrix['a'].b && github . ref && 1.5 > NaN",
            "case(true, 'a', 'b')",
            "somethingNew(github.ref)",
            "unknown.property",
            "{{ cookiecutter.name }} main",
            "gitea.ref",
            "",
        ] {
            assert_eq!(told(expression), [""; 0], "{expression}");
        }
    }
}
