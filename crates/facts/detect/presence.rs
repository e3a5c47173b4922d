//! Environments that code of JavaScript and Rust concludes from a variable of a platform being there.

use syntax::decision::{
    Comparison, Expression, ExpressionKind as Kind, Function, Language, Logical, Statement, StatementKind,
    walk_functions,
};

use super::candidates::Candidate;
use super::names::Asks;
use super::platform::{PROVIDED, RUNNERS};
use super::program::Loaded;
use crate::PlatformPredicate;
use crate::environment::canonical;

/// What a candidate concludes from the presence of a platform's variable.
pub(super) fn predicates(loaded: &Loaded, candidate: &Candidate) -> Vec<PlatformPredicate> {
    if loaded.module.language == Language::Python {
        return Vec::new();
    }
    let mut found = Vec::new();
    walk_functions(&loaded.module.body, &mut |statement| match &statement.kind {
        StatementKind::Class(class) => {
            walk_functions(&class.body, &mut |member| concluded(loaded, candidate, member, &mut found));
        }
        _ => concluded(loaded, candidate, statement, &mut found),
    });
    found
}

fn concluded(
    loaded: &Loaded,
    candidate: &Candidate,
    statement: &Statement,
    found: &mut Vec<PlatformPredicate>,
) {
    let mut add = |(variable, concluded, at, is_fallback): (String, String, &Expression, bool),
                   is_function| {
        found.push(PlatformPredicate {
            variable,
            concluded,
            at: loaded.place(at.span),
            function: Some(candidate.name.clone()).filter(|_| is_function),
            is_fallback,
            droppable: None,
        });
    };
    match &statement.kind {
        StatementKind::Function(function) if function.span == candidate.span => {
            of_function(candidate, function).into_iter().for_each(|one| add(one, true));
        }
        StatementKind::Declare { target, value: Some(value), .. } if target.span == candidate.span => {
            match &value.kind {
                Kind::Function(function) => {
                    of_function(candidate, function).into_iter().for_each(|one| add(one, true));
                }
                _ => of_value(candidate, value).into_iter().for_each(|one| add(one, false)),
            }
        }
        _ => {}
    }
}

type Found<'e> = (String, String, &'e Expression, bool);

/// `return name === "staging" || process.env.K_SERVICE`, and `if (process.env.K_SERVICE) return "staging"`.
fn of_function<'e>(candidate: &Candidate, function: &'e Function) -> Vec<Found<'e>> {
    let mut found = Vec::new();
    for (index, statement) in function.body.iter().enumerate() {
        match &statement.kind {
            StatementKind::Return(Some(value)) if index == 0 => found.extend(of_value(candidate, value)),
            StatementKind::If(branches, _) => {
                let before = function.body.iter().take(index);
                let is_later = before.into_iter().any(|one| matches!(one.kind, StatementKind::If(..)));
                for (at, (test, body)) in branches.iter().enumerate() {
                    if let (Some(variable), Some(answer)) = (present(test), answered(candidate, body)) {
                        found.push((variable, answer, test, is_later || at > 0));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// The environment that a branch answers with.
fn answered(candidate: &Candidate, body: &[Statement]) -> Option<String> {
    let [Statement { kind: StatementKind::Return(Some(value)), .. }] = body else { return None };
    match (&value.kind, &candidate.asks) {
        (Kind::Bool(true), Asks::For(asked)) => match asked.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        },
        (Kind::Text(text), Asks::Name) => canonical(text).map(str::to_owned),
        _ => None,
    }
}

/// A value that is true where a platform's variable is there, or where something else names the environment.
fn of_value<'e>(candidate: &Candidate, value: &'e Expression) -> Vec<Found<'e>> {
    let Asks::For(asked) = &candidate.asks else { return Vec::new() };
    let [asked] = asked.as_slice() else { return Vec::new() };
    let mut operands = Vec::new();
    alternatives(value, &mut operands);
    let names_it = |operand: &&Expression| match &operand.kind {
        Kind::Compare(left, rest) => match rest.as_slice() {
            [(Comparison::Equal | Comparison::LooseEqual, right)] => {
                [&**left, right].into_iter().any(|side| literal(side).and_then(canonical) == Some(asked))
            }
            _ => false,
        },
        _ => false,
    };
    if operands.len() > 1 && !operands.iter().any(names_it) {
        return Vec::new();
    }
    operands.iter().filter_map(|operand| Some((present(operand)?, asked.clone(), value, false))).collect()
}

fn alternatives<'e>(value: &'e Expression, into: &mut Vec<&'e Expression>) {
    match &value.kind {
        Kind::Logical(Logical::Or, operands) => {
            operands.iter().for_each(|operand| alternatives(operand, into));
        }
        _ => into.push(value),
    }
}

/// A literal text, or what `Ok("text")` and `Some("text")` hold.
fn literal(value: &Expression) -> Option<&str> {
    match &value.kind {
        Kind::Call(call) => match (call.callee.dotted()?.as_str(), call.arguments.as_slice()) {
            ("Ok" | "Some", [inner]) => inner.text(),
            _ => None,
        },
        _ => value.text(),
    }
}

/// The platform's variable that has to be there for a test to be true.
fn present(test: &Expression) -> Option<String> {
    let variable = match &test.kind {
        Kind::Not(inner) => match &inner.kind {
            Kind::Not(inner) => return present(inner),
            _ => return None,
        },
        Kind::Member { object, name, .. } if is_environ(object) => name.clone(),
        Kind::Index { object, index, .. } if is_environ(object) => index.text()?.to_owned(),
        Kind::Compare(left, rest) => match rest.as_slice() {
            [(Comparison::NotEqual | Comparison::LooseNotEqual, right)]
                if matches!(right.kind, Kind::Undefined | Kind::Null) =>
            {
                return present(left);
            }
            _ => return None,
        },
        Kind::Call(call) => match (&call.callee.kind, call.arguments.as_slice()) {
            (Kind::Name(name), [inner]) if name == "Boolean" => return present(inner),
            (Kind::Member { object, name, .. }, []) if matches!(name.as_str(), "is_ok" | "is_some") => {
                read(object)?
            }
            _ => return None,
        },
        _ => return None,
    };
    let is_platforms =
        PROVIDED.iter().any(|row| row.variable == variable && !RUNNERS.contains(&row.platform));
    is_platforms.then_some(variable)
}

fn is_environ(object: &Expression) -> bool {
    object.dotted().as_deref() == Some("process.env")
}

/// The variable that `std::env::var("NAME")` reads, and `.ok()` of it.
fn read(value: &Expression) -> Option<String> {
    let Kind::Call(call) = &value.kind else { return None };
    match (&call.callee.kind, call.arguments.as_slice()) {
        (Kind::Name(path), [name]) if matches!(path.rsplit("::").next(), Some("var" | "var_os")) => {
            name.text().map(str::to_owned)
        }
        (Kind::Member { object, name, .. }, []) if name == "ok" => read(object),
        _ => None,
    }
}
