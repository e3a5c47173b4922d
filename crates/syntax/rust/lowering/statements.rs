//! Statements and blocks.

use std::sync::Arc;

use syn::{Expr, Local, Pat, Stmt};

use super::Lowering;
use super::wanted::Wanted;
use crate::decision::{Case, Expression, ExpressionKind, Pattern, Statement, StatementKind as Kind};

/// What becomes of the value of a block's last expression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// It is the answer of the function.
    Returned,
    /// It is the value of the block.
    Value,
}

impl Lowering {
    /// The body of a function, whose last expression is its answer.
    pub(super) fn returning(&self, body: &[Stmt]) -> Vec<Statement> {
        self.block(body, Tail::Returned)
    }

    /// A block as statements; its last expression is left as an expression or returned.
    pub(super) fn block(&self, body: &[Stmt], tail: Tail) -> Vec<Statement> {
        let wanted = self.taken();
        let last = body.len().saturating_sub(1);
        let mut lowered = Vec::with_capacity(body.len());
        for (index, statement) in body.iter().enumerate() {
            match statement {
                Stmt::Expr(value, None) if index == last => {
                    lowered.push(self.expecting(wanted.clone(), || self.tail(value, tail)));
                }
                Stmt::Expr(value, _) => lowered.push(self.for_its_effect(value)),
                Stmt::Local(local) => lowered.push(self.local(local)),
                Stmt::Macro(call) => {
                    let value = self.macro_call(&call.mac);
                    let span = value.span;
                    let kind = if index == last && call.semi_token.is_none() && tail == Tail::Returned {
                        Kind::Return(Some(value))
                    } else {
                        Kind::Expression(value)
                    };
                    lowered.push(Statement::new(kind, span));
                }
                Stmt::Item(item) => lowered.extend(self.items(std::slice::from_ref(item))),
            }
        }
        lowered
    }

    /// The last expression of a block.
    pub(super) fn tail(&self, value: &Expr, tail: Tail) -> Statement {
        let span = self.source.of(value);
        let wanted = self.taken();
        let branching = || self.expecting(wanted.clone(), || self.branching(value, tail));
        if let Some(kind) = self.deeper(branching).flatten() {
            return Statement::new(kind, span);
        }
        let diverges = matches!(value, Expr::Return(_) | Expr::Break(_) | Expr::Continue(_));
        if diverges || matches!(value, Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) | Expr::Assign(_)) {
            return self.for_its_effect(value);
        }
        let value = self.typed(value, wanted.as_ref());
        let kind = if tail == Tail::Returned { Kind::Return(Some(value)) } else { Kind::Expression(value) };
        Statement::new(kind, span)
    }

    /// `if`, `match` and blocks, whose branches have tails of their own.
    fn branching(&self, value: &Expr, tail: Tail) -> Option<Kind> {
        let wanted = self.taken();
        let typed_block = |body: &[Stmt]| self.expecting(wanted.clone(), || self.block(body, tail));
        Some(match value {
            Expr::If(chosen) => self.chosen(chosen, tail, wanted.as_ref()),
            Expr::Match(matched) => {
                let cases = matched
                    .arms
                    .iter()
                    .map(|arm| self.expecting(wanted.clone(), || self.arm(arm, tail)))
                    .collect();
                let is_text = matched.arms.iter().any(|arm| is_text(&arm.pat));
                Kind::Match(self.typed(&matched.expr, is_text.then_some(&Wanted::Text)), cases)
            }
            Expr::Block(block) => Kind::Block(typed_block(&block.block.stmts)),
            Expr::Unsafe(block) => Kind::Block(typed_block(&block.block.stmts)),
            Expr::Paren(inner) => {
                return self.expecting(wanted.clone(), || self.branching(&inner.expr, tail));
            }
            Expr::Group(inner) => {
                return self.expecting(wanted.clone(), || self.branching(&inner.expr, tail));
            }
            _ => return None,
        })
    }

    fn chosen(&self, chosen: &syn::ExprIf, tail: Tail, wanted: Option<&Wanted>) -> Kind {
        let typed_block = |body: &[Stmt]| self.expecting(wanted.cloned(), || self.block(body, tail));
        let then = typed_block(&chosen.then_branch.stmts);
        let otherwise = match &chosen.else_branch {
            Some((_, otherwise)) => match &**otherwise {
                Expr::Block(block) => typed_block(&block.block.stmts),
                other => vec![self.expecting(wanted.cloned(), || self.tail(other, tail))],
            },
            None => Vec::new(),
        };
        if let Some((pattern, subject, guard)) = self.let_test(&chosen.cond) {
            let cases = vec![
                Case { pattern, guard, body: then },
                Case { pattern: Pattern::Any, guard: None, body: otherwise },
            ];
            return Kind::Match(subject, cases);
        }
        Kind::If(vec![(self.expression(&chosen.cond), then)], otherwise)
    }

    /// `let PATTERN = subject && guard`.
    fn let_test(&self, test: &Expr) -> Option<(Pattern, Expression, Option<Expression>)> {
        match test {
            Expr::Let(test) => Some((self.pattern(&test.pat), self.expression(&test.expr), None)),
            Expr::Binary(both) if matches!(both.op, syn::BinOp::And(_)) => {
                let (pattern, subject, guard) = self.let_test(&both.left)?;
                let right = self.expression(&both.right);
                let guard = match guard {
                    Some(left) => {
                        let span = left.span.to(right.span);
                        let all = ExpressionKind::Logical(crate::decision::Logical::And, vec![left, right]);
                        Expression::new(all, span)
                    }
                    None => right,
                };
                Some((pattern, subject, Some(guard)))
            }
            _ => None,
        }
    }

    fn arm(&self, arm: &syn::Arm, tail: Tail) -> Case {
        let wanted = self.taken();
        let (pattern, guard) = match &arm.pat {
            Pat::Guard(guarded) => (self.pattern(&guarded.pat), Some(self.expression(&guarded.guard))),
            plain => (self.pattern(plain), None),
        };
        Case { pattern, guard, body: vec![self.expecting(wanted, || self.tail(&arm.body, tail))] }
    }

    fn for_its_effect(&self, value: &Expr) -> Statement {
        let span = self.source.of(value);
        let kind = self.deeper(|| self.effect(value));
        Statement::new(
            kind.unwrap_or_else(|| Kind::Opaque("a statement that nests too deep".to_owned())),
            span,
        )
    }

    fn effect(&self, value: &Expr) -> Kind {
        match value {
            Expr::Return(answer) => {
                let wanted = self.answered();
                Kind::Return(answer.expr.as_ref().map(|answer| self.typed(answer, wanted.as_ref())))
            }
            Expr::Break(_) => Kind::Break,
            Expr::Continue(_) => Kind::Continue,
            Expr::Assign(assignment) => {
                Kind::Assign(vec![self.expression(&assignment.left)], self.expression(&assignment.right))
            }
            Expr::ForLoop(looped) => match target(self.pattern(&looped.pat), self.source.of(&*looped.pat)) {
                Some(target) => Kind::For {
                    target,
                    iterable: self.expression(&looped.expr),
                    body: self.block(&looped.body.stmts, Tail::Value),
                    otherwise: Vec::new(),
                },
                None => Kind::Opaque("a loop that takes its items apart".to_owned()),
            },
            Expr::While(looped) => {
                Kind::While(self.expression(&looped.cond), self.block(&looped.body.stmts, Tail::Value))
            }
            Expr::Loop(looped) => {
                let test =
                    Expression::new(ExpressionKind::Bool(true), self.source.span(looped.loop_token.span));
                Kind::While(test, self.block(&looped.body.stmts, Tail::Value))
            }
            other => {
                self.branching(other, Tail::Value).unwrap_or_else(|| Kind::Expression(self.expression(other)))
            }
        }
    }

    /// `let PATTERN = value else { .. };`
    fn local(&self, local: &Local) -> Statement {
        let span = self.source.of(&local.pat);
        let pattern = self.pattern(&local.pat);
        let Some(init) = &local.init else {
            let kind = match target(pattern, span) {
                Some(target) => Kind::Declare { target, annotation: None, value: None },
                None => Kind::Pass,
            };
            return Statement::new(kind, span);
        };
        let written = match &local.pat {
            Pat::Type(typed) => self.written(&typed.ty),
            _ => None,
        };
        let value = self.typed(&init.expr, written.as_ref());
        if let Pattern::Bind(name) = &pattern {
            self.note_local(name, written.or_else(|| self.held_by(&init.expr)));
        }
        let whole = span.to(value.span);
        if let Some((_, diverge)) = &init.diverge {
            return Statement::new(self.or_leave(pattern, value, diverge, span), whole);
        }
        let kind = match target(pattern, span) {
            Some(target) => Kind::Declare { target, annotation: None, value: Some(value) },
            None => Kind::Opaque("a value that is taken apart".to_owned()),
        };
        Statement::new(kind, whole)
    }

    /// The one name that a pattern binds gets its value, or the block after `else` leaves.
    fn or_leave(&self, pattern: Pattern, value: Expression, otherwise: &Expr, span: source::Span) -> Kind {
        let Some(name) = only_name(&pattern) else {
            return Kind::Opaque("a value that is taken apart".to_owned());
        };
        let name = Expression::new(ExpressionKind::Name(name), span);
        let found = Statement::new(Kind::Expression(name.clone()), span);
        let cases = vec![
            Case { pattern, guard: None, body: vec![found] },
            Case { pattern: Pattern::Any, guard: None, body: vec![self.for_its_effect(otherwise)] },
        ];
        let chosen = Statement::new(Kind::Match(value, cases), span);
        let value = Expression::new(ExpressionKind::Block(vec![chosen]), span);
        Kind::Declare { target: name, annotation: None, value: Some(value) }
    }
}

/// Whether a pattern is one or several texts.
fn is_text(pattern: &Pat) -> bool {
    match pattern {
        Pat::Lit(literal) => matches!(literal.lit, syn::Lit::Str(_)),
        Pat::Or(either) => either.cases.iter().any(is_text),
        Pat::Paren(inner) => is_text(&inner.pat),
        _ => false,
    }
}

/// A pattern that always fits as the target of an assignment.
pub(super) fn target(pattern: Pattern, span: source::Span) -> Option<Expression> {
    let kind = match pattern {
        Pattern::Bind(name) => ExpressionKind::Name(name),
        Pattern::Any => ExpressionKind::Name("_".to_owned()),
        Pattern::Sequence(all) => {
            let all: Option<Vec<Expression>> = all.into_iter().map(|one| target(one, span)).collect();
            ExpressionKind::Sequence(crate::decision::SequenceKind::Tuple, all?)
        }
        _ => return None,
    };
    Some(Expression::new(kind, span))
}

fn only_name(pattern: &Pattern) -> Option<String> {
    match pattern {
        Pattern::Bind(name) => Some(name.clone()),
        Pattern::Variant(_, all) => match all.as_slice() {
            [one] => only_name(one),
            _ => None,
        },
        _ => None,
    }
}

/// A block without a name, as one expression.
pub(super) fn block_value(body: Vec<Statement>, span: source::Span) -> Expression {
    Expression::new(ExpressionKind::Block(body), span)
}

/// A closure's body as a function without a name.
pub(super) fn closure(
    parameters: Vec<crate::decision::Parameter>,
    body: Vec<Statement>,
    opaque: Option<&'static str>,
    span: source::Span,
) -> Expression {
    let mut locals = crate::decision::bound_names(&body);
    locals.extend(parameters.iter().map(|parameter| parameter.name.clone()));
    locals.sort();
    locals.dedup();
    let function = crate::decision::Function {
        name: String::new(),
        parameters,
        decorators: Vec::new(),
        body,
        locals,
        opaque,
        span,
    };
    Expression::new(ExpressionKind::Function(Arc::new(function)), span)
}
