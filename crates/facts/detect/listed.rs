//! Which environments a detector names together: `env in ("production", "staging")` says yes in both on purpose.

use std::collections::BTreeSet;

use syntax::decision::{
    Comparison, Expression, ExpressionKind as Kind, Logical, Statement, StatementKind, walk_functions,
};

use super::candidates::{Candidate, Subject, assigned};
use super::names::Asks;
use super::program::Loaded;
use crate::environment::canonical;

/// The environments, by canonical name, that a detector's own tests name beside those that it asks for.
pub(super) fn listed(loaded: &Loaded, candidate: &Candidate) -> Vec<String> {
    let Asks::For(asked) = &candidate.asks else { return Vec::new() };
    let mut groups = Vec::new();
    own_statements(&loaded.module.body, candidate, &mut |statement| {
        for value in values(statement) {
            collect(value, &mut groups);
        }
    });
    let beside: BTreeSet<&str> = groups
        .iter()
        .filter(|group| group.iter().any(|name| asked.iter().any(|asked| asked == name)))
        .flatten()
        .copied()
        .filter(|name| !asked.iter().any(|asked| asked == name))
        .collect();
    beside.into_iter().map(str::to_owned).collect()
}

/// Calls `found` with each statement that is evaluated for a candidate itself, wherever it is defined.
fn own_statements<'s>(body: &'s [Statement], candidate: &Candidate, found: &mut dyn FnMut(&'s Statement)) {
    walk_functions(body, &mut |statement| match &statement.kind {
        StatementKind::Function(function) if function.span == candidate.span => {
            walk_functions(&function.body, found);
        }
        StatementKind::Function(function) if matches!(candidate.what, Subject::Assigned(..)) => {
            own_statements(&function.body, candidate, found);
        }
        StatementKind::Class(class) => own_statements(&class.body, candidate, found),
        _ => {
            for (_, _, value) in assigned(statement).iter().filter(|(_, span, _)| *span == candidate.span) {
                match value.map(|value| &value.kind) {
                    Some(Kind::Function(function)) => walk_functions(&function.body, found),
                    _ => found(statement),
                }
            }
        }
    });
}

/// What a statement tests, gives or keeps.
fn values(statement: &Statement) -> Vec<&Expression> {
    match &statement.kind {
        StatementKind::Return(Some(value))
        | StatementKind::Assign(_, value)
        | StatementKind::Declare { value: Some(value), .. } => vec![value],
        StatementKind::If(branches, _) => branches.iter().map(|(test, _)| test).collect(),
        _ => Vec::new(),
    }
}

/// Adds the environments that are named together in each test of an expression.
fn collect(value: &Expression, groups: &mut Vec<BTreeSet<&'static str>>) {
    let together = alternatives(value);
    if !together.is_empty() {
        groups.push(together);
        return;
    }
    match &value.kind {
        Kind::Logical(_, operands) => operands.iter().for_each(|operand| collect(operand, groups)),
        Kind::Conditional(parts) => {
            [&parts.test, &parts.then, &parts.otherwise].into_iter().for_each(|part| collect(part, groups));
        }
        _ => {}
    }
}

/// The environments with any of which a test is true: `x in ("a", "b")`, `["a", "b"].includes(x)`, `x == "a" or x == "b"`.
fn alternatives(test: &Expression) -> BTreeSet<&'static str> {
    let name = |value: &Expression| value.text().and_then(canonical);
    match &test.kind {
        Kind::Compare(left, rest) => match rest.as_slice() {
            [(Comparison::In, Expression { kind: Kind::Sequence(_, items), .. })] => {
                items.iter().filter_map(name).collect()
            }
            [(Comparison::Equal | Comparison::LooseEqual, right)] => {
                name(left).or_else(|| name(right)).into_iter().collect()
            }
            _ => BTreeSet::new(),
        },
        Kind::Call(call) => match &call.callee.kind {
            Kind::Member { object, name: method, .. } if method == "includes" => match &object.kind {
                Kind::Sequence(_, items) => items.iter().filter_map(name).collect(),
                _ => BTreeSet::new(),
            },
            _ => BTreeSet::new(),
        },
        Kind::Logical(Logical::Or, operands) => operands.iter().flat_map(alternatives).collect(),
        _ => BTreeSet::new(),
    }
}
