//! What surrounds a place: conditions that never hold, handlers that catch, branches of a decision.

use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{self as ast, CmpOp, ExceptHandler, Expr, Stmt, UnaryOp};

use super::environment::{holds_environment, is_member, mentions_environment, spoken_in_body};
use super::literals::items_of;
use super::types::How;
use super::walk::Walker;

/// What a statement around an import means for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// Never run.
    TypeChecking,
    /// Run only as a script.
    MainBlock,
    /// A missing module is caught.
    Caught,
    /// Runs only after a missing module was caught.
    Handler,
    /// Runs only where a condition holds that the text does not settle.
    Conditional,
    /// Evaluated only where what stands before it in an `or` gave nothing.
    Otherwise,
}

/// Exceptions that a handler of a missing module may name; a broader one does as well.
const MISSING_MODULE: [&str; 4] = ["ImportError", "ModuleNotFoundError", "Exception", "BaseException"];
/// Exceptions that a handler of a missing variable may name.
const MISSING_KEY: [&str; 4] = ["KeyError", "LookupError", "Exception", "BaseException"];
/// Exceptions that a handler of a use of nothing may name.
const USED_NOTHING: [&str; 4] = ["AttributeError", "TypeError", "Exception", "BaseException"];
/// Calls that do not return.
const EXITS: [&str; 4] = ["sys.exit", "exit", "quit", "os._exit"];

impl<'t> Walker<'t> {
    /// How an import at this place runs.
    pub(super) fn how(&self) -> How {
        let under = |guard| self.guards.contains(&guard);
        if under(Guard::TypeChecking) {
            How::TypeChecking
        } else if under(Guard::Caught) {
            How::Guarded
        } else if under(Guard::Handler) {
            How::Fallback
        } else if self.frame.lazy {
            How::Lazy
        } else if under(Guard::MainBlock) {
            How::MainBlock
        } else if under(Guard::Conditional) || under(Guard::Otherwise) {
            How::Conditional
        } else {
            How::TopLevel
        }
    }

    pub(super) fn if_statement(&mut self, branches: &'t ast::StmtIf) {
        let explicit_before = self.frame.explicit;
        let mut exits_explicitly = false;
        let mut previous: Option<&'t Expr> = None;
        for (arm, (test, body)) in clauses_of(branches).enumerate() {
            if let Some(test) = test {
                self.speaking_of(spoken_in_body(body), |walker| walker.visit_expr(test));
            }
            self.branch_predicate(test, previous, body);
            self.arms.push((branches.range.start().to_usize(), arm));
            self.clause(test, previous, body);
            self.arms.pop();
            let by_value = test.is_some_and(mentions_environment);
            let hands_on = test.is_some_and(|test| self.asks_for_value(test)) && returns_a_value(body);
            self.frame.explicit |= by_value || hands_on;
            exits_explicitly |= hands_on || (by_value && self.leaves(body, true, 0));
            previous = test;
        }
        self.frame.explicit = explicit_before || exits_explicitly;
    }

    /// After `if not read: return ...` the rest of the body is what an `else` would be.
    pub(super) fn after_early_exit(&mut self, branches: &'t ast::StmtIf, rest: &[Stmt]) {
        if clauses_of(branches).all(|(_, body)| self.leaves(body, true, 0)) {
            self.arms.push((branches.range.start().to_usize(), clauses_of(branches).count()));
        }
        let exits = branches.elif_else_clauses.is_empty() && self.leaves(&branches.body, true, 0);
        if !exits {
            return;
        }
        self.branch_predicate(None, Some(&branches.test), rest);
        if !self.always_leaves(&branches.body) {
            let present = self.surely_set(&branches.test, false);
            self.know(present);
        }
    }

    /// Reads one branch. `previous` is the test before it: what an `else` turns round.
    fn clause(&mut self, test: Option<&'t Expr>, previous: Option<&'t Expr>, body: &'t [Stmt]) {
        let guard = match (test, previous) {
            (Some(test), _) => self.guard_of(test, true),
            (None, Some(previous)) => self.guard_of(previous, false),
            (None, None) => None,
        };
        let compares = test.is_some_and(mentions_environment);
        self.frame.comparisons += usize::from(compares);
        self.branches.push(self.names_of(test));
        self.guarded_by(guard, |walker| match (test, previous) {
            (Some(test), _) => walker.under(test, true, |walker| walker.visit_body(body)),
            (None, Some(previous)) => walker.under(previous, false, |walker| walker.visit_body(body)),
            (None, None) => walker.visit_body(body),
        });
        self.branches.pop();
        self.frame.comparisons -= usize::from(compares);
    }

    /// Whether a test asks if a value was given: a variable, or a name that is made to hold an environment.
    fn asks_for_value(&self, test: &Expr) -> bool {
        let named = matches!(test, Expr::Name(name) if holds_environment(&name.id));
        named || !self.presence(test, true).is_empty()
    }

    pub(super) fn guarded_by(&mut self, guard: Option<Guard>, read: impl FnOnce(&mut Self)) {
        let depth = self.guards.len();
        self.guards.extend(guard);
        read(self);
        self.guards.truncate(depth);
    }

    /// What it means for the code there that `test` came out as `outcome`; `None` where it always does.
    pub(super) fn guard_of(&self, test: &Expr, outcome: bool) -> Option<Guard> {
        match test {
            Expr::UnaryOp(not) if not.op == UnaryOp::Not => self.guard_of_plain(&not.operand, !outcome),
            _ => self.guard_of_plain(test, outcome),
        }
    }

    fn guard_of_plain(&self, test: &Expr, outcome: bool) -> Option<Guard> {
        match self.settled(test) {
            Some(always) => (always != outcome).then_some(Guard::TypeChecking),
            None if outcome && self.is_main_test(test) => Some(Guard::MainBlock),
            None => Some(Guard::Conditional),
        }
    }

    fn is_main_test(&self, test: &Expr) -> bool {
        let Expr::Compare(compare) = test else { return false };
        let ([CmpOp::Eq], [right]) = (&*compare.ops, &*compare.comparators) else { return false };
        let is_name = |expr: &Expr| matches!(expr, Expr::Name(name) if name.id.as_str() == "__name__");
        let is_main =
            |expr: &Expr| self.source.plain_text_of(expr).is_some_and(|text| text.value == "__main__");
        (is_name(&compare.left) && is_main(right)) || (is_main(&compare.left) && is_name(right))
    }

    pub(super) fn try_statement(&mut self, attempt: &'t ast::StmtTry) {
        let module_caught = self.catches(&attempt.handlers, &MISSING_MODULE);
        let key_caught = self.catches(&attempt.handlers, &MISSING_KEY);
        let use_caught = self.catches(&attempt.handlers, &USED_NOTHING);
        self.caught_keys += usize::from(key_caught);
        self.caught_uses += usize::from(use_caught);
        let goes_on =
            |ExceptHandler::ExceptHandler(handler): &ExceptHandler| !self.always_leaves(&handler.body);
        let is_caught = attempt.handlers.iter().any(goes_on);
        self.caught_errors += usize::from(is_caught);
        self.guarded_by(module_caught.then_some(Guard::Caught), |walker| walker.visit_body(&attempt.body));
        self.caught_keys -= usize::from(key_caught);
        self.caught_uses -= usize::from(use_caught);
        self.caught_errors -= usize::from(is_caught);
        for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
            if let Some(exceptions) = &handler.type_ {
                self.visit_expr(exceptions);
            }
            let of_module = self.handles(handler, &MISSING_MODULE);
            self.guarded_by(of_module.then_some(Guard::Handler), |walker| walker.visit_body(&handler.body));
        }
        self.visit_body(&attempt.orelse);
        self.visit_body(&attempt.finalbody);
    }

    /// Whether the first handler that takes one of `exceptions` goes on instead of leaving.
    fn catches(&self, handlers: &[ExceptHandler], exceptions: &[&str]) -> bool {
        handlers
            .iter()
            .map(|ExceptHandler::ExceptHandler(handler)| handler)
            .find(|handler| self.handles(handler, exceptions))
            .is_some_and(|handler| !self.always_leaves(&handler.body))
    }

    fn handles(&self, handler: &ast::ExceptHandlerExceptHandler, exceptions: &[&str]) -> bool {
        handler.type_.as_deref().is_none_or(|caught| self.names_one_of(caught, exceptions))
    }

    fn names_one_of(&self, caught: &Expr, exceptions: &[&str]) -> bool {
        let single = std::slice::from_ref(caught);
        items_of(caught).unwrap_or(single).iter().filter_map(|name| self.path_of(name)).any(|path| {
            let name = path.strip_prefix("builtins.").unwrap_or(&path);
            exceptions.contains(&name)
        })
    }

    /// Whether a body ends in an exception or the end of the process, whatever happens in it.
    pub(super) fn always_leaves(&self, body: &[Stmt]) -> bool {
        self.leaves(body, false, 0)
    }

    fn leaves(&self, body: &[Stmt], by_return: bool, depth: usize) -> bool {
        if depth > 16 {
            return false;
        }
        for stmt in body {
            match stmt {
                Stmt::Raise(_) => return true,
                Stmt::Return(_) | Stmt::Continue(_) | Stmt::Break(_) => return by_return,
                Stmt::Expr(expr) if self.is_exit(&expr.value) => return true,
                Stmt::With(with) if self.leaves(&with.body, by_return, depth + 1) => return true,
                Stmt::If(branches) => {
                    let has_else = branches.elif_else_clauses.last().is_some_and(|last| last.test.is_none());
                    let all =
                        || clauses_of(branches).all(|(_, body)| self.leaves(body, by_return, depth + 1));
                    if has_else && all() {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }

    fn is_exit(&self, expr: &Expr) -> bool {
        let Expr::Call(call) = expr else { return false };
        self.path_of(&call.func).is_some_and(|path| EXITS.contains(&path.as_str()))
    }

    pub(super) fn with_statement(&mut self, with: &'t ast::StmtWith) {
        for item in &with.items {
            self.visit_with_item(item);
            if let Some(target) = &item.optional_vars {
                self.unbind(target);
            }
        }
        let module_caught =
            with.items.iter().any(|item| self.suppresses(&item.context_expr, &MISSING_MODULE));
        let key_caught = with.items.iter().any(|item| self.suppresses(&item.context_expr, &MISSING_KEY));
        self.caught_keys += usize::from(key_caught);
        self.guarded_by(module_caught.then_some(Guard::Caught), |walker| walker.visit_body(&with.body));
        self.caught_keys -= usize::from(key_caught);
    }

    fn suppresses(&self, context: &Expr, exceptions: &[&str]) -> bool {
        let Expr::Call(call) = context else { return false };
        let is_suppress = self
            .path_of(&call.func)
            .is_some_and(|path| matches!(path.as_str(), "contextlib.suppress" | "suppress"));
        is_suppress && call.arguments.args.iter().any(|caught| self.names_one_of(caught, exceptions))
    }
}

/// The tests and bodies of an `if` statement; the `else` has no test.
pub(super) fn clauses_of(branches: &ast::StmtIf) -> impl Iterator<Item = (Option<&Expr>, &[Stmt])> {
    let rest = branches.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), clause.body.as_slice()));
    std::iter::once((Some(&*branches.test), branches.body.as_slice())).chain(rest)
}

/// Whether a branch answers with a value that is no literal: `if env: return env`.
fn returns_a_value(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        Stmt::Return(returned) => {
            returned.value.as_deref().is_some_and(|value| !value.is_literal_expr() && !is_member(value))
        }
        _ => false,
    })
}
