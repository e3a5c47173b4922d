//! Variables whose absence the code itself answers by ending: `if not url: raise ...`, `assert url`.

use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, UnaryOp};

use super::environment::spoken_in_body;
use super::guards::Guard;
use super::literals::{dotted, items_of};
use super::presence::is_nothing;
use super::scope::Value;
use super::types::{Literal, ReadForm};
use super::walk::Walker;
use crate::Spanned;

/// Nested parts of a condition that are looked through.
const MAX_NESTING: usize = 8;

/// Names of one function that are known to hold a read.
const MAX_HELD: usize = 64;

/// Reads before a condition among which those that it asks about are looked for.
const MAX_READS: usize = 256;

/// What a name holds.
pub(super) struct Held {
    name: String,
    variables: Variables,
    /// The branches in which it was given that; in others it may hold something else.
    arms: Vec<(usize, usize)>,
    /// Whether it lists those that are missing; otherwise it has the value of the one.
    is_list: bool,
}

type Variables = Vec<Spanned<String>>;

impl Walker<'_> {
    /// Takes note of a name that holds what one read gave and nothing else, or a list of the variables that are missing.
    pub(super) fn held_read(&mut self, targets: &[Expr], value: &Expr) {
        let [target] = targets else { return };
        let Some(name) = dotted(target) else { return };
        let read = self.read_alone(value, 0);
        let is_list = read.is_none();
        let variables = read.unwrap_or_else(|| self.missing_of_list(value));
        self.frame.held.retain(|held| held.name != name);
        if !variables.is_empty() && self.frame.held.len() < MAX_HELD {
            self.frame.held.push(Held { name, variables, is_list, arms: self.arms.clone() });
        }
    }

    /// `if not url: raise ...`: the reads before it need what the condition finds absent.
    pub(super) fn refused_absence(&mut self, branches: &ast::StmtIf) {
        // A function that speaks of an environment may be called there alone.
        let speaks = || self.frame.lazy && !spoken_in_body(&branches.body).is_empty();
        if branches.elif_else_clauses.is_empty() && self.always_leaves(&branches.body) && !speaks() {
            let absent = self.absent_if(&branches.test, 0);
            self.need(&absent);
        }
    }

    /// `assert url`: so do those before this.
    pub(super) fn asserted_presence(&mut self, asserted: &ast::StmtAssert) {
        let absent = self.absent_unless(&asserted.test, 0);
        self.need(&absent);
    }

    fn need(&mut self, absent: &[Spanned<String>]) {
        let is_unsettled = !self.guards.iter().all(|guard| *guard == Guard::TypeChecking)
            || self.caught_errors > 0
            || self.frame.may_have_returned;
        if absent.is_empty() || is_unsettled {
            return;
        }
        let (function, within) = (self.function(), self.within());
        for read in self.module.env_reads.iter_mut().rev().take(MAX_READS) {
            if read.function != function || read.within != within || self.present.contains(&read.name.value) {
                continue;
            }
            let has_default = read
                .default
                .as_ref()
                .is_some_and(|default| default.literal != Some(Literal::None) && !default.text.is_empty());
            let is_asked = matches!(read.form, ReadForm::Get | ReadForm::Membership);
            let is_plain = is_asked && !read.wrapper && !read.conditional && !has_default;
            if is_plain && absent.contains(&read.name) {
                read.required = true;
                read.default = None;
            }
        }
    }

    /// The variables the absence of each of which makes `test` come out true.
    fn absent_if(&self, test: &Expr, depth: usize) -> Variables {
        if depth > MAX_NESTING {
            return Vec::new();
        }
        match test {
            Expr::UnaryOp(not) if not.op == UnaryOp::Not => self.absent_unless(&not.operand, depth + 1),
            Expr::BoolOp(any) if any.op == BoolOp::Or => {
                any.values.iter().flat_map(|value| self.absent_if(value, depth + 1)).collect()
            }
            Expr::Compare(compare) => match (&*compare.ops, &*compare.comparators) {
                ([CmpOp::Is | CmpOp::Eq], [right]) if is_nothing(right) => {
                    self.absent_unless(&compare.left, depth + 1)
                }
                ([CmpOp::NotIn], _) => self.membership(compare).unwrap_or_default(),
                // `len(missing) > 0`
                ([CmpOp::Gt], [_]) => self.counted(&compare.left),
                _ => Vec::new(),
            },
            Expr::Name(_) | Expr::Attribute(_) => self.held(test, true),
            _ => Vec::new(),
        }
    }

    /// The variables the absence of each of which makes `test` come out false.
    fn absent_unless(&self, test: &Expr, depth: usize) -> Variables {
        if depth > MAX_NESTING {
            return Vec::new();
        }
        if let Some(read) = self.read_alone(test, depth) {
            return read;
        }
        match test {
            Expr::BoolOp(all) if all.op == BoolOp::And => {
                all.values.iter().flat_map(|value| self.absent_unless(value, depth + 1)).collect()
            }
            Expr::Compare(compare) => match (&*compare.ops, &*compare.comparators) {
                ([CmpOp::IsNot | CmpOp::NotEq], [right]) if is_nothing(right) => {
                    self.absent_unless(&compare.left, depth + 1)
                }
                ([CmpOp::In], _) => self.membership(compare).unwrap_or_default(),
                _ => Vec::new(),
            },
            // `all([url, key])`
            Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "all") => {
                let items = call.arguments.find_positional(0).and_then(items_of).unwrap_or_default();
                items.iter().flat_map(|value| self.absent_unless(value, depth + 1)).collect()
            }
            Expr::Name(_) | Expr::Attribute(_) => self.held(test, false),
            _ => Vec::new(),
        }
    }

    /// What an expression reads that is nothing but a read, blanks around the value aside.
    fn read_alone(&self, expr: &Expr, depth: usize) -> Option<Variables> {
        match expr {
            Expr::Call(call) => {
                let stripped = match &*call.func {
                    Expr::Attribute(method)
                        if method.attr.as_str() == "strip" && call.arguments.is_empty() =>
                    {
                        Some(&method.value)
                    }
                    _ => None,
                };
                match stripped {
                    Some(inner) if depth <= MAX_NESTING => self.read_alone(inner, depth + 1),
                    _ => self.environment_read(expr).map(|read| read.names),
                }
            }
            Expr::Named(named) if depth <= MAX_NESTING => self.read_alone(&named.value, depth + 1),
            _ => None,
        }
    }

    /// `[name for name in REQUIRED if not os.getenv(name)]`: the names of the literal list.
    fn missing_of_list(&self, value: &Expr) -> Variables {
        let Expr::ListComp(list) = value else { return Vec::new() };
        let [generator] = list.generators.as_slice() else { return Vec::new() };
        let [condition] = generator.ifs.as_slice() else { return Vec::new() };
        let variable = dotted(&generator.target);
        let asked = match condition {
            Expr::UnaryOp(not) if not.op == UnaryOp::Not => self.read_by_name(&not.operand),
            Expr::Compare(compare) if matches!(&*compare.ops, [CmpOp::NotIn]) => self.read_by_name(condition),
            _ => None,
        };
        if variable.is_none() || dotted(&list.elt) != variable || asked != variable {
            return Vec::new();
        }
        match dotted(&generator.iter).and_then(|name| self.scopes.get(&name)) {
            Some(Value::Texts(texts)) => texts.clone(),
            _ => {
                let items = items_of(&generator.iter).unwrap_or_default();
                items.iter().filter_map(|item| self.source.plain_text_of(item)).collect()
            }
        }
    }

    fn counted(&self, expr: &Expr) -> Variables {
        match expr {
            Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "len") => {
                call.arguments.find_positional(0).map_or_else(Vec::new, |list| self.held(list, true))
            }
            _ => Vec::new(),
        }
    }

    /// The variables that a name holds: those of a list of missing ones, or the one whose value it has.
    fn held(&self, name: &Expr, is_list: bool) -> Variables {
        let Some(name) = dotted(name) else { return Vec::new() };
        let mut all = self.frame.held.iter();
        let held = all
            .find(|held| held.name == name && held.is_list == is_list && self.arms.starts_with(&held.arms));
        held.map_or_else(Vec::new, |held| held.variables.clone())
    }
}
