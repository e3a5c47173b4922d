//! The expressions of statements, one after the other.

use super::{Expression, ExpressionKind as Kind, Piece, Statement, StatementKind};

/// Calls `found` with each expression that stands in a statement itself, and with those inside it; not with what stands
/// in its blocks, and not with what stands in functions and classes that it defines.
pub fn walk_expressions<'s>(statement: &'s Statement, found: &mut dyn FnMut(&'s Expression)) {
    let mut all: Vec<&Expression> = Vec::new();
    match &statement.kind {
        StatementKind::Assign(targets, value) => {
            all.extend(targets);
            all.push(value);
        }
        StatementKind::Declare { target, value, .. } => {
            all.push(target);
            all.extend(value);
        }
        StatementKind::Update(target, _, value) => all.extend([target, value]),
        StatementKind::Expression(value)
        | StatementKind::Return(Some(value))
        | StatementKind::Raise(Some(value))
        | StatementKind::While(value, _) => all.push(value),
        StatementKind::If(branches, _) => all.extend(branches.iter().map(|(test, _)| test)),
        StatementKind::Match(subject, cases) => {
            all.push(subject);
            all.extend(cases.iter().filter_map(|case| case.guard.as_ref()));
        }
        StatementKind::For { target, iterable, .. } => all.extend([target, iterable]),
        StatementKind::With(items, _) => {
            for (value, target) in items {
                all.push(value);
                all.extend(target);
            }
        }
        StatementKind::Delete(targets) => all.extend(targets),
        StatementKind::Function(function) => all.extend(&function.decorators),
        StatementKind::Class(class) => {
            all.extend(&class.decorators);
            all.extend(&class.bases);
        }
        _ => {}
    }
    while let Some(expression) = all.pop() {
        found(expression);
        inside(expression, &mut all);
    }
}

/// Adds the expressions that one is made of.
fn inside<'s>(expression: &'s Expression, all: &mut Vec<&'s Expression>) {
    match &expression.kind {
        Kind::Not(inner) | Kind::Negative(inner) | Kind::Spread(inner) | Kind::TypeOf(inner) => {
            all.push(inner);
        }
        Kind::Member { object, .. } => all.push(object),
        Kind::Index { object, index, .. } => all.extend([&**object, &**index]),
        Kind::Slice { object, start, end } => {
            all.push(object);
            all.extend(start.as_deref());
            all.extend(end.as_deref());
        }
        Kind::Logical(_, operands) | Kind::Sequence(_, operands) => all.extend(operands),
        Kind::Compare(first, rest) => {
            all.push(first);
            all.extend(rest.iter().map(|(_, operand)| operand));
        }
        Kind::Conditional(parts) => all.extend([&parts.test, &parts.then, &parts.otherwise]),
        Kind::Binary(_, left, right) | Kind::Assign(left, right) => all.extend([&**left, &**right]),
        Kind::Format(pieces) => all.extend(pieces.iter().filter_map(|piece| match piece {
            Piece::Value(value) => Some(value),
            Piece::Text(_) => None,
        })),
        Kind::Map(entries) => {
            for (key, value) in entries {
                all.extend(key);
                all.push(value);
            }
        }
        Kind::Call(call) => {
            all.push(&call.callee);
            all.extend(&call.arguments);
            all.extend(call.keywords.iter().map(|(_, value)| value));
        }
        Kind::Comprehension(parts) => {
            all.extend(&parts.key);
            all.push(&parts.element);
            for (_, iterable, tests) in &parts.loops {
                all.push(iterable);
                all.extend(tests);
            }
        }
        _ => {}
    }
}
