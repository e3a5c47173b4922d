//! What an expression depends on.

use super::tree::{Call, Expression, Step, TemplatePart};
use crate::Spanned;

/// The paths that an expression reads (`var.x`, `local.y`, `google_x.y.id`), in the order of the text. Names that
/// a `for` inside of it gives are left out.
#[must_use]
pub fn references(expression: &Spanned<Expression>) -> Vec<Spanned<&str>> {
    Walk::through(expression).found
}

/// The calls in an expression, in the order of the text.
#[must_use]
pub fn calls(expression: &Spanned<Expression>) -> Vec<&Call> {
    Walk::through(expression).calls
}

/// What an expression needs to be computed.
#[derive(Default)]
pub(super) struct Walk<'e> {
    /// The paths it reads, in the order of the text.
    pub(super) found: Vec<Spanned<&'e str>>,
    /// What it calls, in the order of the text.
    pub(super) calls: Vec<&'e Call>,
    /// Whether it goes through a collection: a `for` or a splat.
    pub(super) loops: bool,
    /// The names that are bound here.
    names: Vec<&'e str>,
}

impl<'e> Walk<'e> {
    pub(super) fn through(expression: &'e Spanned<Expression>) -> Self {
        let mut walk = Self::default();
        walk.expression(expression);
        walk
    }

    fn expression(&mut self, expression: &'e Spanned<Expression>) {
        match &expression.value {
            Expression::Null | Expression::Bool(_) | Expression::Number(_) | Expression::String(_) => {}
            Expression::Traversal(path) => {
                let root = path.split(['.', '[']).next().unwrap_or(path);
                if !self.names.contains(&root) {
                    self.found.push(Spanned::new(path, expression.span));
                }
            }
            Expression::Template(template) => self.parts(&template.parts),
            Expression::Array(items) => items.iter().for_each(|item| self.expression(item)),
            Expression::Object(items) => {
                for item in items {
                    self.expression(&item.key);
                    self.expression(&item.value);
                }
            }
            Expression::Access(access) => {
                self.expression(&access.base);
                for step in &access.steps {
                    match step {
                        Step::Attribute(_) => {}
                        Step::Index(key) => self.expression(key),
                        Step::Splat(_) => self.loops = true,
                    }
                }
            }
            Expression::Call(call) => {
                self.calls.push(call);
                call.arguments.iter().for_each(|argument| self.expression(argument));
            }
            Expression::Conditional(conditional) => {
                self.expression(&conditional.condition);
                self.expression(&conditional.then);
                self.expression(&conditional.otherwise);
            }
            Expression::Unary(_, operand) | Expression::Parenthesis(operand) => self.expression(operand),
            Expression::Operation(operation) => {
                self.expression(&operation.first);
                operation.rest.iter().for_each(|(_, operand)| self.expression(operand));
            }
            Expression::For(made) => {
                self.loops = true;
                self.expression(&made.collection);
                self.within(&made.names, |walk| {
                    made.key.iter().for_each(|key| walk.expression(key));
                    walk.expression(&made.value);
                    made.condition.iter().for_each(|condition| walk.expression(condition));
                });
            }
        }
    }

    fn parts(&mut self, parts: &'e [TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal(_) => {}
                TemplatePart::Interpolation(value) => self.expression(value),
                TemplatePart::If { condition, then, otherwise } => {
                    self.expression(condition);
                    self.parts(then);
                    self.parts(otherwise);
                }
                TemplatePart::For { names, collection, parts } => {
                    self.loops = true;
                    self.expression(collection);
                    self.within(names, |walk| walk.parts(parts));
                }
            }
        }
    }

    fn within(&mut self, names: &'e [Spanned<String>], walk: impl FnOnce(&mut Self)) {
        let before = self.names.len();
        self.names.extend(names.iter().map(|name| name.value.as_str()));
        walk(self);
        self.names.truncate(before);
    }
}
