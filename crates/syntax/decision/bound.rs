//! The names that statements bind.

use std::collections::BTreeSet;

use super::{
    Call, Comprehension, Expression, ExpressionKind, ImportedNames, Pattern, Piece, Statement, StatementKind,
};

/// The names that running these statements may bind in their own scope, sorted.
#[must_use]
pub fn bound_names(body: &[Statement]) -> Vec<String> {
    let mut names = Names::default();
    names.block(body);
    names.bound.retain(|name| !names.outer.contains(name));
    names.bound.into_iter().collect()
}

/// Calls `found` with each statement that defines a function or a class, and the blocks inside blocks, but not with
/// what stands inside functions.
pub fn walk_functions<'s>(body: &'s [Statement], found: &mut dyn FnMut(&'s Statement)) {
    for statement in body {
        found(statement);
        for inner in blocks_of(statement) {
            walk_functions(inner, found);
        }
    }
}

/// The blocks that a statement holds, those of functions and classes left out.
fn blocks_of(statement: &Statement) -> Vec<&[Statement]> {
    match &statement.kind {
        StatementKind::If(branches, otherwise) => {
            let mut blocks: Vec<&[Statement]> = branches.iter().map(|(_, body)| body.as_slice()).collect();
            blocks.push(otherwise);
            blocks
        }
        StatementKind::Match(_, cases) => cases.iter().map(|case| case.body.as_slice()).collect(),
        StatementKind::For { body, otherwise, .. } => vec![body, otherwise],
        StatementKind::While(_, body) | StatementKind::With(_, body) | StatementKind::Block(body) => {
            vec![body]
        }
        StatementKind::Try(parts) => {
            let mut blocks: Vec<&[Statement]> = vec![&parts.body];
            blocks.extend(parts.handlers.iter().map(|handler| handler.body.as_slice()));
            blocks.push(&parts.otherwise);
            blocks.push(&parts.finally);
            blocks
        }
        _ => Vec::new(),
    }
}

#[derive(Default)]
struct Names {
    bound: BTreeSet<String>,
    outer: BTreeSet<String>,
}

impl Names {
    fn block(&mut self, body: &[Statement]) {
        for statement in body {
            self.statement(statement);
            for inner in blocks_of(statement) {
                self.block(inner);
            }
        }
    }

    fn bind(&mut self, name: &str) {
        self.bound.insert(name.to_owned());
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Assign(targets, value) => {
                for target in targets {
                    self.target(target);
                }
                self.expression(value);
            }
            StatementKind::Declare { target, value, .. } => {
                self.target(target);
                if let Some(value) = value {
                    self.expression(value);
                }
            }
            StatementKind::Update(target, _, value) => {
                self.target(target);
                self.expression(value);
            }
            StatementKind::For { target, iterable, .. } => {
                self.target(target);
                self.expression(iterable);
            }
            StatementKind::With(items, _) => {
                for (value, target) in items {
                    self.expression(value);
                    if let Some(target) = target {
                        self.target(target);
                    }
                }
            }
            StatementKind::Try(parts) => {
                for handler in &parts.handlers {
                    if let Some(name) = &handler.name {
                        self.bind(name);
                    }
                }
            }
            StatementKind::Match(subject, cases) => {
                self.expression(subject);
                for case in cases {
                    self.pattern(&case.pattern);
                }
            }
            StatementKind::If(branches, _) => {
                for (test, _) in branches {
                    self.expression(test);
                }
            }
            StatementKind::Function(function) => self.bind(&function.name),
            StatementKind::Class(class) => self.bind(&class.name),
            StatementKind::Import(import) => self.import(&import.module, &import.names),
            StatementKind::Global(names) => self.outer.extend(names.iter().cloned()),
            StatementKind::Expression(value) | StatementKind::Return(Some(value)) => self.expression(value),
            StatementKind::While(test, _) => self.expression(test),
            _ => {}
        }
    }

    fn import(&mut self, module: &str, names: &ImportedNames) {
        match names {
            ImportedNames::Module(Some(alias)) => self.bind(alias),
            ImportedNames::Module(None) => self.bind(module.split('.').next().unwrap_or(module)),
            ImportedNames::Names(names) => {
                for (_, local) in names {
                    self.bind(local);
                }
            }
            ImportedNames::All => {}
        }
    }

    fn target(&mut self, target: &Expression) {
        match &target.kind {
            ExpressionKind::Name(name) => self.bind(name),
            ExpressionKind::Sequence(_, items) => {
                for item in items {
                    self.target(item);
                }
            }
            ExpressionKind::Map(entries) => {
                for (_, value) in entries {
                    self.target(value);
                }
            }
            ExpressionKind::Spread(inner) | ExpressionKind::Assign(inner, _) => self.target(inner),
            _ => {}
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Bind(name) => self.bind(name),
            Pattern::As(inner, name) => {
                self.bind(name);
                self.pattern(inner);
            }
            Pattern::Or(all) | Pattern::Sequence(all) | Pattern::Variant(_, all) => {
                for one in all {
                    self.pattern(one);
                }
            }
            Pattern::Any | Pattern::Value(_) | Pattern::Opaque(_) => {}
        }
    }

    /// Assignments inside expressions.
    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Assign(target, value) => {
                self.target(target);
                self.expression(value);
            }
            ExpressionKind::Not(inner)
            | ExpressionKind::Negative(inner)
            | ExpressionKind::Spread(inner)
            | ExpressionKind::TypeOf(inner)
            | ExpressionKind::Member { object: inner, .. } => self.expression(inner),
            ExpressionKind::Index { object, index, .. } => {
                self.expression(object);
                self.expression(index);
            }
            ExpressionKind::Logical(_, operands) | ExpressionKind::Sequence(_, operands) => {
                for operand in operands {
                    self.expression(operand);
                }
            }
            ExpressionKind::Compare(first, rest) => {
                self.expression(first);
                for (_, operand) in rest {
                    self.expression(operand);
                }
            }
            ExpressionKind::Conditional(parts) => {
                self.expression(&parts.test);
                self.expression(&parts.then);
                self.expression(&parts.otherwise);
            }
            ExpressionKind::Binary(_, left, right) => {
                self.expression(left);
                self.expression(right);
            }
            ExpressionKind::Format(pieces) => {
                for piece in pieces {
                    if let Piece::Value(value) = piece {
                        self.expression(value);
                    }
                }
            }
            ExpressionKind::Call(call) => self.call(call),
            ExpressionKind::Comprehension(parts) => self.comprehension(parts),
            _ => {}
        }
    }

    fn call(&mut self, call: &Call) {
        self.expression(&call.callee);
        for argument in &call.arguments {
            self.expression(argument);
        }
        for (_, value) in &call.keywords {
            self.expression(value);
        }
    }

    /// An assignment in a comprehension binds around it; its targets do not.
    fn comprehension(&mut self, parts: &Comprehension) {
        self.expression(&parts.element);
        for (_, iterable, tests) in &parts.loops {
            self.expression(iterable);
            for test in tests {
                self.expression(test);
            }
        }
    }
}
