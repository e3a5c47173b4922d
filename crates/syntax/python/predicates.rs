//! Places where the presence of a variable decides which environment this is.

use std::collections::HashSet;

use ruff_python_ast::{self as ast, BoolOp, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use source::Span;

use super::environment::{answered, asked_by, compared, named, same, stated};
use super::literals::dotted;
use super::types::{Form, Predicate};
use super::walk::Walker;

/// Operands of one `or` that are looked at.
const MAX_OPERANDS: usize = 64;

impl Walker<'_> {
    /// `if read: return "staging"`, and the `else` of `if not read`.
    pub(super) fn branch_predicate(&mut self, test: Option<&Expr>, previous: Option<&Expr>, body: &[Stmt]) {
        let Some((deciding, outcome)) = test.map(|test| (test, true)).or(previous.map(|test| (test, false)))
        else {
            return;
        };
        if let Some(concluded) = answered(body, self.frame.asks_for) {
            self.conclude(deciding, outcome, concluded, Form::Branch);
        }
    }

    /// `"staging" if read else "development"`.
    pub(super) fn conditional_predicate(&mut self, conditional: &ast::ExprIf) {
        if let Some(concluded) = stated(&conditional.body) {
            self.conclude(&conditional.test, true, concluded, Form::Conditional);
        }
        if let Some(concluded) = stated(&conditional.orelse) {
            self.conclude(&conditional.test, false, concluded, Form::Conditional);
        }
    }

    /// `environment == "staging" or read`. Where two environments are named, none is concluded, nor where neither the
    /// name that the result gets nor the branch that it opens speaks of it: `if cloud or is_test: use_null_pool()`.
    pub(super) fn or_predicate(&mut self, boolean: &ast::ExprBoolOp) {
        let operands = operands_of(boolean);
        let mut asked = operands.iter().filter_map(|operand| compared(operand));
        let Some(concluded) = asked.next() else { return };
        let spoken_of = self.spoken_of.iter().any(|spoken| same(spoken, concluded));
        if !spoken_of || asked.any(|other| !same(other, concluded)) {
            return;
        }
        for operand in operands {
            let droppable = self.droppable(boolean, operand);
            self.record(operand, true, concluded, Form::Or, boolean, droppable);
        }
    }

    /// `is_staging = bool(read)`.
    pub(super) fn assigned_predicate(&mut self, targets: &[Expr], value: &Expr) {
        let names = targets.iter().filter_map(dotted);
        let mut names = names.filter_map(|name| Some(name.rsplit('.').next()?.to_owned()));
        let asked = |name: String| asked_by(&name).or_else(|| named(&name).filter(|_| is_truth(value)));
        if let Some(concluded) = names.find_map(asked) {
            self.conclude(value, true, concluded, Form::Assigned);
        }
    }

    /// `def is_staging(): return bool(read)`.
    pub(super) fn returned_predicate(&mut self, returned: &ast::StmtReturn) {
        if let (Some(concluded), Some(value)) = (self.frame.asks_for, returned.value.as_deref()) {
            self.conclude(value, true, concluded, Form::Returned);
        }
    }

    /// Records what `test` decides by coming out as `outcome`.
    fn conclude(&mut self, test: &Expr, outcome: bool, concluded: &str, form: Form) {
        self.record(test, outcome, concluded, form, test, None);
    }

    /// Nothing is recorded under a condition that compares the environment: that one decides.
    fn record(
        &mut self,
        test: &Expr,
        outcome: bool,
        concluded: &str,
        form: Form,
        deciding: &impl Ranged,
        droppable: Option<Span>,
    ) {
        if self.frame.comparisons > 0 {
            return;
        }
        for variable in self.presence(test, outcome) {
            let span = self.source.span(deciding.range());
            self.module.predicates.push(Predicate {
                variable,
                concluded: concluded.to_owned(),
                span,
                line: self.line(span),
                function: self.function(),
                form,
                fallback: self.frame.explicit || self.frame.alternatives > 0,
                droppable,
            });
        }
    }

    /// The bytes of an operand with the `or` beside it, where nothing but that stands between it and the next one.
    fn droppable(&self, boolean: &ast::ExprBoolOp, operand: &Expr) -> Option<Span> {
        let values = &boolean.values;
        let is_whole =
            |value: &Expr| value.range() == operand.range() || truth_of(value) == Some(operand.range());
        let at = values.iter().position(is_whole)?;
        let span = |expr: &Expr| self.source.span(expr.range());
        let (gap, dropped) = match at.checked_sub(1).and_then(|before| values.get(before)) {
            Some(before) => (
                Span { start: span(before).end, end: span(values.get(at)?).start },
                Span { start: span(before).end, end: span(values.get(at)?).end },
            ),
            None => (
                Span { start: span(values.first()?).end, end: span(values.get(1)?).start },
                Span { start: span(values.first()?).start, end: span(values.get(1)?).start },
            ),
        };
        let between = self.source.text.get(gap.start..gap.end)?;
        (between.trim() == "or" && !between.contains('\n')).then_some(dropped)
    }
}

/// The only argument of `bool(..)`.
fn truth_of(expr: &Expr) -> Option<TextRange> {
    let Expr::Call(call) = expr else { return None };
    match (&*call.func, &*call.arguments.args) {
        (Expr::Name(name), [only]) if name.id.as_str() == "bool" => Some(only.range()),
        _ => None,
    }
}

/// Whether an expression is made to be a truth value, so that a bare name (`staging = ...`) asks a question.
fn is_truth(expr: &Expr) -> bool {
    match expr {
        Expr::BoolOp(_) | Expr::Compare(_) | Expr::UnaryOp(_) => true,
        Expr::Call(call) => matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "bool"),
        _ => false,
    }
}

/// The operands of an `or`, those of an `or` in parentheses or `bool()` included.
fn operands_of(boolean: &ast::ExprBoolOp) -> Vec<&Expr> {
    let mut operands = Vec::new();
    let mut open: Vec<&Expr> = boolean.values.iter().rev().collect();
    while let Some(operand) = open.pop() {
        match operand {
            _ if operands.len() >= MAX_OPERANDS => break,
            Expr::BoolOp(inner) if inner.op == BoolOp::Or => open.extend(inner.values.iter().rev()),
            Expr::Call(call) => match (&*call.func, &*call.arguments.args) {
                (Expr::Name(name), [only]) if name.id.as_str() == "bool" => open.push(only),
                _ => operands.push(operand),
            },
            _ => operands.push(operand),
        }
    }
    operands
}

/// One record for each variable and environment, the first in the text: `is_staging = a or k` is an `or` and an
/// assignment, and speaks of one fault.
pub(super) fn without_repetitions(mut predicates: Vec<Predicate>) -> Vec<Predicate> {
    let mut seen = HashSet::new();
    predicates.sort_by_key(|found| (found.span.start, found.variable.span.start, found.form != Form::Or));
    predicates.retain(|predicate| seen.insert((predicate.variable.span, predicate.concluded.clone())));
    predicates
}
