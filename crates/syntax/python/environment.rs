//! Names of environments, and the expressions that speak of them.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{CmpOp, Expr, Stmt};

use super::literals::{dotted, items_of, words_of};

/// What environments are called. Which of them are the same is for the caller to say.
const ENVIRONMENTS: [&str; 13] = [
    "production",
    "prod",
    "prd",
    "live",
    "staging",
    "stage",
    "stg",
    "development",
    "dev",
    "local",
    "test",
    "testing",
    "preview",
];

/// Words of a name that holds an environment: `environment`, `deploy_env`.
const HOLDER_WORDS: [&str; 4] = ["env", "environment", "environ", "stage"];

/// Bytes of a text in which an environment's name is looked for; longer ones are prose.
const MAX_SPOKEN: usize = 128;
/// Expressions of a branch that are looked at for what it speaks of.
const MAX_LOOKED_AT: usize = 200;

/// Nested conditions that are looked through; deeper ones are taken to say nothing.
const MAX_NESTING: usize = 16;

/// The environment that a text names, in lower case.
pub(super) fn named(text: &str) -> Option<&'static str> {
    let text = text.trim();
    ENVIRONMENTS.into_iter().find(|name| name.eq_ignore_ascii_case(text))
}

/// The environment that a predicate's name asks for: `is_staging`, `running_in_production`.
pub(super) fn asked_by(name: &str) -> Option<&'static str> {
    let words = words_of(name);
    if words.iter().any(|word| matches!(word.as_str(), "not" | "non" | "no")) {
        return None;
    }
    let asks =
        words.first().is_some_and(|first| matches!(first.as_str(), "is" | "in" | "on" | "running" | "am"));
    let mut found = words.iter().enumerate().filter_map(|(at, word)| Some((at, named(word)?)));
    let (at, environment) = found.next()?;
    let rest = words.get(at + 1..).unwrap_or_default();
    let last = rest.iter().all(|word| matches!(word.as_str(), "env" | "environment" | "mode"));
    (asks && found.next().is_none() && last).then_some(environment)
}

/// The environments that a text has as whole words: `use_staging_secrets`, `-staging`.
pub(super) fn spoken_of(text: &str) -> impl Iterator<Item = &'static str> + use<> {
    let words = if text.len() <= MAX_SPOKEN { words_of(text) } else { Vec::new() };
    words.into_iter().filter_map(|word| named(&word))
}

/// Whether two names are those of one environment.
pub(super) fn same(one: &str, other: &str) -> bool {
    let short = |name| match name {
        "production" | "prd" => "prod",
        "staging" | "stage" => "stg",
        "development" => "dev",
        "testing" => "test",
        _ => name,
    };
    short(one) == short(other)
}

/// Whether a name is made to hold an environment's name.
pub(super) fn holds_environment(name: &str) -> bool {
    words_of(name).iter().any(|word| HOLDER_WORDS.contains(&word.as_str()))
}

/// The environment that an expression is: `"staging"`, `Environment.STAGING`, `Environment.STAGING.value`.
pub(super) fn stated(expr: &Expr) -> Option<&'static str> {
    match expr {
        Expr::StringLiteral(literal) => named(literal.value.to_str()),
        Expr::Attribute(attribute) if attribute.attr.as_str() == "value" => member(&attribute.value),
        _ => member(expr),
    }
}

/// Whether an expression is a member of an enumeration of environments.
pub(super) fn is_member(expr: &Expr) -> bool {
    matches!(expr, Expr::Attribute(_)) && stated(expr).is_some()
}

fn member(expr: &Expr) -> Option<&'static str> {
    let Expr::Attribute(attribute) = expr else { return None };
    let holder = dotted(&attribute.value)?;
    let class = holder.rsplit('.').next()?;
    (class.starts_with(char::is_uppercase) && holds_environment(class))
        .then(|| named(&attribute.attr))
        .flatten()
}

/// The environment that an expression asks for: `x == "staging"`, `is_staging`, `self.is_staging()`.
pub(super) fn compared(expr: &Expr) -> Option<&'static str> {
    match expr {
        Expr::Compare(compare) => match (&*compare.ops, &*compare.comparators) {
            ([CmpOp::Eq | CmpOp::Is], [right]) => stated(right).or_else(|| stated(&compare.left)),
            ([CmpOp::In], [right]) => match items_of(right)? {
                [only] => stated(only),
                _ => None,
            },
            _ => None,
        },
        Expr::Call(call) => asked_by(last_name(&call.func)?),
        Expr::Name(_) | Expr::Attribute(_) => asked_by(last_name(expr)?),
        _ => None,
    }
}

fn last_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}

/// Whether a condition looks at which environment this is, in any part of it.
pub(super) fn mentions_environment(test: &Expr) -> bool {
    mentions(test, 0)
}

fn mentions(expr: &Expr, depth: usize) -> bool {
    if depth > MAX_NESTING {
        return false;
    }
    let inner = |expr: &Expr| mentions(expr, depth + 1);
    match expr {
        Expr::BoolOp(boolean) => boolean.values.iter().any(inner),
        Expr::UnaryOp(not) => inner(&not.operand),
        Expr::Named(named) => inner(&named.value),
        Expr::Compare(compare) => {
            std::iter::once(&*compare.left).chain(&*compare.comparators).any(speaks_of_environment)
        }
        Expr::Call(call) => {
            compared(expr).is_some()
                || call
                    .arguments
                    .args
                    .iter()
                    .any(|argument| speaks_of_environment(argument) || inner(argument))
        }
        Expr::Generator(generator) => inner(&generator.elt),
        _ => compared(expr).is_some(),
    }
}

/// A literal with an environment's name in it (`"-staging"`), or a list with such a one.
fn speaks_of_environment(expr: &Expr) -> bool {
    let speaks = |expr: &Expr| match expr {
        Expr::StringLiteral(literal) => spoken_of(literal.value.to_str()).next().is_some(),
        _ => stated(expr).is_some(),
    };
    speaks(expr) || items_of(expr).is_some_and(|items| items.iter().any(speaks))
}

/// The environments that the literals of an expression speak of, near its beginning.
pub(super) fn spoken_in(expr: &Expr) -> Vec<&'static str> {
    let mut spoken = Spoken::default();
    spoken.visit_expr(expr);
    spoken.found
}

/// The environments that the literals of a branch speak of, near its beginning.
pub(super) fn spoken_in_body(body: &[Stmt]) -> Vec<&'static str> {
    let mut spoken = Spoken::default();
    spoken.visit_body(body);
    spoken.found
}

/// Looks at so many expressions, then stops.
#[derive(Default)]
struct Spoken {
    found: Vec<&'static str>,
    looked_at: usize,
}

impl Visitor<'_> for Spoken {
    fn visit_stmt(&mut self, stmt: &Stmt) {
        if self.looked_at < MAX_LOOKED_AT {
            visitor::walk_stmt(self, stmt);
        }
    }

    fn visit_expr(&mut self, expr: &Expr) {
        self.looked_at += 1;
        if self.looked_at >= MAX_LOOKED_AT {
            return;
        }
        match expr {
            Expr::StringLiteral(literal) => self.found.extend(spoken_of(literal.value.to_str())),
            Expr::FString(string) => {
                let literals = string.value.elements().filter_map(|element| element.as_literal());
                self.found.extend(literals.take(MAX_LOOKED_AT).flat_map(|literal| spoken_of(literal)));
            }
            _ => self.found.extend(member(expr)),
        }
        visitor::walk_expr(self, expr);
    }
}

/// What a branch answers without a further condition: the environment it returns, or stores where one is held.
///
/// `asks_for` is what the function's name asks for, which `return True` answers.
pub(super) fn answered(body: &[Stmt], asks_for: Option<&'static str>) -> Option<&'static str> {
    for stmt in body {
        match stmt {
            Stmt::Return(returned) => {
                return returned.value.as_deref().and_then(|value| answer(value, asks_for));
            }
            Stmt::Assign(assign) => {
                let stored = assign.targets.iter().find_map(|target| stored_in(target, &assign.value));
                if stored.is_some() {
                    return stored;
                }
            }
            Stmt::AnnAssign(assign) => {
                let stored = assign.value.as_deref().and_then(|value| stored_in(&assign.target, value));
                if stored.is_some() {
                    return stored;
                }
            }
            // What follows a further decision is no longer decided by the first one alone.
            Stmt::If(_) | Stmt::Match(_) | Stmt::Try(_) | Stmt::For(_) | Stmt::While(_) | Stmt::Raise(_) => {
                return None;
            }
            _ => {}
        }
    }
    None
}

fn answer(value: &Expr, asks_for: Option<&'static str>) -> Option<&'static str> {
    match value {
        Expr::BooleanLiteral(literal) if literal.value => asks_for,
        _ => stated(value),
    }
}

fn stored_in(target: &Expr, value: &Expr) -> Option<&'static str> {
    let name = match target {
        Expr::Subscript(subscript) => match &*subscript.slice {
            Expr::StringLiteral(key) => key.value.to_str().to_owned(),
            _ => return None,
        },
        _ => last_name(target)?.to_owned(),
    };
    match value {
        Expr::BooleanLiteral(literal) if literal.value => asked_by(&name),
        _ if holds_environment(&name) => stated(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predicates_ask_for_one_environment() {
        assert_eq!(asked_by("is_staging"), Some("staging"));
        assert_eq!(asked_by("_is_production_env"), Some("production"));
        assert_eq!(asked_by("isProduction"), Some("production"));
        assert_eq!(asked_by("running_in_prod"), Some("prod"));
        assert_eq!(asked_by("is_stg_mode"), Some("stg"));
        for other in [
            "is_cloud_run",
            "is_not_production",
            "is_dev_or_test",
            "is_production_ready",
            "staging_environment",
            "test_env",
        ] {
            assert_eq!(asked_by(other), None, "{other}");
        }
    }

    #[test]
    fn environments_are_whole_names() {
        assert_eq!(named("Staging"), Some("staging"));
        assert_eq!(named("restaging"), None);
        assert_eq!(named("product-catalog"), None);
    }
}
